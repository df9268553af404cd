// Under which SA the packets of a flow open: what a decoder tells its pre-decoders.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include <espdump/sa.hpp>

#include "decode/flow.hpp"

namespace espdump {

struct Lesson {
  FlowKey flow;
  const SecurityAssociation* association = nullptr;  // it stays where it is, and as it is
  std::uint32_t high = 0;                            // of the sequence numbers
};

// Bounded: flows beyond the 262,144th lesson are opened in their turn. For several threads.
class Lessons {
 public:
  void add(const Lesson& lesson) {
    const std::lock_guard lock{mutex_};
    if (all_.size() == most) return;
    all_.push_back(lesson);
    count_.store(all_.size(), std::memory_order_release);
  }
  // Whether anybody listens.
  [[nodiscard]] bool wanted() const { return wanted_.load(std::memory_order_relaxed); }
  // Calls `take` for each one from the `known`th on. How many there are then.
  template <typename Take>
  std::size_t tell(std::size_t known, Take take) {
    if (!wanted()) wanted_ = true;
    if (count_.load(std::memory_order_acquire) == known) return known;
    const std::lock_guard lock{mutex_};
    for (std::size_t at = known; at < all_.size(); ++at) take(all_[at]);
    return all_.size();
  }

 private:
  static constexpr std::size_t most = 262'144;
  std::mutex mutex_;
  std::atomic<bool> wanted_ = false;
  std::atomic<std::size_t> count_ = 0;
  std::vector<Lesson> all_;
};

}  // namespace espdump
