#include "run/partial_set.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/core.h>

namespace espdump::run {
namespace {

bool has(const std::vector<partial::Member>& members, const partial::Source& wanted) {
  return std::any_of(members.begin(), members.end(), [&](const partial::Member& member) {
    const auto& sources = member.ending().sources;
    return std::any_of(sources.begin(), sources.end(),
                       [&](const partial::Source& one) { return !one.sha256.empty() && one.sha256 == wanted.sha256; });
  });
}

}  // namespace

Result<PartialSet> PartialSet::open(const std::vector<std::string>& paths, std::vector<std::string>& notes) {
  PartialSet out;
  for (const std::string& path : paths) {
    auto members = partial::open_partial(path);
    if (!members) return Unexpected{members.error()};
    for (partial::Member& member : *members)
      if (const Status taken = out.take(std::move(member), notes); !taken) return Unexpected{taken.error()};
  }
  constexpr std::size_t most_files = 65536;  // Frame::file has 16 bits
  out.order();
  if (out.names_.size() > most_files) return fail(fmt::format("more than {} captures", most_files));
  return out;
}

Status PartialSet::take(partial::Member member, std::vector<std::string>& notes) {
  const auto& sources = member.ending().sources;
  const auto known = static_cast<std::size_t>(
      std::count_if(sources.begin(), sources.end(), [&](const partial::Source& one) { return has(members_, one); }));
  if (known != 0 && known != sources.size())
    return fail("has some captures that others have, too, and some that they do not; make it anew without the former",
                member.path());
  if (known != 0) {
    notes.push_back(fmt::format("{}: {} is there already, and counts once", member.path(), sources.front().name));
    return Nothing{};
  }
  if (!members_.empty() && member.likeness() != members_.front().likeness())
    return fail(fmt::format("was made with other keys, options or another version than {}; make both with the same",
                            members_.front().path()),
                member.path());
  members_.push_back(std::move(member));
  return Nothing{};
}

void PartialSet::order() {
  struct Place {
    std::size_t member, file;
    const partial::Source& source;
  };
  const auto key = [](const Place& place) {
    return std::tuple(place.source.frames == 0, place.source.first_time,
                      std::tie(place.source.name, place.source.sha256));
  };
  std::vector<Place> all;
  for (std::size_t member = 0; member < members_.size(); ++member)
    for (std::size_t file = 0; file < members_[member].ending().sources.size(); ++file)
      all.push_back({member, file, members_[member].ending().sources[file]});
  std::vector<const Place*> sorted;
  sorted.reserve(all.size());
  for (const Place& place : all) sorted.push_back(&place);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](const Place* one, const Place* other) { return key(*one) < key(*other); });
  file_.resize(members_.size());
  heads_.resize(members_.size());
  borders_.resize(members_.size());
  for (std::size_t member = 0; member < members_.size(); ++member)
    file_[member].resize(members_[member].ending().sources.size());
  for (const Place* place : sorted) {
    file_[place->member][place->file] = static_cast<std::uint16_t>(names_.size());
    names_.push_back(place->source.name);
  }
}

bool PartialSet::is_later(std::size_t one, std::size_t other) const {
  return std::pair{heads_[one].time, heads_[one].file} > std::pair{heads_[other].time, heads_[other].file};
}

bool PartialSet::advance(std::size_t member) {
  FrameRecord& head = heads_[member];
  if (!members_[member].next(head)) return false;
  head.file = file_[member][head.file];
  heap_.push_back(member);
  std::push_heap(heap_.begin(), heap_.end(), [&](std::size_t one, std::size_t other) { return is_later(one, other); });
  return true;
}

const FrameRecord* PartialSet::next() {
  if (!std::exchange(started_, true))
    for (std::size_t member = 0; member < members_.size(); ++member) advance(member);
  if (std::exchange(is_given_, false)) advance(given_);
  if (heap_.empty()) return nullptr;
  std::pop_heap(heap_.begin(), heap_.end(), [&](std::size_t one, std::size_t other) { return is_later(one, other); });
  given_ = heap_.back();
  look_at(heads_[given_], borders_[given_]);
  is_given_ = true;
  heap_.pop_back();
  return &heads_[given_];
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
  const bool in_pieces = left.incomplete + left.stream_gaps + left.aggfrag != 0;
  for (std::size_t member = 0; member < members_.size(); ++member)
    if (const Border& border = borders_[member]; members_[member].ending().alone && !border.is_first)
      if (in_pieces || border.has_stream || (ike_keys && border.wants_keys)) return members_[member].path();
  return {};
}

ReassemblyStatistics PartialSet::reassembly() const {
  ReassemblyStatistics out;
  for (const partial::Member& member : members_) {
    const ReassemblyStatistics& one = member.ending().reassembly;
    out.incomplete += one.incomplete;
    out.evicted += one.evicted;
    out.overlaps += one.overlaps;
    out.refused += one.refused;
    out.stream_gaps += one.stream_gaps;
    out.streams_evicted += one.streams_evicted;
    out.aggfrag += one.aggfrag;
  }
  return out;
}

std::uint64_t PartialSet::ike_messages() const {
  std::uint64_t out = 0;
  for (const partial::Member& member : members_) out += member.ending().ike_messages;
  return out;
}

std::vector<Error> PartialSet::damages() const {
  std::vector<std::pair<std::uint16_t, Error>> sorted;
  for (std::size_t member = 0; member < members_.size(); ++member)
    for (const auto& damage : members_[member].ending().damages) {
      const auto& sources = members_[member].ending().sources;
      const auto at = std::find_if(sources.begin(), sources.end(),
                                   [&](const partial::Source& one) { return one.name == damage.second; });
      const auto place =
          at == sources.end() ? std::uint16_t{0} : file_[member][static_cast<std::size_t>(at - sources.begin())];
      sorted.emplace_back(place, Error{damage.first, damage.second});
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
