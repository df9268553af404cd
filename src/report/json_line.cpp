#include "report/json_line.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <string>

#include "report/text_util.hpp"

namespace espdump {
namespace {

// Nothing in it is escaped. (RapidJSON's own search with SSE2 would leave some control characters as they are.)
bool is_plain(std::string_view text) {
  bool plain = true;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    plain = plain & (byte >= 0x20) & (byte < 0x7f) & (c != '"') & (c != '\\');
  }
  return plain;
}

// Also writes strings in which nothing is escaped, which most are: as they are.
class LineWriter : public rapidjson::Writer<rapidjson::StringBuffer> {
 public:
  using rapidjson::Writer<rapidjson::StringBuffer>::Writer;

  void plain(std::string_view value) {
    Prefix(rapidjson::kStringType);
    char* const out = os_->Push(value.size() + 2);
    out[0] = '"';
    std::copy(value.begin(), value.end(), out + 1);
    out[value.size() + 1] = '"';
    EndValue(true);
  }
};

}  // namespace

struct JsonLine::State {
  rapidjson::StringBuffer buffer;
  LineWriter writer{buffer};
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
  state_->writer.plain(name);
  return *this;
}

void JsonLine::text(std::string_view value) {
  if (is_plain(value)) {
    state_->writer.plain(value);
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
