#include "report/json_line.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>

#include "report/json_memory.hpp"
#include "report/text_util.hpp"

namespace espdump {
namespace {

// Eight bytes at a time: not zero where some byte is below the limit, the one wanted, or 0x7f and above. What the first
// two say counts only where the third says zero.
constexpr std::uint64_t ones = 0x0101'0101'0101'0101, high_bits = 0x80 * ones;
constexpr std::uint64_t below(std::uint64_t bytes, std::uint64_t limit) {
  return (bytes - limit * ones) & ~bytes & high_bits;
}
constexpr std::uint64_t equal(std::uint64_t bytes, unsigned char wanted) { return below(bytes ^ wanted * ones, 1); }
constexpr std::uint64_t from_0x7f_on(std::uint64_t bytes) { return (bytes | (bytes + ones)) & high_bits; }

// Whether one of them is escaped, or no ASCII.
constexpr std::uint64_t has_special(std::uint64_t bytes) {
  return below(bytes, 0x20) | equal(bytes, '"') | equal(bytes, '\\') | from_0x7f_on(bytes);
}

template <typename Word>
std::uint64_t load(const char* from) {
  Word word = 0;
  std::memcpy(&word, from, sizeof word);
  return word;
}

// Nothing in it is escaped. (RapidJSON's own search with SSE2 would leave some control characters as they are.)
bool is_plain(std::string_view text) {
  const char *const begin = text.data(), *const end = begin + text.size();
  if (text.size() < 4) {
    std::uint64_t bytes = 'a' * ones;
    for (const char c : text) bytes = bytes << 8 | static_cast<unsigned char>(c);
    return has_special(bytes) == 0;
  }
  if (text.size() < 8) return has_special(load<std::uint32_t>(begin) << 32 | load<std::uint32_t>(end - 4)) == 0;
  std::uint64_t found = has_special(load<std::uint64_t>(end - 8));
  for (const char* at = begin; at + 8 <= end; at += 8) found |= has_special(load<std::uint64_t>(at));
  return found == 0;
}

using Text = rapidjson::UTF8<>;
using LineBuffer = rapidjson::GenericStringBuffer<Text, JsonMemory>;
using BaseWriter = rapidjson::Writer<LineBuffer, Text, Text, JsonMemory>;

// Also writes strings in which nothing is escaped, which most are: as they are.
class LineWriter : public BaseWriter {
 public:
  using BaseWriter::BaseWriter;

  void plain(std::string_view value) {
    Prefix(rapidjson::kStringType);
    char* const out = os_->Push(value.size() + 2);
    out[0] = '"';
    std::copy(value.begin(), value.end(), out + 1);
    out[value.size() + 1] = '"';
    EndValue(true);
  }

  // RapidJSON's own goes through a second buffer, unless it is of the kind that it knows.
  void digits(std::uint64_t value) {
    constexpr std::size_t most = 20;
    Prefix(rapidjson::kNumberType);
    char* const out = os_->Push(most);
    const char* const end = std::to_chars(out, out + most, value).ptr;
    os_->Pop(most - static_cast<std::size_t>(end - out));
    EndValue(true);
  }
};

}  // namespace

struct JsonLine::State {
  LineBuffer buffer;
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

void JsonLine::number(std::uint64_t value) { state_->writer.digits(value); }
void JsonLine::signed_number(std::int64_t value) { state_->writer.Int64(value); }
void JsonLine::real(double value) { state_->writer.Double(value); }
void JsonLine::boolean(bool value) { state_->writer.Bool(value); }
void JsonLine::raw(std::string_view json) { state_->writer.RawValue(json.data(), json.size(), rapidjson::kObjectType); }
void JsonLine::begin() { state_->writer.StartObject(); }
void JsonLine::end() { state_->writer.EndObject(); }
void JsonLine::begin_list() { state_->writer.StartArray(); }
void JsonLine::end_list() { state_->writer.EndArray(); }

}  // namespace espdump
