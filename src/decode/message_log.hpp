// The latest messages of an IKE SA, by what their bytes are: what was captured twice, what was sent twice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "decode/sighting.hpp"

namespace espdump {

// Bounded; IKE messages are few, so that it is simply searched.
class MessageLog {
 public:
  // The sighting of which `now` is a second capture, or null. Valid until remember().
  [[nodiscard]] const Sighting* find_copied(const Sighting& now) noexcept;
  // The first of those remembered that has the same bytes, or null. Valid until remember().
  [[nodiscard]] const Sighting* find_same(std::uint64_t digest) const noexcept;
  void remember(const Sighting& now);

 private:
  static constexpr std::size_t most = 256;
  std::deque<Sighting> latest_;
};

}  // namespace espdump
