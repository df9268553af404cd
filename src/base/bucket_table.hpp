// Remembers entries by a hash, exactly until it has grown to its bound; from there on a newer entry takes the place of
// the oldest in its bucket.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace espdump {

// Entry::frame is 0 where a place is empty, and rises with time. The hash of an entry is what `Hash` points to; its low
// bits choose the bucket, so it must be one that hostile input cannot aim. `Smallest` and `Largest` count entries and
// are powers of two of at least `ways`.
template <typename Entry, auto Hash, std::size_t Smallest, std::size_t Largest>
class BucketTable {
 public:
  // The entry with that hash, or null. Valid until remember().
  [[nodiscard]] const Entry* find(std::uint64_t hash) const noexcept {
    if (places_.empty()) return nullptr;
    for (std::size_t i = first_of(hash); i < first_of(hash) + ways; ++i)
      if (places_[i].frame != 0 && places_[i].*Hash == hash) return &places_[i];
    return nullptr;
  }

  // Keeps an entry whose hash find() does not have.
  void remember(const Entry& entry) {
    if (places_.empty()) places_.resize(Smallest);
    while (oldest_of(entry.*Hash).frame != 0 && places_.size() < Largest) grow();
    oldest_of(entry.*Hash) = entry;
  }

 private:
  static constexpr std::size_t ways = 8;

  [[nodiscard]] std::size_t first_of(std::uint64_t hash) const noexcept {
    return static_cast<std::size_t>(hash % (places_.size() / ways)) * ways;
  }
  // An empty place of the bucket where there is one, else its oldest entry.
  [[nodiscard]] Entry& oldest_of(std::uint64_t hash) noexcept {
    const auto bucket = places_.begin() + static_cast<std::ptrdiff_t>(first_of(hash));
    return *std::min_element(bucket, bucket + ways, [](const Entry& a, const Entry& b) { return a.frame < b.frame; });
  }
  // Each bucket becomes two, so all that it holds finds room.
  void grow() {
    const std::vector<Entry> narrower = std::exchange(places_, std::vector<Entry>(places_.size() * 2));
    for (const Entry& old : narrower)
      if (old.frame != 0) oldest_of(old.*Hash) = old;
  }

  std::vector<Entry> places_;
};

}  // namespace espdump
