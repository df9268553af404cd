// A VPN gateway with two sides: what stands in the captures of both, packet by packet, and what is said of them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "analysis/gateway_protect.hpp"
#include "support/decoding.hpp"

namespace espdump::test {

class VpnScene {
 public:
  VpnScene();

  // A frame on the protected side (`plain`) or the other one, `after` microseconds behind the clock.
  void on_plain(const Octets& packet, std::int64_t after = 0);
  void on_outer(const Octets& packet, std::int64_t after = 100);
  void wait(std::int64_t microseconds) { clock_ += microseconds * 1000; }

  // In ESP on the other side, under the SA that leaves.
  void seal(const Octets& packet, std::int64_t after = 100);
  // A packet of the protected side that leaves as it should; the clock goes on by 10 milliseconds.
  void leaves(const Octets& plain);
  // The same with another packet inside ESP.
  void leaves_as(const Octets& plain, const Octets& inside);
  // ESP for the protected side, and what came out of it.
  void enters(const Octets& inside);
  // So many of each, one way and the other.
  void traffic(std::size_t count);

  // Frame numbers, from 1, of the frame put last on a side; valid where times only grow.
  [[nodiscard]] std::uint64_t plain_frame() const { return plain.size(); }
  [[nodiscard]] std::uint64_t outer_frame() const { return outer.size(); }

  struct Timed {
    Octets frame;
    std::int64_t time = 0;
    std::uint16_t file = 0;
    std::uint32_t link_type = 1;
  };
  std::vector<Timed> plain, outer;
  SaText out, in;
  std::uint64_t number = 0, number_in = 0;  // of ESP, sent last
  std::string keys;                         // instead of the SAs' own; empty: those
  std::uint16_t id = 1000;                  // of the packet made last

  // UDP from the protected side, with an identification of its own; the answer.
  Octets packet(std::uint8_t ttl = 64, std::size_t size = 40);
  Octets answer(std::uint8_t ttl = 63);

  ProtectReport judge() const;

 private:
  std::int64_t clock_ = 1'700'000'000'000'000'000;
};

// The packet one router further.
Octets routed(Octets packet);
// With its IPv4 header checksum made right again.
Octets repaired(Octets packet);
// An IPv4 packet in pieces of at most `size` bytes of payload, a multiple of 8.
std::vector<Octets> fragments_of(const Octets& packet, std::size_t size);

// "gateway.modified 3>4 ", for each violation; 0: no frame.
std::string violations(const ProtectReport& report);
// The same of one.
std::string at(std::string_view code, std::uint64_t plain, std::uint64_t outer);

// Two rounds before what a test is about, and two behind it: what is found then.
VpnScene begun();
std::string judged(VpnScene& scene);

// A TCP SYN with DF from the protected side.
Octets syn(std::uint16_t mss, std::uint16_t id, std::string_view source = "10.1.0.5");

}  // namespace espdump::test
