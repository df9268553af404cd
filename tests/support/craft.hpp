// Builds frames and seals ESP for tests. Shares no code with the library: its own checksums, its own OpenSSL calls.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <espdump/bytes.hpp>

namespace espdump::test {

using Octets = std::vector<std::uint8_t>;

struct Ipv4Options {
  std::uint8_t ttl = 64;
  std::uint16_t id = 0;
  bool df = false, mf = false;
  std::uint16_t offset = 0;  // of a fragment, in bytes
  std::uint8_t tos = 0;
  Octets options{};  // a multiple of 4
};
Octets ipv4_packet(std::string_view source, std::string_view destination, std::uint8_t protocol, const Octets& payload,
                   const Ipv4Options& options = {});

struct Ipv6Options {
  std::uint8_t hop_limit = 64, traffic_class = 0;
  std::uint32_t flow_label = 0;
};
Octets ipv6_packet(std::string_view source, std::string_view destination, std::uint8_t next_header,
                   const Octets& payload, const Ipv6Options& options = {});

// Upper layers; the addresses are those of the IP header around them, for the checksum. Without a source (empty) the
// checksum is 0.
Octets udp_datagram(std::string_view source, std::string_view destination, std::uint16_t source_port,
                    std::uint16_t destination_port, const Octets& payload);
struct TcpOptions {
  std::uint32_t sequence = 1, acknowledgment = 1;
  std::uint8_t flags = 0x18;  // PSH, ACK
  std::uint16_t window = 64240;
  Octets options{};  // a multiple of 4
};
Octets tcp_segment(std::string_view source, std::string_view destination, std::uint16_t source_port,
                   std::uint16_t destination_port, const Octets& payload, const TcpOptions& options = {});
// An ICMP echo request or, with type 0, its reply.
Octets icmp_echo(std::uint16_t id, std::uint16_t sequence, const Octets& payload, std::uint8_t type = 8);

// Ethernet II around an IP packet, whose version gives the type; padded to 60 bytes.
Octets ethernet_frame(const Octets& packet);
Octets ethernet_frame(std::uint16_t type, const Octets& payload);

struct Seal {
  enum class Cipher : std::uint8_t { null, aes_cbc, des3_cbc, aes_ctr, aes_gcm, chacha20_poly1305 };
  enum class Mac : std::uint8_t { none, md5, sha1, sha256, sha384, sha512 };
  Cipher cipher = Cipher::aes_gcm;
  Octets key{};  // with the salt behind it
  Mac mac = Mac::none;
  Octets mac_key{};
  std::size_t icv_size = 16;  // bytes; 0 without integrity
  bool esn = false;
  std::uint8_t more_padding = 0;    // padding beyond what the block demands; a multiple of the block
  Octets tfc{};                     // between payload and padding
  std::optional<Octets> trailer{};  // instead of padding, pad length and next header
};
// From the text that sa_from_text takes; what this cannot seal throws std::runtime_error.
Seal seal_from_text(std::string_view text, bool esn = false);

// The ESP packet, SPI to ICV. Without an IV: the 64-bit sequence number as Linux does it, repeated for CBC.
Octets seal_esp(const Seal& seal, std::uint32_t spi, std::uint64_t sequence, std::uint8_t next_header,
                const Octets& payload, const Octets& iv = {});

// AH between the header of an IP packet, which has no options, and what follows; its header padded to `alignment`. The
// padding is not zeros, as Linux has it.
Octets seal_ah(const Seal& seal, std::uint32_t spi, std::uint64_t sequence, const Octets& packet,
               std::size_t alignment = 8);

}  // namespace espdump::test
