#include "run/partial_set.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/core.h>

namespace espdump::run {
namespace {

// Equal where the same bytes of the same capture were read; empty: nobody knows which. A task that ran again may have
// had the capture elsewhere, but under its name; one without frames is like any other such one.
std::string identity(const partial::Source& source) {
  const partial::Part& part = source.part;
  if (source.sha256.empty()) return {};
  const std::string name = source.frames == 0 ? source.name : source.name.substr(source.name.rfind('/') + 1);
  return fmt::format("{} {} {} {} {} {}", source.sha256, part.beginning, part.begin.offset, part.is_first, part.is_last,
                     name);
}

// Which of them are sources of the members.
using Known = std::set<std::string>;

// To the others, unless it is among them.
Status take(partial::Member member, std::vector<partial::Member>& members, Known& all,
            std::vector<std::string>& notes) {
  const auto& sources = member.ending().sources;
  const auto is_known = [&](const partial::Source& one) { return all.count(identity(one)) != 0; };
  const auto known = static_cast<std::size_t>(std::count_if(sources.begin(), sources.end(), is_known));
  if (known != 0 && known != sources.size())
    return fail("has some captures that others have, too, and some that they do not; make it anew without the former",
                member.path());
  if (known != 0) {
    notes.push_back(fmt::format("{}: {} is there already, and counts once", member.path(), sources.front().name));
    return Nothing{};
  }
  if (!members.empty() && member.likeness() != members.front().likeness())
    return fail(fmt::format("was made with other keys, options or another version than {}; make both with the same",
                            members.front().path()),
                member.path());
  for (const partial::Source& source : sources)
    if (!source.sha256.empty()) all.insert(identity(source));
  members.push_back(std::move(member));
  return Nothing{};
}

}  // namespace

Result<std::vector<partial::Member>> open_partials(const std::vector<std::string>& paths,
                                                   std::vector<std::string>& notes) {
  std::vector<partial::Member> out;
  Known all;
  for (const std::string& path : paths) {
    auto members = partial::open_partial(path);
    if (!members) return Unexpected{members.error()};
    for (partial::Member& member : *members)
      if (const Status taken = take(std::move(member), out, all, notes); !taken) return Unexpected{taken.error()};
  }
  return out;
}

Result<PartialSet> PartialSet::of(std::vector<partial::Member> members, std::vector<std::string>& notes) {
  constexpr std::size_t most_files = 65536;  // Frame::file has 16 bits
  PartialSet out;
  out.members_ = std::move(members);
  auto captures = captures_of(out.members_, notes);
  if (!captures) return Unexpected{captures.error()};
  out.order(std::move(*captures));
  if (out.names_.size() > most_files) return fail(fmt::format("more than {} captures", most_files));
  return out;
}

// Captures in the order of their first frames.
void PartialSet::order(std::vector<CaptureParts> captures) {
  const auto source = [&](const SourcePlace& place) -> const partial::Source& {
    return members_[place.member].ending().sources[place.source];
  };
  const auto first = [&](const CaptureParts& capture) -> const partial::Source& {
    for (const SourcePlace& part : capture.parts)
      if (source(part).frames != 0) return source(part);
    return source(capture.parts.front());
  };
  const auto key = [&](const CaptureParts& capture) {
    const partial::Source& one = first(capture);
    return std::tuple(one.frames == 0, one.first_time, std::tie(one.name, one.sha256));
  };
  std::stable_sort(captures.begin(), captures.end(),
                   [&](const CaptureParts& one, const CaptureParts& other) { return key(one) < key(other); });
  places_.resize(members_.size());
  heads_.resize(members_.size());
  borders_.resize(members_.size());
  for (std::size_t member = 0; member < members_.size(); ++member)
    places_[member].files.resize(members_[member].ending().sources.size());
  for (const CaptureParts& capture : captures) {
    take_in(capture);
    names_.push_back(source(capture.parts.front()).name);
  }
}

// Parts of a capture follow each other, whatever its clock did.
void PartialSet::take_in(const CaptureParts& capture) {
  FrameNumber frames = 0;
  std::optional<std::size_t> before;
  for (const SourcePlace& part : capture.parts) {
    Place& place = places_[part.member];
    place.files[part.source] = static_cast<std::uint16_t>(names_.size());
    place.is_wanted = true;
    if (!capture.in_ranges) continue;
    place.frames_before = frames;
    frames += members_[part.member].ending().sources[part.source].part.records;
    place.waits = before.has_value();
    if (before) places_[*before].follower = part.member;
    before = part.member;
  }
}

bool PartialSet::is_later(std::size_t one, std::size_t other) const {
  return std::pair{heads_[one].time, heads_[one].file} > std::pair{heads_[other].time, heads_[other].file};
}

// Reads the next frame of a member, or of the one that goes on where it ends: whose frame it is.
std::optional<std::size_t> PartialSet::advance(std::size_t member) {
  give_back(heads_[member]);
  while (!members_[member].next(heads_[member])) {
    heads_[member] = FrameRecord{};
    const std::optional<std::size_t> follower = places_[member].follower;
    if (!follower) return std::nullopt;
    member = *follower;
  }
  FrameRecord& head = heads_[member];
  head.file = places_[member].files[head.file];
  head.number += places_[member].frames_before;
  return member;
}

void PartialSet::wait(std::size_t member) {
  heap_.push_back(member);
  std::push_heap(heap_.begin(), heap_.end(), [&](std::size_t one, std::size_t other) { return is_later(one, other); });
}

// Nothing where that one had not been begun: now it waits with its first frame, if it has any.
std::optional<std::size_t> PartialSet::earliest_waiting() {
  std::pop_heap(heap_.begin(), heap_.end(), [&](std::size_t one, std::size_t other) { return is_later(one, other); });
  const std::size_t member = heap_.back();
  heap_.pop_back();
  if (!std::exchange(places_[member].is_unread, false)) return member;
  if (const auto read = advance(member)) wait(*read);
  return std::nullopt;
}

// Of thousands of partial results few are about one time, and only these need memory for their frames.
void PartialSet::wait_unread(std::size_t member) {
  using Key = std::pair<std::int64_t, std::uint16_t>;
  std::optional<Key> first;
  const auto& sources = members_[member].ending().sources;
  for (std::size_t at = 0; at < sources.size(); ++at) {
    const Key key{sources[at].first_time, places_[member].files[at]};
    if (sources[at].frames != 0 && (!first || key < *first)) first = key;
  }
  const Key at_once{std::numeric_limits<std::int64_t>::min(), 0};
  std::tie(heads_[member].time.nanoseconds, heads_[member].file) = first.value_or(at_once);
  places_[member].is_unread = true;
  wait(member);
}

// Mostly the member that gave the last one.
const FrameRecord* PartialSet::next() {
  if (!std::exchange(started_, true))
    for (std::size_t member = 0; member < members_.size(); ++member)
      if (places_[member].is_wanted && !places_[member].waits) wait_unread(member);
  if (given_) given_ = advance(*given_);
  if (given_ && !heap_.empty() && is_later(*given_, heap_.front())) {
    wait(*given_);
    given_.reset();
  }
  while (!given_ && !heap_.empty()) given_ = earliest_waiting();
  if (!given_) return nullptr;
  look_at(heads_[*given_], borders_[*given_]);
  return &heads_[*given_];
}

void PartialSet::look_at(const FrameRecord& frame, Border& border) {
  border.is_first = border.is_first || std::exchange(begins_, false);
  for (const ChainRecord& chain : frame.chains) {
    border.has_stream = border.has_stream || (!chain.pieces.empty() && chain.pieces[0].claim.space == Space::internal);
    // Child SAs follow from exchanges that may have begun before, even where this message can be opened.
    const bool of_exchange = chain.ike && chain.ike->sealed != IkeSealed::cleartext;
    const bool unopened = std::any_of(chain.sealed.begin(), chain.sealed.end(),
                                      [](const SealedRecord& one) { return one.tries.empty(); });
    border.wants_keys = border.wants_keys || of_exchange || unopened;
  }
}

std::string PartialSet::torn(bool ike_keys) const {
  const ReassemblyStatistics left = reassembly();
  const bool in_pieces = left.datagrams.count() + left.streams.count() + left.aggfrag != 0;
  for (std::size_t member = 0; member < members_.size(); ++member) {
    const Border& border = borders_[member];
    if (!members_[member].ending().alone || border.is_first) continue;
    // What comes shortly before a range was looked at.
    const bool lacks_pieces = in_pieces && !places_[member].waits;
    if (lacks_pieces || border.has_stream || (ike_keys && border.wants_keys)) return members_[member].path();
  }
  return {};
}

ReassemblyStatistics PartialSet::reassembly() const {
  ReassemblyStatistics out;
  for (std::size_t member = 0; member < members_.size(); ++member) {
    if (!places_[member].is_wanted) continue;
    const ReassemblyStatistics& one = members_[member].ending().reassembly;
    out.datagrams.add(one.datagrams);
    out.streams.add(one.streams);
    out.aggfrag += one.aggfrag;
  }
  return out;
}

std::uint64_t PartialSet::ike_messages() const {
  std::uint64_t out = 0;
  for (std::size_t member = 0; member < members_.size(); ++member)
    if (places_[member].is_wanted) out += members_[member].ending().ike_messages;
  return out;
}

std::vector<Error> PartialSet::damages() const {
  std::vector<std::pair<std::uint16_t, Error>> sorted;
  for (std::size_t member = 0; member < members_.size(); ++member) {
    if (!places_[member].is_wanted) continue;
    for (const auto& damage : members_[member].ending().damages) {
      const auto& sources = members_[member].ending().sources;
      const auto at = std::find_if(sources.begin(), sources.end(),
                                   [&](const partial::Source& one) { return one.name == damage.second; });
      const auto place = at == sources.end() ? std::uint16_t{0}
                                             : places_[member].files[static_cast<std::size_t>(at - sources.begin())];
      sorted.emplace_back(place, Error{damage.first, damage.second});
    }
  }
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& one, const auto& other) { return one.first < other.first; });
  std::vector<Error> out;
  out.reserve(sorted.size());
  for (auto& [place, error] : sorted) out.push_back(std::move(error));
  for (const partial::Member& member : members_)
    if (member.damage()) out.push_back(*member.damage());
  return out;
}

}  // namespace espdump::run
