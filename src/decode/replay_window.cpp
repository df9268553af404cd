// The anti-replay window of a Linux receiver, bit for bit, and the exact set of numbers seen (RFC 4303 section 3.4.3).
// Arithmetic is modulo 2^32 as in the kernel: where the window does not divide 2^32 its slips are wanted.
#include "decode/replay_window.hpp"

#include <algorithm>
#include <iterator>

namespace espdump {
namespace {

constexpr std::uint32_t legacy_most = 32;

// RFC 4303 appendix A2, modulo 2^32: before the first 2^32 lies the high half 0xffffffff, as in the kernel.
std::uint32_t high_half(std::uint32_t low, std::uint32_t high, std::uint32_t window, std::uint32_t seq) {
  const std::uint32_t bottom = low - window + 1;
  if (low >= window - 1) return seq < bottom ? high + 1 : high;
  return seq >= bottom ? high - 1 : high;
}

std::uint32_t kept_window(KernelReplay::Kind kind, std::uint32_t window) {
  return kind == KernelReplay::Kind::legacy ? std::min(window, legacy_most) : window;
}

}  // namespace

KernelReplay::KernelReplay(Kind kind, std::uint32_t window)
    : kind_(kind), window_(kept_window(kind, window)), bits_((std::size_t{window_} + 31) / 32) {}

KernelReplay KernelReplay::for_sa(bool esn, std::uint32_t window) {
  if (esn) return {Kind::esn, window};
  return {window > legacy_most ? Kind::bmp : Kind::legacy, window};
}

void KernelReplay::start_at(std::uint64_t newest) {
  if (window_ == 0) return;
  low_ = static_cast<std::uint32_t>(newest);
  high_ = kind_ == Kind::esn ? static_cast<std::uint32_t>(newest >> 32) : 0;
  std::fill(bits_.begin(), bits_.end(), 0);
  if (newest != 0) set_bit(kind_ == Kind::legacy ? 0 : (low_ - 1) % window_);
}

// Of the number `distance` before the newest.
std::uint32_t KernelReplay::index_behind(std::uint32_t distance) const {
  if (kind_ == Kind::legacy) return distance;
  const std::uint32_t position = (low_ - 1) % window_;
  return position >= distance ? position - distance : window_ - (distance - position);
}

KernelReplay::Check KernelReplay::check(std::uint32_t seq) const {
  if (window_ == 0) return Check::accept;
  return kind_ == Kind::esn ? check_esn(seq) : check_plain(seq);
}

KernelReplay::Check KernelReplay::check_plain(std::uint32_t seq) const {
  if (seq == 0) return Check::zero;
  if (seq > low_) return Check::accept;
  const std::uint32_t distance = low_ - seq;
  if (distance >= window_) return Check::too_old;
  return bit(index_behind(distance)) ? Check::duplicate : Check::accept;
}

// A number left of the window is taken for one of the next 2^32; the ICV then decides.
KernelReplay::Check KernelReplay::check_esn(std::uint32_t seq) const {
  if (seq == 0 && high_ == 0 && low_ < window_ - 1) return Check::zero;
  const std::uint32_t bottom = low_ - window_ + 1;
  const bool whole = low_ >= window_ - 1;  // the window lies within one 2^32
  if (whole ? seq > low_ || seq < bottom : seq > low_ && seq < bottom) return Check::accept;
  const std::uint32_t distance = low_ - seq;
  if (distance >= window_) return Check::too_old;
  return bit(index_behind(distance)) ? Check::duplicate : Check::accept;
}

std::uint32_t KernelReplay::seq_high(std::uint32_t seq) const {
  if (kind_ != Kind::esn || window_ == 0) return 0;
  return high_half(low_, high_, window_, seq);
}

void KernelReplay::advance(std::uint32_t seq) {
  if (window_ == 0) return;
  if (kind_ == Kind::legacy) return advance_legacy(seq);
  const std::uint32_t wraps = kind_ == Kind::esn ? seq_high(seq) - high_ : 0;
  // A number of the previous 2^32 gives a negative difference, which is none to wrap by.
  if (static_cast<std::int32_t>(wraps) > 0 || (wraps == 0 && seq > low_)) {
    move_ahead(seq - low_, seq);
    if (static_cast<std::int32_t>(wraps) > 0) ++high_;
    return;
  }
  if (const std::uint32_t distance = low_ - seq; distance < window_) set_bit(index_behind(distance));
}

void KernelReplay::advance_legacy(std::uint32_t seq) {
  if (seq > low_) {
    const std::uint32_t distance = seq - low_;
    bits_[0] = distance < window_ ? bits_[0] << distance | 1 : 1;
    low_ = seq;
  } else if (low_ - seq < window_) {
    set_bit(low_ - seq);
  }
}

// The new bit goes `distance` behind the old position, not to that of `seq`: where 2^32 is no multiple of the window
// the two differ, and the kernel lets a replay of the first packet pass.
void KernelReplay::move_ahead(std::uint32_t distance, std::uint32_t seq) {
  const std::uint32_t position = (low_ - 1) % window_;
  if (distance < window_) {
    for (std::uint32_t i = 1; i < distance; ++i) clear_bit((position + i) % window_);
  } else {
    std::fill(bits_.begin(), bits_.end(), 0);
  }
  set_bit((position + distance) % window_);
  low_ = seq;
}

std::uint64_t widen(std::uint64_t newest, std::uint32_t window, std::uint32_t seq) {
  const auto low = static_cast<std::uint32_t>(newest), high = static_cast<std::uint32_t>(newest >> 32);
  const std::uint32_t wide = high_half(low, high, window == 0 ? 64 : window, seq);
  return std::uint64_t{high == 0 && wide == 0xffff'ffff ? 0 : wide} << 32 | seq;
}

bool SeenNumbers::insert(std::uint64_t number) {
  if (empty()) {
    newest_first_ = newest_last_ = number;
  } else if (number > newest_last_) {
    if (number != newest_last_ + 1) {
      ranges_.emplace_hint(ranges_.end(), newest_first_, newest_last_);
      newest_first_ = number;
    }
    newest_last_ = number;
  } else if (number >= newest_first_ || !insert_older(number)) {
    return false;
  }
  ++count_;
  if (ranges_.size() >= most_ranges) close_oldest_gap();
  return true;
}

// One below the newest range.
bool SeenNumbers::insert_older(std::uint64_t number) {
  auto next = ranges_.upper_bound(number);
  const auto before = next == ranges_.begin() ? ranges_.end() : std::prev(next);
  if (before != ranges_.end() && number <= before->second) return false;
  const bool joins_before = before != ranges_.end() && before->second + 1 == number;
  if (number + 1 == newest_first_) {
    newest_first_ = joins_before ? before->first : number;
    if (joins_before) ranges_.erase(before);
    return true;
  }
  const bool joins_next = next != ranges_.end() && next->first == number + 1;
  const std::uint64_t last = joins_next ? next->second : number;
  if (joins_next) next = ranges_.erase(next);
  if (joins_before)
    before->second = last;
  else
    ranges_.emplace_hint(next, number, last);
  return true;
}

bool SeenNumbers::contains(std::uint64_t number) const {
  if (empty() || number > newest_last_) return false;
  if (number >= newest_first_) return true;
  const auto next = ranges_.upper_bound(number);
  return next != ranges_.begin() && number <= std::prev(next)->second;
}

std::uint64_t SeenNumbers::lowest() const { return ranges_.empty() ? newest_first_ : ranges_.begin()->first; }
std::uint64_t SeenNumbers::highest() const { return newest_last_; }

std::vector<SeenNumbers::Range> SeenNumbers::gaps(std::size_t most) const {
  std::vector<Range> gaps;
  for (auto range = ranges_.begin(); range != ranges_.end() && gaps.size() < most; ++range) {
    const auto next = std::next(range);
    gaps.emplace_back(range->second + 1, (next == ranges_.end() ? newest_first_ : next->first) - 1);
  }
  return gaps;
}

void SeenNumbers::close_oldest_gap() {
  const auto first = ranges_.begin(), second = std::next(first);
  if (second == ranges_.end()) {
    forgotten_ += newest_first_ - first->second - 1;
    newest_first_ = first->first;
    ranges_.erase(first);
    return;
  }
  forgotten_ += second->first - first->second - 1;
  first->second = second->second;
  ranges_.erase(second);
}

}  // namespace espdump
