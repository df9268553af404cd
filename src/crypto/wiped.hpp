// Memory for secrets that live no longer than a function, wiped at its end.
#pragma once

#include <vector>

#include <espdump/bytes.hpp>

namespace espdump {

// Never grows, so that nothing is left where it was before.
class Wiped {
 public:
  explicit Wiped(std::size_t size) : bytes_(size) {}
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;
  ~Wiped() { wipe(bytes_); }
  [[nodiscard]] MutableBytes bytes() { return bytes_; }

 private:
  std::vector<std::uint8_t> bytes_;
};

}  // namespace espdump
