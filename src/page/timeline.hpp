// What happened over time, in a bounded number of steps that grow wider as time goes on.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <espdump/address.hpp>

namespace espdump {

// A Step is made empty by its constructor, and `step.join(next)` makes one of two.
template <typename Step>
class Timeline {
 public:
  static constexpr std::size_t most_steps = 240;

  // The step that a time falls into. Times before the first fall into the first step.
  Step& at(Timestamp time) {
    if (!started_) {
      start_ = time;
      started_ = true;
    }
    const auto since = static_cast<std::uint64_t>(std::max<std::int64_t>(time.nanoseconds - start_.nanoseconds, 0));
    while ((since >> shift_) >= most_steps) widen();
    const auto index = static_cast<std::size_t>(since >> shift_);
    used_ = std::max(used_, index + 1);
    return steps_[index];
  }

  [[nodiscard]] Timestamp start() const { return start_; }
  // Of a step, in nanoseconds.
  [[nodiscard]] std::int64_t width() const { return std::int64_t{1} << shift_; }
  [[nodiscard]] std::size_t used() const { return used_; }
  [[nodiscard]] const Step& operator[](std::size_t index) const { return steps_[index]; }

 private:
  void widen() {
    for (std::size_t i = 0; i < most_steps; i += 2) {
      Step joined = steps_[i];
      joined.join(steps_[i + 1]);
      steps_[i / 2] = joined;
    }
    std::fill(steps_.begin() + most_steps / 2, steps_.end(), Step{});
    used_ = (used_ + 1) / 2;
    ++shift_;
  }

  bool started_ = false;
  unsigned shift_ = 20;  // about a millisecond
  Timestamp start_;
  std::size_t used_ = 0;
  std::array<Step, most_steps> steps_{};
};

}  // namespace espdump
