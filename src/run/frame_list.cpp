#include "run/frame_list.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <string>

namespace espdump::run {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') + 1 - first);
}

// A number from 1 on.
std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size() || out == 0) return std::nullopt;
  return out;
}

}  // namespace

Result<FrameList::Range> FrameList::range(std::string_view part) {
  const Unexpected trouble =
      fail("'" + std::string{part} + "' is no frame, nor a range of frames as in 42-44 or 170- or 2:7");
  Range out;
  std::string_view numbers = part;
  if (const std::size_t colon = numbers.find(':'); colon != std::string_view::npos) {
    const auto file = number(numbers.substr(0, colon));
    if (!file) return trouble;
    out.file = *file;
    numbers.remove_prefix(colon + 1);
  }
  const std::size_t dash = std::min(numbers.find('-'), numbers.size());
  const auto first = number(numbers.substr(0, dash));
  auto last = first;
  if (dash + 1 == numbers.size()) last = std::numeric_limits<std::uint64_t>::max();
  if (dash + 1 < numbers.size()) last = number(numbers.substr(dash + 1));
  if (!first || !last || *last < *first) return trouble;
  out.first = *first;
  out.last = *last;
  return out;
}

Result<FrameList> FrameList::parse(std::string_view text) {
  FrameList out;
  for (;;) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const auto part = range(trimmed(text.substr(0, comma)));
    if (!part) return Unexpected{part.error()};
    out.ranges_.push_back(*part);
    if (comma == text.size()) return out;
    text.remove_prefix(comma + 1);
  }
}

bool FrameList::has(std::size_t file, std::uint64_t frame) const {
  return std::any_of(ranges_.begin(), ranges_.end(), [&](const Range& range) {
    return (range.file == 0 || range.file == file + 1) && frame >= range.first && frame <= range.last;
  });
}

}  // namespace espdump::run
