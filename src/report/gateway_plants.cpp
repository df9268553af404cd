// Frames count from 1 as in the file that was written.
#include "report/gateway_plants.hpp"

#include <fmt/core.h>

#include "report/json_line.hpp"

namespace espdump {

std::string plants_json(const AttackMaker& maker) {
  JsonLine json;
  std::string out;
  for (const Plant& plant : maker.planted()) {
    json.start_line("planted");
    json.number("frame", plant.frame);
    json.text("kind", plant.kind);
    json.text("expect", to_string(plant.expected));
    json.number("of", plant.of);
    json.number("sa", plant.sa);
    json.text("spi", fmt::format("0x{:08x}", plant.spi));
    json.number("seq", plant.sequence);
    json.text("detail", plant.detail);
    out += json.end_line();
  }
  json.start_line("summary");
  json.number("frames", maker.frames());
  json.number("usable", maker.usable());
  json.number("planted", maker.planted().size());
  json.key("skipped");
  json.begin_list();
  for (const SkippedPlant& skipped : maker.skipped()) {
    json.begin();
    json.text("kind", skipped.kind);
    json.text("why", skipped.why);
    json.end();
  }
  json.end_list();
  return out += json.end_line();
}

}  // namespace espdump
