// Copies by the capture told apart from copies on the wire.
#include "decode/sighting.hpp"

namespace espdump {
namespace {

constexpr std::int64_t microsecond = 1'000, millisecond = 1'000'000, second = 1'000'000'000;
// Nobody who received a packet sends it again within this time.
constexpr std::int64_t shorter_than_a_replay = 50 * microsecond;
// From one capture point of a host or router to the next.
constexpr std::int64_t through_one_box = 5 * millisecond;
// From one capture file's point to another's: a path across the world, and clocks that disagree a little.
constexpr std::int64_t between_two_files = 2 * second;

}  // namespace

bool is_captured_again(const Sighting& before, const Sighting& now) noexcept {
  if (before.digest != now.digest || before.ip_id != now.ip_id) return false;
  const std::int64_t gap = now.time >= before.time ? now.time - before.time : before.time - now.time;
  const bool elsewhere = before.link != now.link || before.ttl != now.ttl || now.any_device;
  if (before.file != now.file && elsewhere) return gap <= between_two_files;
  return gap <= (elsewhere || before.file != now.file ? through_one_box : shorter_than_a_replay);
}

const Sighting* SightingRing::find_copied(const Sighting& now) const noexcept {
  if (slots_.empty()) return nullptr;
  const Sighting& slot = slots_[now.sequence % slots_.size()];
  return slot.frame != 0 && is_captured_again(slot, now) ? &slot : nullptr;
}

void SightingRing::remember(const Sighting& now) {
  if (slots_.size() < largest && remembered_ >= slots_.size()) {
    std::vector<Sighting> wider(slots_.empty() ? smallest : slots_.size() * 2);
    for (const Sighting& old : slots_)
      if (old.frame != 0) wider[old.sequence % wider.size()] = old;
    slots_ = std::move(wider);
  }
  ++remembered_;
  slots_[now.sequence % slots_.size()] = now;
}

}  // namespace espdump
