// Which packet an ICMP error is about: the latest IP packets of the run by what every error quotes of them, the
// addresses and the first bytes behind the IP header (RFC 792, RFC 4443 section 2.4).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include <espdump/packet.hpp>

namespace espdump {

class Quotations {
 public:
  Quotations();

  // Notes every IP packet of a finished packet, and where ESP went in UDP.
  void remember(const Packet& packet);
  // The frame of the same capture that the packet quotes; 0: it quotes none, or one of long ago.
  [[nodiscard]] FrameNumber frame_of(const Packet& packet);
  // The SA whose packets went last between the UDP ports that the packet quotes, where it quotes no more than these
  // (RFC 792 asks for 8 bytes); 0: none.
  [[nodiscard]] SaNumber sa_by_ports(const Packet& packet) const;

 private:
  struct Seen {
    std::uint64_t key = 0;
    FrameNumber frame = 0;
  };
  struct Ports {
    std::uint64_t key = 0;
    SaNumber sa = 0;
  };
  static constexpr std::size_t most = 16'384, port_slots = 1024;
  void catch_up();
  [[nodiscard]] std::optional<std::uint64_t> key_of(const Packet& packet, const Layer& ip) const;
  [[nodiscard]] std::optional<std::uint64_t> ports_key(const Packet& packet, const Layer& ip) const;

  std::uint64_t seed_;
  // Errors are rare and packets are not: packets are noted one behind the other, and entered by their keys once an
  // error asks for one.
  std::vector<Seen> log_;      // the latest, each in the place of its number
  std::vector<Seen> entered_;  // each in the place of its key
  std::uint64_t noted_ = 0, caught_up_ = 0;
  std::vector<Ports> ports_;
};

}  // namespace espdump
