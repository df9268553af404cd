// Datagrams of ESP that came in fragments and never became whole: what a gateway shows that judges fragments one by
// one.
#pragma once

#include <cstdint>
#include <deque>
#include <unordered_map>
#include <utility>
#include <vector>

#include <espdump/address.hpp>
#include <espdump/packet.hpp>

namespace espdump {

// An ESP datagram of which fragments came, but not all.
struct BrokenDatagram {
  IpAddress source, destination;
  std::uint32_t id = 0;
  FrameNumber frame = 0;  // of its first fragment
  std::uint16_t file = 0;
  std::int64_t time = 0;
  bool has_start = false;             // then the next two are known
  std::uint32_t spi = 0, number = 0;  // of ESP
};

class GatewayPieces {
 public:
  // Any packet, in order; `time` in nanoseconds.
  void take(const Packet& packet, std::int64_t time);
  [[nodiscard]] std::vector<BrokenDatagram> broken() const;

 private:
  using Place = std::pair<std::uint64_t, FrameNumber>;  // the key of a datagram, and the frame of its first fragment
  void add(std::uint64_t key, const BrokenDatagram& piece);
  void give_up(std::uint64_t key);

  std::unordered_map<std::uint64_t, BrokenDatagram> open_;  // by a keyed hash of what names them
  std::deque<Place> order_;                                 // of these, and of some that became whole
  std::deque<BrokenDatagram> given_up_;
};

}  // namespace espdump
