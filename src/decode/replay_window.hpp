// The anti-replay window of a Linux receiver, bit for bit, and the exact set of numbers seen (RFC 4303 section 3.4.3).
// The one says what the kernel did, slips included; the other what was a replay.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace espdump {

// What a Linux receiver keeps for one SA.
class KernelReplay {
 public:
  enum class Kind : std::uint8_t {
    legacy,  // a window of up to 32 numbers in one word
    bmp,     // a larger one in a circular bitmap
    esn,     // the same with 64-bit numbers
  };
  enum class Check : std::uint8_t { accept, too_old, duplicate, zero };

  // Window 0 accepts everything and keeps nothing; legacy has 32 at most. Starts as a new SA does.
  KernelReplay(Kind kind, std::uint32_t window);
  // As the kernel chooses.
  static KernelReplay for_sa(bool esn, std::uint32_t window);

  // As if `newest` had been the last number accepted and none older, with its bit where it belongs.
  void start_at(std::uint64_t newest);
  // The check before the ICV.
  [[nodiscard]] Check check(std::uint32_t seq) const;
  // The high half that the ICV is computed with; 0 unless ESN.
  [[nodiscard]] std::uint32_t seq_high(std::uint32_t seq) const;
  // After verification.
  void advance(std::uint32_t seq);

  [[nodiscard]] std::uint64_t newest() const { return std::uint64_t{high_} << 32 | low_; }
  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] std::uint32_t window() const { return window_; }

 private:
  [[nodiscard]] Check check_plain(std::uint32_t seq) const;
  [[nodiscard]] Check check_esn(std::uint32_t seq) const;
  [[nodiscard]] std::uint32_t index_behind(std::uint32_t distance) const;
  [[nodiscard]] bool bit(std::uint32_t index) const { return (bits_[index / 32] >> index % 32 & 1) != 0; }
  void set_bit(std::uint32_t index) { bits_[index / 32] |= 1U << index % 32; }
  void clear_bit(std::uint32_t index) { bits_[index / 32] &= ~(1U << index % 32); }
  void advance_legacy(std::uint32_t seq);
  void move_ahead(std::uint32_t distance, std::uint32_t seq);

  Kind kind_;
  std::uint32_t window_;
  std::uint32_t low_ = 0, high_ = 0;
  std::vector<std::uint32_t> bits_;  // legacy: bit d is the number d before the newest; otherwise circular
};

// The 64-bit number that a 32-bit one stands for when `newest` was the highest so far (RFC 4303 appendix A2).
// Window 0 is taken as 64. What would lie before 0 is taken for a number of the first 2^32.
std::uint64_t widen(std::uint64_t newest, std::uint32_t window, std::uint32_t seq);

// The set of numbers accepted on an SA, as ranges; exact until it has more ranges than it may keep.
class SeenNumbers {
 public:
  using Range = std::pair<std::uint64_t, std::uint64_t>;  // first and last
  static constexpr std::size_t most_ranges = 65'536;

  // False where it was there already.
  bool insert(std::uint64_t number);
  [[nodiscard]] bool contains(std::uint64_t number) const;
  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] std::uint64_t count() const { return count_; }  // of different numbers inserted
  [[nodiscard]] std::uint64_t lowest() const;                   // 0 where empty
  [[nodiscard]] std::uint64_t highest() const;
  // Numbers between lowest and highest that never came, those of forgotten gaps too.
  [[nodiscard]] std::uint64_t missing() const { return empty() ? 0 : highest() - lowest() - (count_ - 1); }
  // Numbers in gaps that were closed to bound the memory: contains() says they are there.
  [[nodiscard]] std::uint64_t forgotten() const { return forgotten_; }
  // The first `most` gaps, oldest first; forgotten ones are not among them.
  [[nodiscard]] std::vector<Range> gaps(std::size_t most) const;

 private:
  bool insert_older(std::uint64_t number);
  void close_oldest_gap();

  // Numbers mostly come one after the other: the highest range stands here, not in the map.
  std::uint64_t newest_first_ = 0, newest_last_ = 0;
  std::uint64_t count_ = 0, forgotten_ = 0;
  std::map<std::uint64_t, std::uint64_t> ranges_;  // the others: first -> last
};

}  // namespace espdump
