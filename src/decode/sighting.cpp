// Copies by the capture told apart from copies on the wire.
#include "decode/sighting.hpp"

#include "decode/sighting_log.hpp"

namespace espdump {
namespace {

constexpr std::int64_t microsecond = 1'000, millisecond = 1'000'000, second = 1'000'000'000;
// Nobody who received a packet sends it again within this time.
constexpr std::int64_t shorter_than_a_replay = 50 * microsecond;
// From one capture point of a host or router to the next.
constexpr std::int64_t through_one_box = 5 * millisecond;
// From one capture's point to another's: a path across the world, and clocks that disagree a little.
constexpr std::int64_t between_two_files = 2 * second;

// Captures beyond the 64th share no bit: their second sightings are told by place and gap alone.
std::uint64_t file_bit(const Sighting& sighting) { return sighting.file < 64 ? std::uint64_t{1} << sighting.file : 0; }

MetAt met_at(const Sighting& it) { return {it.time, it.link, it.ttl, it.any_device}; }

}  // namespace

Nearness nearness(const MetAt& before, const MetAt& now, bool other_file) noexcept {
  const std::int64_t gap = now.time >= before.time ? now.time - before.time : before.time - now.time;
  if (other_file) return gap <= between_two_files ? Nearness::elsewhere : Nearness::other;
  if (before.link != now.link || before.ttl != now.ttl || now.any_device)
    return gap <= through_one_box ? Nearness::elsewhere : Nearness::other;
  return gap <= shorter_than_a_replay ? Nearness::same_place : Nearness::other;
}

bool is_captured_again(const Sighting& before, const Sighting& now) noexcept {
  if (before.digest != now.digest || before.ip_id != now.ip_id || now.in_stream) return false;
  const bool other_file = before.file != now.file && (before.files & file_bit(now)) == 0;
  return nearness(met_at(before), met_at(now), other_file) != Nearness::other;
}

bool is_copy(Sighting& before, const Sighting& now) noexcept {
  const bool copied = is_captured_again(before, now);
  if (copied) before.files |= file_bit(now);
  return copied;
}

const Sighting* SightingRing::find_copied(const Sighting& now, SightingLog& log) const noexcept {
  for (const Table* table : {&latest_, &other_bytes_}) {
    const Slot* slot = table->find(now.sequence);
    Sighting* before = slot == nullptr ? nullptr : log.at(slot->place);
    if (before != nullptr && is_copy(*before, now)) return before;
  }
  return nullptr;
}

void SightingRing::remember(const Sighting& now, SaNumber sa, SightingLog& log) {
  if (const Slot* slot = latest_.find(now.sequence)) {
    const Sighting* before = log.at(slot->place);
    if (before != nullptr && before->digest != now.digest) other_bytes_.remember(*slot);
  }
  latest_.remember({log.next(), now.sequence});
  log.add(now).sa = sa;
}

}  // namespace espdump
