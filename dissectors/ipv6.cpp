// Internet Protocol version 6, RFC 8200 section 3.
#include <espdump/dissector.hpp>
#include <espdump/wire/ipv6.hpp>
#include <espdump/wire/names.hpp>

#include <fmt/core.h>

#include "base/append.hpp"

namespace espdump::dissectors {
namespace {

using wire::Ipv6;

constexpr std::uint8_t hop_by_hop = 0, tcp_protocol = 6;

constexpr Claim claims[] = {
    {Space::ether_type, 0x86dd}, {Space::ip_protocol, 41}, {Space::ip_version, 6}, {Space::ppp_protocol, 0x0057}};

// No length: a jumbogram, whose length is an option (RFC 2675), or captured before segmentation offload.
bool length_is_open(Ipv6 ip) {
  return ip.payload_length() == 0 && (ip.next_header() == hop_by_hop || ip.next_header() == tcp_protocol);
}

Step dissect(ByteReader& in, Context& context) {
  in.skip(Ipv6::size);
  if (!in.ok()) return Step::end();
  const auto ip = Ipv6::over(in.consumed());
  if (ip.version() != 6) {
    context.malformed(Ipv6::version_offset, fmt::format("version is {}, not 6", ip.version()));
    return Step::end();
  }
  if (!length_is_open(ip)) in.limit(ip.payload_length());
  return Step::to({Space::ip_protocol, ip.next_header()});
}

void describe(const Layer& layer, FieldSink& out) {
  const auto ip = Ipv6::from(layer.header);
  if (!ip) return;
  out.number("version", {Ipv6::version_offset, 1}, ip->version());
  out.hex("traffic_class", {Ipv6::version_offset, 2}, ip->traffic_class(), 2);
  out.hex("flow_label", {Ipv6::flow_label_offset, 3}, ip->flow_label(), 5);
  out.number("payload_length", {Ipv6::payload_length_offset, 2}, ip->payload_length());
  out.number("next_header", {Ipv6::next_header_offset, 1}, ip->next_header(),
             wire::ip_protocol_name(ip->next_header()));
  out.number("hop_limit", {Ipv6::hop_limit_offset, 1}, ip->hop_limit());
  out.address("source", {Ipv6::source_offset, 16}, ip->source());
  out.address("destination", {Ipv6::destination_offset, 16}, ip->destination());
}

void brief(const Layer& layer, std::string& out) {
  const auto ip = Ipv6::from(layer.header);
  if (!ip) return;
  append(out, "IPv6 next header {}", ip->next_header());
  if (const std::string_view name = wire::ip_protocol_name(ip->next_header()); !name.empty())
    append(out, " ({})", name);
}

}  // namespace

extern constexpr Dissector ipv6{{"ipv6", "IPv6"}, claims, dissect, describe, brief};
}  // namespace espdump::dissectors
