// Other names for addresses and people, so that a report can be handed on: the same one for the same, as long as the
// key is the same, and none can be turned back without it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <espdump/address.hpp>
#include <espdump/bytes.hpp>

namespace espdump {

// Any number of threads may ask.
class Pseudonyms {
 public:
  // The key is made of these bytes, whatever their number.
  explicit Pseudonyms(Bytes secret);
  Pseudonyms(const Pseudonyms&) = delete;
  Pseudonyms& operator=(const Pseudonyms&) = delete;
  ~Pseudonyms();

  // Prefix-preserving (Xu, Fan, Ammar and Moon, 2002): two addresses have as many leading bits in common as before.
  // What kind an address is of stays to be seen: private ones (RFC 1918, RFC 4193, RFC 6598) and link-local ones stay
  // such; loopback, multicast groups, 0.0.0.0/8 and 240.0.0.0/4 stay as they are.
  [[nodiscard]] IpAddress of(const IpAddress& address) const;
  // A locally administered address of as many bytes; broadcast, multicast and zeros stay.
  [[nodiscard]] std::vector<std::uint8_t> of_hardware(Bytes address) const;
  // "name-5f3a90c1"; empty stays empty.
  [[nodiscard]] std::string of_name(std::string_view name) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// From now on IpAddress::to_string(), hardware addresses and identities give pseudonyms. To be called at most once,
// before threads begin.
void use_pseudonyms(Bytes secret);
// Those in use; null: names stay what they are.
const Pseudonyms* pseudonyms() noexcept;

}  // namespace espdump
