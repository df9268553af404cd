// Remembers entries by a hash, exactly until it has grown to its bound; from there on a newer entry takes the place of
// the oldest in its bucket.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/huge_pages.hpp"

namespace espdump {

// Entry::frame rises with time. The hash of an entry is what `Hash` points to; its
// bits choose the buckets, so it must be one that hostile input cannot aim. `Smallest` and `Largest` count entries and
// are powers of two of at least `ways`. Hashes that differ in their lowest six bits alone have neighbours for buckets,
// by both choices: what comes in such runs stays in the caches.
template <typename Entry, auto Hash, std::size_t Smallest, std::size_t Largest>
class BucketTable {
 public:
  // The entry with that hash, or null. Valid until remember().
  [[nodiscard]] const Entry* find(std::uint64_t hash) const noexcept {
    if (places_.empty()) return nullptr;
    const std::uint32_t tag = tag_of(hash);
    for (const std::size_t bucket : {first_choice(hash), second_choice(hash)})
      for (std::size_t i = bucket; i < bucket + ways; ++i)
        if (tags_[i] == tag && places_[i].*Hash == hash) return &places_[i];
    return nullptr;
  }

  // Keeps an entry whose hash find() does not have.
  void remember(const Entry& entry) {
    if (places_.empty()) resize(Smallest);
    for (;;) {
      const std::size_t one = first_choice(entry.*Hash), other = second_choice(entry.*Hash);
      const std::size_t empty_in_one = empty_places(one), empty_in_other = empty_places(other);
      if (empty_in_one != 0 || empty_in_other != 0) return put(empty_in_one >= empty_in_other ? one : other, entry);
      if (places_.size() == Largest) return put(older_of(one, other), entry);
      grow();
    }
  }

 private:
  using Entries = std::vector<Entry, HugePages<Entry>>;
  using Tags = std::vector<std::uint32_t, HugePages<std::uint32_t>>;
  static constexpr std::size_t ways = 8;
  static constexpr std::uint32_t no_tag = 0;
  static_assert((Smallest & (Smallest - 1)) == 0 && (Largest & (Largest - 1)) == 0 && Smallest >= ways);

  // Of two buckets the emptier one takes an entry, so that almost all places are in use before one overflows. The
  // choices go by different bits.
  [[nodiscard]] std::size_t buckets() const noexcept { return places_.size() / ways; }
  [[nodiscard]] std::size_t first_choice(std::uint64_t hash) const noexcept {
    return static_cast<std::size_t>(hash & (buckets() - 1)) * ways;
  }
  [[nodiscard]] std::size_t second_choice(std::uint64_t hash) const noexcept {
    return static_cast<std::size_t>(((hash >> 26 & ~std::uint64_t{63}) | (hash & 63)) & (buckets() - 1)) * ways;
  }
  // Bits that choose no bucket of a table below half a million of them; never no_tag.
  static std::uint32_t tag_of(std::uint64_t hash) noexcept {
    return static_cast<std::uint32_t>(hash >> 19 & 0x1fff) | static_cast<std::uint32_t>(hash >> 51) << 13 | 0x8000'0000;
  }
  [[nodiscard]] std::size_t empty_places(std::size_t bucket) const noexcept {
    const auto first = tags_.begin() + static_cast<std::ptrdiff_t>(bucket);
    return static_cast<std::size_t>(std::count(first, first + ways, no_tag));
  }
  // An empty place of the bucket where there is one, else that of its oldest entry.
  [[nodiscard]] std::size_t place_in(std::size_t bucket) const noexcept {
    for (std::size_t i = bucket; i < bucket + ways; ++i)
      if (tags_[i] == no_tag) return i;
    const auto first = places_.begin() + static_cast<std::ptrdiff_t>(bucket);
    const auto oldest =
        std::min_element(first, first + ways, [](const Entry& a, const Entry& b) { return a.frame < b.frame; });
    return static_cast<std::size_t>(oldest - places_.begin());
  }
  // Of two full buckets the one with the oldest entry.
  [[nodiscard]] std::size_t older_of(std::size_t one, std::size_t other) const noexcept {
    return places_[place_in(other)].frame < places_[place_in(one)].frame ? other : one;
  }
  void put(std::size_t bucket, const Entry& entry) noexcept {
    const std::size_t place = place_in(bucket);
    places_[place] = entry;
    tags_[place] = tag_of(entry.*Hash);
  }
  void resize(std::size_t size) {
    constexpr std::size_t small = 16'384;
    // Address space for all that there may be, so that nothing is moved any more, or there twice meanwhile.
    if (size > small) places_.reserve(Largest), tags_.reserve(Largest);
    places_.resize(size);
    tags_.resize(size, no_tag);
  }
  // Each bucket becomes two by one more bit of the choice that an entry is there by, so all that it holds finds room.
  void grow() {
    const std::size_t narrower = places_.size(), narrower_buckets = buckets();
    resize(narrower * 2);
    for (std::size_t i = 0; i < narrower; ++i) {
      if (tags_[i] == no_tag) continue;
      const std::uint64_t hash = places_[i].*Hash;
      const bool by_first = (hash & (narrower_buckets - 1)) == i / ways;
      const std::size_t bucket = by_first ? first_choice(hash) : second_choice(hash);
      if (bucket == i / ways * ways) continue;
      tags_[i] = no_tag;
      put(bucket, places_[i]);
    }
  }

  Entries places_;
  // A few bits of each entry's hash, in as many bytes as fit a cache line: entries lie too far apart to be looked at.
  Tags tags_;
};

}  // namespace espdump
