// Remembers entries by a hash, exactly until it has grown to its bound; from there on a newer entry takes the place of
// the oldest in its bucket.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "base/huge_pages.hpp"
#include "base/prefetch.hpp"

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
    const Entry* found = find_in(first_choice(hash), hash);
    return found != nullptr ? found : find_in(second_choice(hash), hash);
  }

  // Asks for what find() will look at first.
  void expect(std::uint64_t hash) const noexcept {
    if (places_.empty()) return;
    for (const std::size_t bucket : {first_choice(hash), second_choice(hash)})
      prefetch(&tags_[bucket], ways * sizeof(Tag));
  }

  // Keeps an entry whose hash find() does not have.
  void remember(const Entry& entry) {
    if (places_.empty()) resize(Smallest);
    for (;;) {
      const std::size_t one = first_choice(entry.*Hash), other = second_choice(entry.*Hash);
      const Marks empty_in_one = marks_of(one, no_tag), empty_in_other = marks_of(other, no_tag);
      if (empty_in_one.any() || empty_in_other.any()) {
        const bool first = empty_in_one.count() >= empty_in_other.count();
        return put_at(first ? one + empty_in_one.first() : other + empty_in_other.first(), entry);
      }
      if (places_.size() == Largest) return put(older_of(one, other), entry);
      grow();
    }
  }

 private:
  using Entries = std::vector<Entry, HugePages<Entry>>;
  using Tag = std::uint16_t;
  using Tags = std::vector<Tag, HugePages<Tag>>;
  static constexpr std::size_t ways = 8;
  static constexpr Tag no_tag = 0;
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
  static Tag tag_of(std::uint64_t hash) noexcept { return static_cast<Tag>(hash >> 49 | 0x8000); }

  // Some of the eight places of a bucket. Four tags at a time are compared as one number, each ending in a mark in the
  // highest of its sixteen bits.
  struct Marks {
    std::uint64_t low = 0, high = 0;
    [[nodiscard]] bool any() const { return (low | high) != 0; }
    [[nodiscard]] std::size_t first() const {
      const int bit = low != 0 ? std::countr_zero(low) : 64 + std::countr_zero(high);
      return static_cast<std::size_t>(bit) / 16;
    }
    void drop_first() { (low != 0 ? low : high) &= (low != 0 ? low : high) - 1; }
    [[nodiscard]] std::size_t count() const { return ((low >> 15) + (high >> 15)) * 0x0001'0001'0001'0001 >> 48; }
  };
  static std::uint64_t zeros_of(std::uint64_t four) noexcept {
    constexpr std::uint64_t all_but_highest = 0x7fff'7fff'7fff'7fff;
    return ~(((four & all_but_highest) + all_but_highest) | four | all_but_highest);
  }
  // Those with that tag.
  [[nodiscard]] Marks marks_of(std::size_t bucket, Tag tag) const noexcept {
    std::array<std::uint64_t, 2> tags;
    static_assert(sizeof tags == ways * sizeof(Tag));
    std::memcpy(tags.data(), &tags_[bucket], sizeof tags);
    const std::uint64_t wanted = tag * 0x0001'0001'0001'0001ULL;
    if constexpr (std::endian::native == std::endian::big) std::swap(tags[0], tags[1]);
    return {zeros_of(tags[0] ^ wanted), zeros_of(tags[1] ^ wanted)};
  }
  [[nodiscard]] const Entry* find_in(std::size_t bucket, std::uint64_t hash) const noexcept {
    for (Marks like = marks_of(bucket, tag_of(hash)); like.any(); like.drop_first()) {
      const Entry& entry = places_[bucket + like.first()];
      if (entry.*Hash == hash) return &entry;
    }
    return nullptr;
  }
  // An empty place of the bucket where there is one, else that of its oldest entry.
  [[nodiscard]] std::size_t place_in(std::size_t bucket) const noexcept {
    if (const Marks empty = marks_of(bucket, no_tag); empty.any()) return bucket + empty.first();
    const auto first = places_.begin() + static_cast<std::ptrdiff_t>(bucket);
    const auto oldest =
        std::min_element(first, first + ways, [](const Entry& a, const Entry& b) { return a.frame < b.frame; });
    return static_cast<std::size_t>(oldest - places_.begin());
  }
  // Of two full buckets the one with the oldest entry.
  [[nodiscard]] std::size_t older_of(std::size_t one, std::size_t other) const noexcept {
    return places_[place_in(other)].frame < places_[place_in(one)].frame ? other : one;
  }
  void put(std::size_t bucket, const Entry& entry) noexcept { put_at(place_in(bucket), entry); }
  void put_at(std::size_t place, const Entry& entry) noexcept {
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
