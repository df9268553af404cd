// Frames count from 1 as in the file that was written.
#include "report/gateway_plants.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <fmt/core.h>

namespace espdump {
namespace {

using Json = rapidjson::Writer<rapidjson::StringBuffer>;

void text(Json& json, std::string_view name, std::string_view value) {
  json.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}
void number(Json& json, std::string_view name, std::uint64_t value) {
  json.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  json.Uint64(value);
}

template <typename Fill>
void line(std::string& out, std::string_view type, Fill fill) {
  rapidjson::StringBuffer buffer;
  Json json(buffer);
  json.StartObject();
  text(json, "type", type);
  fill(json);
  json.EndObject();
  out.append(buffer.GetString(), buffer.GetSize());
  out += '\n';
}

}  // namespace

std::string plants_json(const AttackMaker& maker) {
  std::string out;
  for (const Plant& plant : maker.planted())
    line(out, "planted", [&](Json& json) {
      number(json, "frame", plant.frame);
      text(json, "kind", plant.kind);
      text(json, "expect", plant.passes ? "forward" : "drop");
      number(json, "of", plant.of);
      number(json, "sa", plant.sa);
      text(json, "spi", fmt::format("0x{:08x}", plant.spi));
      number(json, "seq", plant.sequence);
      text(json, "detail", plant.detail);
    });
  line(out, "summary", [&](Json& json) {
    number(json, "frames", maker.frames());
    number(json, "usable", maker.usable());
    number(json, "planted", maker.planted().size());
    json.Key("skipped");
    json.StartArray();
    for (const SkippedPlant& skipped : maker.skipped()) {
      json.StartObject();
      text(json, "kind", skipped.kind);
      text(json, "why", skipped.why);
      json.EndObject();
    }
    json.EndArray();
  });
  return out;
}

}  // namespace espdump
