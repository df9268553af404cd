// Which states a capture had something to add to: one half of Unfinished.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace espdump {

class TakenOn {
 public:
  // Of what began in this capture only the first few are told: what an earlier one may have left alike is among them.
  [[nodiscard]] bool wants(bool taken_over) const { return taken_over || own_ != most_own; }
  void add(std::uint64_t state, bool taken_over) {
    states_.push_back(state);
    own_ += taken_over ? 0 : 1;
  }
  void count_anew() { states_.clear(); }

  [[nodiscard]] const std::vector<std::uint64_t>& states() const { return states_; }

 private:
  static constexpr std::size_t most_own = 64;

  std::vector<std::uint64_t> states_;
  std::size_t own_ = 0;
};

}  // namespace espdump
