// RFC 791, RFC 8200 section 4 (extension headers), and of upper layers what NAT rewrites (RFC 3022 section 4).
#include "analysis/protect_keys.hpp"

#include <algorithm>
#include <array>

#include <espdump/wire/icmp.hpp>
#include <espdump/wire/icmpv6.hpp>
#include <espdump/wire/ipv4.hpp>
#include <espdump/wire/ipv6.hpp>
#include <espdump/wire/ipv6_fragment.hpp>
#include <espdump/wire/next_header.hpp>
#include <espdump/wire/tcp.hpp>
#include <espdump/wire/udp.hpp>

#include "analysis/routed_header.hpp"
#include "base/checksum.hpp"

namespace espdump {
namespace {

using namespace wire::next_header;

constexpr std::uint8_t hop_by_hop = 0, routing = 43, fragment_header = 44, destination_options = 60;
constexpr std::size_t most_extensions = 16;

std::optional<IpFacts> facts_v4(const wire::Ipv4& ip, Bytes packet) {
  IpFacts out{ip.source(), ip.destination(), ip.protocol_number(), ip.id()};
  out.fragment_id = ip.id();
  out.size = ip.total_length();
  out.upper = ip.header_length();
  out.ttl = ip.ttl();
  out.fragment = ip.is_fragment();
  out.first_fragment = out.fragment && ip.fragment_offset() == 0;
  out.cut = out.size > packet.size();
  if (out.size < out.upper) return std::nullopt;
  return out;
}

// Goes through the extension headers; false where they do not end inside the packet.
bool find_upper(Bytes packet, IpFacts& out) {
  for (std::size_t i = 0; i < most_extensions; ++i) {
    const bool fragment = out.protocol == fragment_header;
    if (!fragment && out.protocol != hop_by_hop && out.protocol != routing && out.protocol != destination_options)
      return true;
    if (out.upper + wire::Ipv6Fragment::size > std::min(packet.size(), out.size)) return out.cut;
    const Bytes header = packet.subspan(out.upper);
    out.protocol = header[0];
    if (!fragment) {
      out.upper += std::size_t{header[1]} * 8 + 8;
      continue;
    }
    const auto piece = wire::Ipv6Fragment::over(header);
    out.upper += wire::Ipv6Fragment::size;
    out.fragment = !piece.is_atomic();
    out.first_fragment = out.fragment && piece.offset() == 0;
    out.fragment_id = piece.id();
    if (out.fragment && piece.offset() != 0) return true;  // what follows is no header
  }
  return false;
}

std::optional<IpFacts> facts_v6(const wire::Ipv6& ip, Bytes packet) {
  IpFacts out{ip.source(), ip.destination(), ip.next_header(), ip.flow_label()};
  out.size = wire::Ipv6::size + ip.payload_length();
  out.upper = wire::Ipv6::size;
  out.ttl = ip.hop_limit();
  out.cut = out.size > packet.size();
  if (!find_upper(packet, out) || (out.upper > out.size && !out.cut)) return std::nullopt;
  return out;
}

bool is_icmp(std::uint8_t protocol) { return protocol == icmp || protocol == icmpv6; }

bool is_echo(std::uint8_t protocol, std::uint8_t type) {
  return protocol == icmp ? type == 8 || type == 0 : type == 128 || type == 129;
}

// How many bytes the fixed header of an upper layer has that NAT knows.
std::size_t known_header(std::uint8_t protocol) {
  return protocol == tcp ? wire::Tcp::min_size : protocol == udp || is_icmp(protocol) ? wire::Udp::size : 0;
}

std::uint64_t hash_of_content(std::uint8_t protocol, Bytes upper) {
  std::array<std::uint8_t, 1 + wire::Tcp::min_size> head{protocol};
  const std::size_t known = known_header(protocol);
  if (upper.size() < known) return 0;
  std::copy_n(upper.begin(), known, head.begin() + 1);
  const MutableBytes header = MutableBytes{head}.subspan(1);
  if (protocol == tcp) {
    write_u32(header, wire::Tcp::source_port_offset, 0);
    write_u16(header, wire::Tcp::checksum_offset, 0);
  } else if (protocol == udp) {
    write_u32(header, 0, 0);
    write_u16(header, 6, 0);
  } else if (is_icmp(protocol)) {
    write_u16(header, 2, 0);
    if (is_echo(protocol, header[0])) write_u16(header, 4, 0);
  }
  return keyed_hash(Bytes{head}.first(1 + known), upper.subspan(known)) | 1;
}

std::uint64_t hash_of_stream(std::uint8_t protocol, Bytes upper) {
  const auto segment = protocol == tcp ? wire::Tcp::from(upper) : std::nullopt;
  if (!segment) return 0;
  std::array<std::uint8_t, 13> numbers{};
  write_u32(numbers, 0, segment->sequence());
  write_u32(numbers, 4, segment->acknowledgment());
  write_u32(numbers, 8, static_cast<std::uint32_t>(upper.size() - segment->header_length()));
  numbers[12] = segment->flags();
  return keyed_hash(numbers) | 1;
}

}  // namespace

std::optional<IpFacts> ip_facts(Bytes packet) {
  if (const auto v4 = wire::Ipv4::from(packet); v4 && v4->version() == 4) return facts_v4(*v4, packet);
  if (const auto v6 = wire::Ipv6::from(packet); v6 && v6->version() == 6) return facts_v6(*v6, packet);
  return std::nullopt;
}

bool is_ike_port(std::uint16_t port) { return port == 500 || port == 4500; }

Traffic traffic_of(const IpFacts& facts, Bytes packet) {
  Traffic out{facts.source, facts.destination, facts.protocol, {}, {}, false};
  if (facts.upper > packet.size() || (facts.fragment && !facts.first_fragment)) return out;
  const Bytes upper = packet.subspan(facts.upper);
  constexpr std::uint8_t sctp = 132;
  if ((facts.protocol == tcp || facts.protocol == udp || facts.protocol == sctp) && upper.size() >= 4) {
    out.source_port = read_u16(upper, 0);
    out.destination_port = read_u16(upper, 2);
  } else if (is_icmp(facts.protocol) && upper.size() >= 2) {
    out.source_port = upper[0];
    out.destination_port = upper[1];
  }
  return out;
}

// Linux leaves the sum of the pseudo header in the field (RFC 9293 section 3.1), for the card to go on from.
std::vector<std::uint8_t> with_checksum(const IpFacts& facts, Bytes packet) {
  const std::size_t at = facts.protocol == tcp ? wire::Tcp::checksum_offset : 6;
  if ((facts.protocol != tcp && facts.protocol != udp) || facts.fragment || facts.cut ||
      facts.size < facts.upper + known_header(facts.protocol))
    return {};
  const Bytes upper = packet.first(facts.size).subspan(facts.upper);
  const std::uint64_t pseudo =
      pseudo_header_sum(facts.source.bytes(), facts.destination.bytes(), facts.protocol, upper.size());
  const auto left_open = static_cast<std::uint16_t>(~checksum_fold(pseudo));
  if (read_u16(upper, at) != left_open) return {};
  // It may be the right one by chance; then the sum over all is, too.
  std::vector<std::uint8_t> out(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(facts.size));
  const MutableBytes whole = MutableBytes{out}.subspan(facts.upper);
  if (checksum_fold(checksum_add(whole, pseudo)) == 0) return {};
  write_u16(whole, at, 0);
  const std::uint16_t sum = checksum_fold(checksum_add(whole, pseudo));
  write_u16(whole, at, sum == 0 && facts.protocol == udp ? std::uint16_t{0xffff} : sum);
  return out;
}

ProtectKeys protect_keys(const IpFacts& facts, Bytes packet) {
  ProtectKeys out;
  if (facts.cut || facts.size > packet.size()) return out;
  const std::vector<std::uint8_t> computed = with_checksum(facts, packet);
  packet = computed.empty() ? packet.first(facts.size) : Bytes{computed};
  auto header = routed_header(packet);
  if (!header) return out;
  const Bytes rest = packet.subspan(header->size);
  out.whole = routed_hash(*header, rest);
  if (facts.fragment) return out;
  if (facts.source.is_v4())
    write_u32(header->bytes, wire::Ipv4::id_offset, 0);
  else
    write_u32(header->bytes, 0, std::uint32_t{6} << 28);
  out.lean = routed_hash(*header, rest);
  out.content = hash_of_content(facts.protocol, packet.subspan(facts.upper));
  out.stream = hash_of_stream(facts.protocol, packet.subspan(facts.upper));
  return out;
}

}  // namespace espdump
