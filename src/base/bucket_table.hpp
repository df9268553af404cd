// Remembers entries by a hash, exactly until it has grown to its bound; from there on a newer entry takes the place of
// the oldest in its bucket.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace espdump {

// Entry::frame is 0 where a place is empty, and rises with time. The hash of an entry is what `Hash` points to; its
// bits choose the buckets, so it must be one that hostile input cannot aim. `Smallest` and `Largest` count entries and
// are powers of two of at least `ways`.
template <typename Entry, auto Hash, std::size_t Smallest, std::size_t Largest>
class BucketTable {
 public:
  // The entry with that hash, or null. Valid until remember().
  [[nodiscard]] const Entry* find(std::uint64_t hash) const noexcept {
    if (places_.empty()) return nullptr;
    for (const std::size_t bucket : {first_choice(hash), second_choice(hash)})
      for (std::size_t i = bucket; i < bucket + ways; ++i)
        if (places_[i].frame != 0 && places_[i].*Hash == hash) return &places_[i];
    return nullptr;
  }

  // Keeps an entry whose hash find() does not have.
  void remember(const Entry& entry) {
    if (places_.empty()) places_.resize(Smallest);
    while (place_for(entry.*Hash).frame != 0 && places_.size() < Largest) grow();
    place_for(entry.*Hash) = entry;
  }

 private:
  static constexpr std::size_t ways = 8;

  // Of two buckets the emptier one takes an entry, so that almost all places are in use before one overflows. The
  // choices go by different bits.
  [[nodiscard]] std::size_t buckets() const noexcept { return places_.size() / ways; }
  [[nodiscard]] std::size_t first_choice(std::uint64_t hash) const noexcept {
    return static_cast<std::size_t>(hash % buckets()) * ways;
  }
  [[nodiscard]] std::size_t second_choice(std::uint64_t hash) const noexcept {
    return static_cast<std::size_t>((hash >> 32) % buckets()) * ways;
  }
  // An empty place of a bucket where there is one, else its oldest entry.
  [[nodiscard]] Entry& oldest_in(std::size_t bucket) noexcept {
    const auto first = places_.begin() + static_cast<std::ptrdiff_t>(bucket);
    return *std::min_element(first, first + ways, [](const Entry& a, const Entry& b) { return a.frame < b.frame; });
  }
  [[nodiscard]] std::size_t empty_places(std::size_t bucket) const noexcept {
    const auto first = places_.begin() + static_cast<std::ptrdiff_t>(bucket);
    return static_cast<std::size_t>(std::count_if(first, first + ways, [](const Entry& it) { return it.frame == 0; }));
  }
  [[nodiscard]] Entry& place_for(std::uint64_t hash) noexcept {
    const std::size_t one = first_choice(hash), other = second_choice(hash);
    const std::size_t empty_in_one = empty_places(one), empty_in_other = empty_places(other);
    if (empty_in_one != 0 || empty_in_other != 0) return oldest_in(empty_in_one >= empty_in_other ? one : other);
    Entry& oldest = oldest_in(one);
    Entry& alternative = oldest_in(other);
    return alternative.frame < oldest.frame ? alternative : oldest;
  }
  // Each bucket becomes two by one more bit of the choice that an entry is there by, so all that it holds finds room.
  void grow() {
    const std::size_t narrower_buckets = buckets();
    const std::vector<Entry> narrower = std::exchange(places_, std::vector<Entry>(places_.size() * 2));
    for (std::size_t i = 0; i < narrower.size(); ++i) {
      const Entry& old = narrower[i];
      if (old.frame == 0) continue;
      const bool by_first = (old.*Hash) % narrower_buckets == i / ways;
      oldest_in(by_first ? first_choice(old.*Hash) : second_choice(old.*Hash)) = old;
    }
  }

  std::vector<Entry> places_;
};

}  // namespace espdump
