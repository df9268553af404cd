// What strongSwan's log tells of negotiations: proposals at `cfg = 1` where none fits and at `cfg = 2` always, traffic
// selectors at `cfg = 2`.
#pragma once

#include <cstddef>
#include <string_view>
#include <unordered_map>

#include <espdump/ike_log.hpp>

#include "keys/charon_line.hpp"
#include "keys/intake.hpp"

namespace espdump::keys {

class CharonNegotiation {
 public:
  explicit CharonNegotiation(Intake& intake) : intake_(intake) {}

  void read(const CharonLine&, std::size_t number);
  void finish();
  // Whether there was any.
  [[nodiscard]] bool found() const { return found_; }

 private:
  enum class List : std::uint8_t { none, here, there };
  struct Thread {
    std::string_view received;  // proposals, until the configured ones follow
    LoggedSelectors asked;      // a line of 0: none
    List list = List::none;     // what an indented line belongs to
  };

  void read_selectors(Thread&, std::string_view message, std::size_t number);
  void end_selectors(Thread&);

  Intake& intake_;
  std::unordered_map<unsigned, Thread> threads_;  // at most 100
  bool found_ = false;
};

}  // namespace espdump::keys
