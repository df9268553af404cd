#include "report/json_line.hpp"

#if defined(__SSE2__)
#define RAPIDJSON_SSE2  // looks for what must be escaped 16 bytes at a time
#endif
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <string>

#include "report/text_util.hpp"

namespace espdump {

struct JsonLine::State {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};
};

JsonLine::JsonLine() : state_(std::make_unique<State>()) {}
JsonLine::~JsonLine() = default;

void JsonLine::start_line(std::string_view type) {
  state_->buffer.Clear();
  state_->writer.Reset(state_->buffer);
  begin();
  text("type", type);
}

std::string_view JsonLine::end_line() {
  end();
  state_->buffer.Put('\n');
  return {state_->buffer.GetString(), state_->buffer.GetSize()};
}

JsonLine& JsonLine::key(std::string_view name) {
  state_->writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  return *this;
}

void JsonLine::text(std::string_view value) {
  if (is_ascii(value)) {
    state_->writer.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
    return;
  }
  const std::string clean = valid_utf8(value);
  state_->writer.String(clean.data(), static_cast<rapidjson::SizeType>(clean.size()));
}

void JsonLine::number(std::uint64_t value) { state_->writer.Uint64(value); }
void JsonLine::signed_number(std::int64_t value) { state_->writer.Int64(value); }
void JsonLine::real(double value) { state_->writer.Double(value); }
void JsonLine::boolean(bool value) { state_->writer.Bool(value); }
void JsonLine::begin() { state_->writer.StartObject(); }
void JsonLine::end() { state_->writer.EndObject(); }
void JsonLine::begin_list() { state_->writer.StartArray(); }
void JsonLine::end_list() { state_->writer.EndArray(); }

}  // namespace espdump
