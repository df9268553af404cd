// Small text tools of the reporters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace espdump {

// The text with each byte that is no valid UTF-8 replaced by U+FFFD.
std::string valid_utf8(std::string_view text);
// The text with control characters (newlines too) shown as \xNN, fit for a terminal; valid UTF-8.
std::string terminal_safe(std::string_view text);
// Appends the number in decimal, with `fill` before it to at least `width` characters.
void add_number(std::string& out, std::uint64_t number, std::size_t width = 1, char fill = ' ');
// Columns the text takes on a terminal; every character counts as one.
std::size_t columns(std::string_view text);
// The text, padded with spaces to at least `width` columns.
std::string padded(std::string_view text, std::size_t width);
// Lines of at most `width` columns, each behind `indent` spaces, from the second on `hanging` more; breaks only at
// spaces, keeps newlines.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width, std::size_t hanging = 0);

}  // namespace espdump
