// Times and ends of SAs in the output of `ip xfrm monitor` (iproute2, ip/xfrm_monitor.c and lib/utils.c).
#include "keys/xfrm_monitor.hpp"

#include <array>
#include <ctime>
#include <utility>

#include "keys/text.hpp"

namespace espdump::keys {
namespace {

// "Nov" as 10.
std::optional<int> month_of(std::string_view name) {
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  for (std::size_t i = 0; i < months.size(); ++i)
    if (months[i] == name) return static_cast<int>(i);
  return std::nullopt;
}

// A number between two bounds that `end` ends; takes both off the text.
std::optional<int> take_number(std::string_view& text, char end, std::uint32_t least, std::uint32_t most) {
  const std::size_t length = std::min(text.find(end), text.size());
  const auto value = number(text.substr(0, length));
  text.remove_prefix(std::min(length + 1, text.size()));
  if (!value || *value < least || *value > most) return std::nullopt;
  return static_cast<int>(*value);
}

bool take_clock(std::string_view text, std::tm& time) {
  const auto hour = take_number(text, ':', 0, 23), minute = take_number(text, ':', 0, 59),
             second = take_number(text, '\0', 0, 60);
  if (!hour || !minute || !second) return false;
  time.tm_hour = *hour, time.tm_min = *minute, time.tm_sec = *second;
  return true;
}

std::optional<Timestamp> in_local_time(std::tm time, std::uint32_t microseconds) {
  time.tm_isdst = -1;
  const std::time_t seconds = std::mktime(&time);
  if (seconds < 0) return std::nullopt;
  return Timestamp{std::int64_t{seconds} * 1'000'000'000 + std::int64_t{microseconds} * 1000};
}

constexpr std::uint32_t first_year = 1970, last_year = 2115;  // what a Timestamp holds

std::optional<Timestamp> long_form(std::string_view text) {
  Words words(text);
  words.next();  // the day of the week
  const auto month = month_of(words.next());
  auto day = words.next();
  const auto clock = words.next();
  auto year = words.next();
  const auto microseconds = number(words.next());
  const auto day_of_month = take_number(day, ' ', 1, 31), full_year = take_number(year, ' ', first_year, last_year);
  std::tm time{};
  if (!month || !day_of_month || !full_year || !take_clock(clock, time)) return std::nullopt;
  time.tm_mon = *month, time.tm_mday = *day_of_month, time.tm_year = *full_year - 1900;
  return in_local_time(time, microseconds.value_or(0) % 1'000'000);
}

std::optional<Timestamp> short_form(std::string_view text) {
  const auto year = take_number(text, '-', first_year, last_year), month = take_number(text, '-', 1, 12),
             day = take_number(text, 'T', 1, 31);
  const std::size_t point = std::min(text.find('.'), text.size());
  const auto microseconds = number(text.substr(std::min(point + 1, text.size())));
  std::tm time{};
  if (!year || !month || !day || !take_clock(text.substr(0, point), time)) return std::nullopt;
  time.tm_year = *year - 1900, time.tm_mon = *month - 1, time.tm_mday = *day;
  return in_local_time(time, microseconds.value_or(0) % 1'000'000);
}

}  // namespace

std::optional<Timestamp> monitor_time(std::string_view text) {
  return !text.empty() && is_decimal(text.front()) ? short_form(text) : long_form(text);
}

void Lives::seen(std::uint32_t index) {
  SecurityAssociation& sa = table_.at(index);
  if (ended_.erase(index) != 0) {
    sa.ending = Ending::none;
    sa.ended.reset();
  }
  (sa.protocol == IpsecProtocol::ah ? ah_ : esp_).push_back(index);
}

void Lives::end(std::uint32_t index, Ending ending, std::optional<Timestamp> time) {
  SecurityAssociation& sa = table_.at(index);
  ended_.insert(index);
  const bool earlier = time && (!sa.ended || *time < *sa.ended);
  if (sa.ending != Ending::none && !earlier) return;
  sa.ending = ending;
  sa.ended = time;
}

void Lives::flush(std::string_view protocol, std::optional<Timestamp> time) {
  const auto all_of = [&](std::vector<std::uint32_t>& alive) {
    for (const std::uint32_t index : std::exchange(alive, {}))
      if (table_.at(index).ending == Ending::none) end(index, Ending::deleted, time);
  };
  const bool every = protocol == "0" || protocol.empty();
  if (every || protocol == "esp") all_of(esp_);
  if (every || protocol == "ah") all_of(ah_);
}

}  // namespace espdump::keys
