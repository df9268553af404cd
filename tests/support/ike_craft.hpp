// IKE messages in the clear, built without library code.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "support/craft.hpp"

namespace espdump::test {

struct IkeText {
  std::uint64_t initiator_spi = 0x1111222233334444, responder_spi = 0;
  std::uint8_t exchange = 34, flags = 0x08;  // IKE_SA_INIT, from the initiator
  std::uint32_t message_id = 0;
  std::vector<std::pair<std::uint8_t, Octets>> payloads{};  // type and body
};
inline constexpr std::uint8_t ike_initiator = 0x08, ike_response = 0x20;

Octets ike_message(const IkeText& text);
// In UDP, IPv4 and Ethernet; on ports other than 500 behind the non-ESP marker.
struct IkePath {
  std::string source = "192.0.2.1", destination = "192.0.2.2";
  std::uint16_t source_port = 500, destination_port = 500;
};
Octets ike_frame(const IkeText& text, const IkePath& path = {});

// Bodies of payloads. Transforms are type, ID and key length in bits (0: none).
struct IkeTransformText {
  std::uint8_t type;
  std::uint16_t id, key_bits;
};
Octets ike_proposal(std::uint8_t protocol, const Octets& spi, const std::vector<IkeTransformText>& transforms);
Octets ike_notify(std::uint16_t type, const Octets& data = {});
Octets ike_key_exchange(std::uint16_t group, std::size_t size);
// AES-CBC-128, HMAC-SHA2-256-128, PRF-HMAC-SHA2-256, and the group.
Octets ike_suite(std::uint16_t group = 31);

}  // namespace espdump::test
