#include "run/capture_parts.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace espdump::run {
namespace {

using Members = std::vector<partial::Member>;

const partial::Source& source_of(const Members& members, const SourcePlace& place) {
  return members[place.member].ending().sources[place.source];
}
const partial::Part& part_of(const Members& members, const SourcePlace& place) {
  return source_of(members, place).part;
}

// Why `later` does not go on where `earlier` ends; empty: it does.
std::string why_apart(const Members& members, const SourcePlace& earlier, const SourcePlace& later) {
  const CapturePlace &end = part_of(members, earlier).end, &begin = part_of(members, later).begin;
  const std::string &before = members[earlier.member].path(), &behind = members[later.member].path();
  if (begin.offset < end.offset)
    return fmt::format(
        "its bytes {} to {} are in two partial results, {} and {}: make them of ranges that do not overlap",
        begin.offset, end.offset, before, behind);
  if (begin.offset > end.offset)
    return fmt::format("its bytes {} to {} are in no partial result: {} ends before them, and {} begins behind them",
                       end.offset, begin.offset, before, behind);
  if (begin.descriptions != end.descriptions)
    return fmt::format(
        "an interface is described between its packets before byte {}, of which {} does not know: "
        "analyse it whole",
        end.offset, behind);
  return {};
}

bool is_damaged(const Members& members, const SourcePlace& place) {
  return !members[place.member].ending().damages.empty();
}

// In order, each going on where the one before ends, from the beginning to the end.
Status put_together(const Members& members, std::vector<SourcePlace>& parts, std::vector<std::string>& notes) {
  std::sort(parts.begin(), parts.end(), [&](const SourcePlace& one, const SourcePlace& other) {
    const auto key = [](const partial::Part& part) {
      return std::tuple(part.begin.offset, part.end.offset, !part.is_first, part.is_last);
    };
    return key(part_of(members, one)) < key(part_of(members, other));
  });
  const std::string& name = source_of(members, parts.front()).name;
  if (const partial::Part& first = part_of(members, parts.front()); !first.is_first)
    return fail(fmt::format("its bytes before {} are in no partial result", first.begin.offset), name);
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (is_damaged(members, parts[i - 1])) {
      notes.push_back(fmt::format("{}: damaged at byte {}; the ranges behind it are left out, as one run leaves them",
                                  name, part_of(members, parts[i - 1]).end.offset));
      parts.resize(i);
      return Nothing{};
    }
    const std::string wrong = why_apart(members, parts[i - 1], parts[i]);
    if (!wrong.empty()) return fail(wrong, name);
  }
  if (const partial::Part& last = part_of(members, parts.back()); !last.is_last)
    return fail(fmt::format("its bytes from {} on are in no partial result", last.end.offset), name);
  return Nothing{};
}

}  // namespace

Result<std::vector<CaptureParts>> captures_of(const Members& members, std::vector<std::string>& notes) {
  std::vector<CaptureParts> out;
  std::map<std::pair<std::string, std::string>, std::size_t> in_ranges;
  for (std::size_t member = 0; member < members.size(); ++member)
    for (std::size_t source = 0; source < members[member].ending().sources.size(); ++source) {
      const SourcePlace place{member, source};
      const std::string& beginning = part_of(members, place).beginning;
      if (beginning.empty()) {
        out.push_back({{place}, false});
        continue;
      }
      const auto [known, is_new] = in_ranges.try_emplace({source_of(members, place).name, beginning}, out.size());
      if (is_new) out.push_back({{}, true});
      out[known->second].parts.push_back(place);
    }
  for (CaptureParts& capture : out)
    if (capture.in_ranges)
      if (Status whole = put_together(members, capture.parts, notes); !whole) return Unexpected{whole.error()};
  return out;
}

}  // namespace espdump::run
