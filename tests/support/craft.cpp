// Frames for tests, with checksums of their own.
#include "support/craft.hpp"

#include <arpa/inet.h>

#include <stdexcept>
#include <string>

namespace espdump::test {
namespace {

void put16(Octets& out, std::uint32_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}
void put32(Octets& out, std::uint32_t value) {
  put16(out, value >> 16);
  put16(out, value & 0xffff);
}
void put(Octets& out, const Octets& bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

Octets address_octets(std::string_view text) {
  const bool v6 = text.find(':') != std::string_view::npos;
  Octets bytes(v6 ? 16 : 4);
  if (inet_pton(v6 ? AF_INET6 : AF_INET, std::string{text}.c_str(), bytes.data()) != 1)
    throw std::runtime_error("no address: " + std::string{text});
  return bytes;
}

std::uint16_t checksum(const Octets& bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    sum += i % 2 == 0 ? static_cast<std::uint32_t>(bytes[i] << 8) : bytes[i];
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

std::uint16_t upper_checksum(std::string_view source, std::string_view destination, std::uint8_t protocol,
                             const Octets& segment) {
  if (source.empty()) return 0;
  Octets pseudo = address_octets(source);
  put(pseudo, address_octets(destination));
  put32(pseudo, static_cast<std::uint32_t>(segment.size()));
  put32(pseudo, protocol);
  put(pseudo, segment);
  return checksum(pseudo);
}

void patch16(Octets& bytes, std::size_t offset, std::uint16_t value) {
  bytes[offset] = static_cast<std::uint8_t>(value >> 8);
  bytes[offset + 1] = static_cast<std::uint8_t>(value);
}

}  // namespace

Octets ipv4_packet(std::string_view source, std::string_view destination, std::uint8_t protocol, const Octets& payload,
                   const Ipv4Options& options) {
  const std::size_t header_size = 20 + options.options.size();
  Octets out{static_cast<std::uint8_t>(0x40 | header_size / 4), options.tos};
  put16(out, static_cast<std::uint32_t>(header_size + payload.size()));
  put16(out, options.id);
  put16(out, (options.df ? 0x4000U : 0U) | (options.mf ? 0x2000U : 0U) | options.offset / 8U);
  out.push_back(options.ttl);
  out.push_back(protocol);
  put16(out, 0);
  put(out, address_octets(source));
  put(out, address_octets(destination));
  put(out, options.options);
  patch16(out, 10, checksum(out));
  put(out, payload);
  return out;
}

Octets ipv6_packet(std::string_view source, std::string_view destination, std::uint8_t next_header,
                   const Octets& payload, const Ipv6Options& options) {
  Octets out;
  put32(out, 6U << 28 | static_cast<std::uint32_t>(options.traffic_class) << 20 | options.flow_label);
  put16(out, static_cast<std::uint32_t>(payload.size()));
  out.push_back(next_header);
  out.push_back(options.hop_limit);
  put(out, address_octets(source));
  put(out, address_octets(destination));
  put(out, payload);
  return out;
}

Octets udp_datagram(std::string_view source, std::string_view destination, std::uint16_t source_port,
                    std::uint16_t destination_port, const Octets& payload) {
  Octets out;
  put16(out, source_port);
  put16(out, destination_port);
  put16(out, static_cast<std::uint32_t>(8 + payload.size()));
  put16(out, 0);
  put(out, payload);
  if (const std::uint16_t sum = upper_checksum(source, destination, 17, out); !source.empty())
    patch16(out, 6, sum == 0 ? 0xffff : sum);
  return out;
}

Octets tcp_segment(std::string_view source, std::string_view destination, std::uint16_t source_port,
                   std::uint16_t destination_port, const Octets& payload, const TcpOptions& options) {
  Octets out;
  put16(out, source_port);
  put16(out, destination_port);
  put32(out, options.sequence);
  put32(out, options.acknowledgment);
  out.push_back(static_cast<std::uint8_t>((20 + options.options.size()) / 4 << 4));
  out.push_back(options.flags);
  put16(out, options.window);
  put32(out, 0);
  put(out, options.options);
  put(out, payload);
  patch16(out, 16, upper_checksum(source, destination, 6, out));
  return out;
}

Octets icmp_echo(std::uint16_t id, std::uint16_t sequence, const Octets& payload, std::uint8_t type) {
  Octets out{type, 0, 0, 0};
  put16(out, id);
  put16(out, sequence);
  put(out, payload);
  patch16(out, 2, checksum(out));
  return out;
}

Octets ethernet_frame(const Octets& packet) {
  if (packet.empty()) throw std::runtime_error("no packet");
  return ethernet_frame(packet[0] >> 4 == 6 ? 0x86dd : 0x0800, packet);
}

Octets ethernet_frame(std::uint16_t type, const Octets& payload) {
  Octets out{0x02, 0, 0, 0, 0, 2, 0x02, 0, 0, 0, 0, 1};
  put16(out, type);
  put(out, payload);
  if (out.size() < 60) out.resize(60);
  return out;
}

}  // namespace espdump::test
