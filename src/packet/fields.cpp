// The list of named fields that a layer describes itself with.
#include <espdump/assert.hpp>
#include <espdump/fields.hpp>

#include <fmt/core.h>

#include <utility>

#include "base/append.hpp"
#include "base/pseudonyms.hpp"

namespace espdump {
namespace {

constexpr std::size_t bytes_shown = 32;

std::string with_meaning(std::string value, std::string_view meaning) {
  if (meaning.empty()) return value;
  return fmt::format("{} ({})", value, meaning);
}

}  // namespace

void FieldSink::add(std::string_view name, Where where, std::string value) {
  fields_.push_back({std::string{name}, std::move(value), where, depth_, false});
}

void FieldSink::number(std::string_view name, Where where, std::uint64_t value, std::string_view meaning) {
  add(name, where, with_meaning(fmt::format("{}", value), meaning));
}

void FieldSink::hex(std::string_view name, Where where, std::uint64_t value, int digits, std::string_view meaning) {
  add(name, where, with_meaning(fmt::format("0x{:0{}x}", value, digits), meaning));
}

void FieldSink::flag(std::string_view name, Where where, bool value) { add(name, where, value ? "set" : "not set"); }

void FieldSink::text(std::string_view name, Where where, std::string_view value) { add(name, where, printable(value)); }

void FieldSink::safe_text(std::string_view name, Where where, std::string_view value) {
  add(name, where, std::string{value});
}

void FieldSink::address(std::string_view name, Where where, const IpAddress& value) {
  add(name, where, value.to_string());
}

void FieldSink::bytes(std::string_view name, Where where, Bytes value) {
  std::string text;
  if (pseudonyms() != nullptr)
    return add(name, where, fmt::format("{} bytes", value.size()));  // they may hold addresses
  for (const std::uint8_t byte : value.first(value.size() < bytes_shown ? value.size() : bytes_shown))
    append(text, "{:02x}", byte);
  if (value.size() > bytes_shown) append(text, "... ({} bytes)", value.size());
  add(name, where, std::move(text));
}

void FieldSink::begin(std::string_view name, Where where, std::string_view value) {
  add(name, where, printable(value));
  ESPDUMP_ASSERT(depth_ < 255);
  ++depth_;
}

void FieldSink::end() {
  ESPDUMP_ASSERT(depth_ > 0);
  --depth_;
}

}  // namespace espdump
