// Traffic selectors, RFC 7296 section 3.13.1, and their text in the manner of swanctl.conf.
#include <espdump/wire/ikev2_payloads.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace espdump::wire {
namespace {

constexpr std::uint8_t ipv4_range = 7, ipv6_range = 8;
constexpr std::uint8_t icmp = 1, icmpv6 = 58;
constexpr std::uint16_t last_port = 65535;

// |   TS Type     |IP Protocol ID*|       Selector Length         | 0
// |           Start Port*         |           End Port*           | 4
// ~            Starting Address*, Ending Address*                 ~ 8
std::optional<TrafficSelector> read_selector(ByteReader& in) {
  TrafficSelector out;
  out.type = in.u8();
  const std::uint8_t protocol = in.u8();
  const std::size_t length = in.u16();
  if (!in.ok() || length < 4) return std::nullopt;
  ByteReader body = in.sub(length - 4);
  if (!in.ok()) return std::nullopt;
  if (out.type != ipv4_range && out.type != ipv6_range) return out;
  const std::size_t address_size = out.type == ipv4_range ? 4 : 16;
  out.protocol = protocol;
  out.start_port = body.u16();
  out.end_port = body.u16();
  out.first = IpAddress{body.take(address_size)};
  out.last = IpAddress{body.take(address_size)};
  return body.ok() && body.remaining() == 0 ? std::optional{out} : std::nullopt;
}

// As /etc/protocols names them, and so swanctl.
std::string_view protocol_keyword(std::uint8_t protocol) {
  switch (protocol) {
    case 1: return "icmp";
    case 2: return "igmp";
    case 4: return "ipencap";
    case 6: return "tcp";
    case 17: return "udp";
    case 33: return "dccp";
    case 41: return "ipv6";
    case 47: return "gre";
    case 50: return "esp";
    case 51: return "ah";
    case 58: return "ipv6-icmp";
    case 88: return "eigrp";
    case 89: return "ospf";
    case 103: return "pim";
    case 108: return "ipcomp";
    case 112: return "vrrp";
    case 115: return "l2tp";
    case 132: return "sctp";
    case 136: return "udplite";
    default: return {};
  }
}

std::string port_text(std::uint16_t port, bool is_icmp) {
  return is_icmp ? fmt::format("{}({})", port >> 8, port & 0xff) : fmt::format("{}", port);
}

std::string ports_text(const TrafficSelector& ts) {
  const bool is_icmp = ts.protocol == icmp || ts.protocol == icmpv6;
  if (ts.start_port == last_port && ts.end_port == 0) return "OPAQUE";
  if (ts.start_port == ts.end_port) return port_text(ts.start_port, is_icmp);
  // A type with any code.
  if (is_icmp && ts.end_port - ts.start_port == 0xff && ts.start_port % 256 == 0)
    return fmt::format("{}", ts.start_port >> 8);
  return fmt::format("{}-{}", port_text(ts.start_port, is_icmp), port_text(ts.end_port, is_icmp));
}

std::string protocol_and_ports(const TrafficSelector& ts) {
  const bool any_port = ts.start_port == 0 && ts.end_port == last_port;
  if (ts.protocol == 0 && any_port) return {};
  const std::string_view name = protocol_keyword(ts.protocol);
  const std::string protocol = name.empty() ? std::to_string(ts.protocol) : std::string{name};
  return any_port ? fmt::format("[{}]", protocol) : fmt::format("[{}/{}]", protocol, ports_text(ts));
}

bool bit_of(Bytes address, std::size_t bit) { return (address[bit / 8] >> (7 - bit % 8) & 1) != 0; }

}  // namespace

std::optional<Prefix> TrafficSelector::prefix() const {
  const std::size_t bits = first.size() * 8;
  if (bits == 0 || first.family() != last.family()) return std::nullopt;
  std::size_t length = 0;
  while (length < bits && bit_of(first.bytes(), length) == bit_of(last.bytes(), length)) ++length;
  for (std::size_t bit = length; bit < bits; ++bit)
    if (bit_of(first.bytes(), bit) || !bit_of(last.bytes(), bit)) return std::nullopt;
  return Prefix{first, static_cast<std::uint8_t>(length)};
}

std::optional<std::vector<TrafficSelector>> read_traffic_selectors(Bytes body, std::size_t most) {
  ByteReader in{body};
  const std::size_t count = in.u8();
  in.skip(3);
  if (!in.ok()) return std::nullopt;
  std::vector<TrafficSelector> out;
  for (std::size_t i = 0; i < count; ++i) {
    const auto selector = read_selector(in);
    if (!selector) return std::nullopt;
    if (out.size() < most) out.push_back(*selector);
  }
  return in.remaining() == 0 ? std::optional{std::move(out)} : std::nullopt;
}

std::string to_string(const TrafficSelector& ts) {
  if (ts.first.size() == 0) return fmt::format("TS type {}", ts.type);
  const auto prefix = ts.prefix();
  // swanctl writes a host with its length too.
  const std::string range =
      prefix ? prefix->to_string() : fmt::format("{}..{}", ts.first.to_string(), ts.last.to_string());
  return range + protocol_and_ports(ts);
}

}  // namespace espdump::wire
