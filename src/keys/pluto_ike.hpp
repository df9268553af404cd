// Keys of IKE SAs in the log of Libreswan's pluto. There is no SK_d among them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>

#include "keys/intake.hpp"

namespace espdump::keys {

class PlutoIke {
 public:
  explicit PlutoIke(Intake& intake) : intake_(intake) {}

  // Whether a debug message is about this.
  bool read(std::string_view message, std::size_t number);
  // The log ends.
  void finish();
  [[nodiscard]] bool found() const { return found_; }

 private:
  // One line: the keys of one direction.
  struct Half {
    std::uint64_t initiator_spi = 0, responder_spi = 0;
    bool from_initiator = false;
    std::string_view integrity, cipher;          // names
    std::string_view integrity_key, cipher_key;  // digits
    std::size_t line = 0;
  };

  void read_half(std::string_view message, std::size_t number);
  bool set_algorithms(IkeKeys&, const Half& names, std::size_t line);
  void join(const Half& initiator, const Half& responder);
  void tell_alone(const Half&);

  Intake& intake_;
  std::deque<Half> halves_;  // whose other direction did not come yet
  bool found_ = false;
};

}  // namespace espdump::keys
