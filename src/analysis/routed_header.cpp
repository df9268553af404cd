// IP packets known again behind routers.
#include "analysis/routed_header.hpp"

#include <algorithm>

#include <espdump/wire/ipv4.hpp>
#include <espdump/wire/ipv6.hpp>

#include "base/packet_hash.hpp"

namespace espdump {

std::optional<RoutedHeader> routed_header(Bytes packet) {
  RoutedHeader out;
  if (const auto v4 = wire::Ipv4::from(packet); v4 && v4->version() == 4) {
    out.size = wire::Ipv4::min_size;
    std::copy_n(packet.begin(), out.size, out.bytes.begin());
    out.bytes[wire::Ipv4::tos_offset] = out.bytes[wire::Ipv4::ttl_offset] = 0;
    write_u16(out.bytes, wire::Ipv4::checksum_offset, 0);
    return out;
  }
  const auto v6 = wire::Ipv6::from(packet);
  if (!v6 || v6->version() != 6) return std::nullopt;
  out.size = wire::Ipv6::size;
  std::copy_n(packet.begin(), out.size, out.bytes.begin());
  constexpr std::uint16_t without_class = 0xf00f;
  write_u16(out.bytes, wire::Ipv6::version_offset, static_cast<std::uint16_t>(read_u16(packet, 0) & without_class));
  out.bytes[wire::Ipv6::hop_limit_offset] = 0;
  return out;
}

std::uint64_t routed_hash(const RoutedHeader& header, Bytes rest) {
  std::array<std::uint8_t, 8> of_rest{};
  const std::uint64_t hash = packet_hash(rest);
  write_u32(of_rest, 0, static_cast<std::uint32_t>(hash >> 32));
  write_u32(of_rest, 4, static_cast<std::uint32_t>(hash));
  return short_hash(Bytes{header.bytes}.first(header.size), of_rest) | 1;
}

}  // namespace espdump
