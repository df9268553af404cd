// Fuzzed contents under good seals: ESP and IKE that verify, so that what is behind decryption is reached. The input is
// a list of packets: a byte that chooses the SA (or IKE), a byte of circumstances, the next header or first payload, a
// length in two bytes, and that many bytes to be sealed.
#include <algorithm>
#include <array>

#include "fuzz_run.hpp"
#include "fuzz_seal.hpp"

using namespace espdump;
using test::Octets;

namespace {

Octets ike_frame(std::uint8_t circumstances, std::uint8_t first, const Octets& contents, std::uint32_t number) {
  constexpr std::array<std::uint8_t, 4> exchanges{35, 36, 37, 43};
  const bool fragment = (circumstances & 0x40) != 0;
  fuzz::IkeHead head{exchanges[circumstances & 3], first, (circumstances & 0x20) != 0,
                     (circumstances >> 2U) & 7U,   0,     0};
  if (fragment) head.fragment = static_cast<std::uint16_t>(1 + (number & 1)), head.fragments = 2;
  return fuzz::ike_in_udp(head.response, fuzz::sealed_ike(head, contents, number));
}

Octets esp_frame(std::size_t which, std::uint8_t circumstances, std::uint8_t next, const Octets& contents,
                 std::uint64_t number) {
  const char *host = fuzz::host, *peer = fuzz::peer;
  const Octets esp = fuzz::sealed_esp(which, number, next, contents);
  if ((circumstances & 0x10) == 0) return test::ethernet_frame(test::ipv4_packet(host, peer, 50, esp));
  return test::ethernet_frame(test::ipv4_packet(host, peer, 17, test::udp_datagram(host, peer, 4500, 4500, esp)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Keystore keys = fuzz::store();
  fuzz::Run run{keys};
  std::array<std::uint64_t, fuzz::kinds.size() + 1> numbers{};
  ByteReader in{Bytes{data, size}};
  constexpr std::array<std::uint64_t, 4> steps{1, 0, 3, 40};  // the next, a replay, after a loss, after many
  for (int packets = 0; packets < 32 && in.remaining() > 5; ++packets) {
    const std::size_t which = in.u8() % numbers.size();
    const std::uint8_t circumstances = in.u8(), next = in.u8();
    const Bytes bytes = in.take(std::min<std::size_t>(in.u16() & 0x3fff, in.remaining()));
    const Octets contents(bytes.begin(), bytes.end());
    const bool is_ike = which == fuzz::kinds.size();
    std::uint64_t& number = numbers[which];
    number += is_ike ? 1 : std::max<std::uint64_t>(number == 0 ? 1 : 0, steps[circumstances & 3]);
    run.frame(is_ike ? ike_frame(circumstances, next, contents, static_cast<std::uint32_t>(number))
                     : esp_frame(which, circumstances, next, contents, number),
              0);
  }
  run.finish();
  return 0;
}
