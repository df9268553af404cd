// Remembers the latest entries by number, in a table that grows to a bound: a newer entry takes the place of an older
// one whose number falls into the same slot.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/prefetch.hpp"

namespace espdump {

// Entry::place is 0 where a slot is empty; Entry::number() is its number.
template <typename Entry, std::size_t Smallest, std::size_t Largest>
class LatestTable {
 public:
  // The entry in the slot of that number, whatever its own; null where there is none. Valid until remember().
  [[nodiscard]] const Entry* in_slot_of(std::uint64_t number) const noexcept {
    if (slots_.empty()) return nullptr;
    const Entry& slot = slots_[slot_of(number)];
    return slot.place != 0 ? &slot : nullptr;
  }
  // The entry with that number, or null.
  [[nodiscard]] const Entry* find(std::uint64_t number) const noexcept {
    if (slots_.empty()) return nullptr;
    const Entry& slot = slots_[slot_of(number)];
    return slot.place != 0 && slot.number() == number ? &slot : nullptr;
  }

  // Asks for the slot of that number.
  void expect(std::uint64_t number) const noexcept {
    if (!slots_.empty()) prefetch(&slots_[slot_of(number)], sizeof(Entry));
  }

  void remember(const Entry& entry) {
    if (slots_.size() < Largest && remembered_ >= slots_.size()) grow();
    ++remembered_;
    slots_[slot_of(entry.number())] = entry;
  }

 private:
  // Sizes are powers of two: a division would cost more than the rest.
  static_assert((Smallest & (Smallest - 1)) == 0);
  [[nodiscard]] std::size_t slot_of(std::uint64_t number) const noexcept {
    return static_cast<std::size_t>(number & (slots_.size() - 1));
  }
  void grow() {
    std::vector<Entry> wider(slots_.empty() ? Smallest : slots_.size() * 2);
    for (const Entry& old : slots_)
      if (old.place != 0) wider[static_cast<std::size_t>(old.number() & (wider.size() - 1))] = old;
    slots_ = std::move(wider);
  }

  std::vector<Entry> slots_;
  std::size_t remembered_ = 0;
};

}  // namespace espdump
