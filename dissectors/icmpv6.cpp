// ICMPv6, RFC 4443, with the targets of neighbor discovery, RFC 4861. Errors quote the packet that they are about.
#include <espdump/dissector.hpp>
#include <espdump/wire/icmpv6.hpp>

#include "base/append.hpp"

namespace espdump::dissectors {
namespace {

using wire::Icmpv6;

constexpr Claim claims[] = {{Space::ip_protocol, 58}};

Step dissect(ByteReader& in, Context&) {
  in.skip(Icmpv6::size);
  if (!in.ok()) return Step::end();
  const Bytes header = in.consumed();
  const std::uint8_t type = header[Icmpv6::type_offset];
  if (type == Icmpv6::neighbor_solicitation || type == Icmpv6::neighbor_advertisement)
    in.skip(Icmpv6::size_with_target - Icmpv6::size);
  if (!in.ok() || !Icmpv6::over(in.consumed()).is_error()) return Step::end();
  // Extensions may follow a quotation whose length is given (RFC 4884 section 4).
  const std::size_t quoted = std::size_t{header[Icmpv6::quote_length_offset]} * 8;
  const bool may_extend = type == Icmpv6::unreachable || type == Icmpv6::time_exceeded;
  if (may_extend && quoted != 0 && quoted <= in.claimed_remaining()) in.limit(quoted);
  return Step::quoted({Space::ip_version, 6});
}

std::string_view unreachable_name(std::uint8_t code) {
  constexpr std::array<std::string_view, 7> names{"no route",
                                                  "administratively prohibited",
                                                  "beyond scope of source address",
                                                  "address unreachable",
                                                  "port unreachable",
                                                  "source address failed policy",
                                                  "route rejected"};
  return code < names.size() ? names[code] : "unreachable";
}

std::string_view type_name(Icmpv6 icmp) {
  switch (icmp.type()) {
    case Icmpv6::unreachable: return unreachable_name(icmp.code());
    case Icmpv6::packet_too_big: return "packet too big";
    case Icmpv6::time_exceeded: return icmp.code() == 1 ? "reassembly time exceeded" : "time exceeded";
    case Icmpv6::parameter_problem: return "parameter problem";
    case Icmpv6::echo_request: return "echo request";
    case Icmpv6::echo_reply: return "echo reply";
    case 130: return "multicast listener query";
    case 131: return "multicast listener report";
    case 132: return "multicast listener done";
    case 133: return "router solicitation";
    case 134: return "router advertisement";
    case Icmpv6::neighbor_solicitation: return "neighbor solicitation";
    case Icmpv6::neighbor_advertisement: return "neighbor advertisement";
    case 137: return "redirect";
    case 143: return "multicast listener report v2";
    default: return {};
  }
}

void describe(const Layer& layer, FieldSink& out) {
  const auto icmp = Icmpv6::from(layer.header);
  if (!icmp) return;
  out.number("type", {Icmpv6::type_offset, 1}, icmp->type(), type_name(*icmp));
  out.number("code", {Icmpv6::code_offset, 1}, icmp->code());
  out.hex("checksum", {Icmpv6::checksum_offset, 2}, icmp->checksum(), 4);
  if (icmp->is_echo()) {
    out.number("id", {Icmpv6::id_offset, 2}, icmp->id());
    out.number("seq", {Icmpv6::number_offset, 2}, icmp->number());
  } else if (icmp->type() == Icmpv6::packet_too_big) {
    out.number("mtu", {Icmpv6::mtu_offset, 4}, icmp->mtu());
  } else {
    out.hex("rest", {Icmpv6::mtu_offset, 4}, icmp->mtu(), 8);
  }
  if (icmp->has_target()) out.address("target", {Icmpv6::target_offset, 16}, icmp->target());
}

void brief(const Layer& layer, std::string& out) {
  const auto icmp = Icmpv6::from(layer.header);
  if (!icmp) return;
  const std::string_view name = type_name(*icmp);
  if (name.empty())
    append(out, "ICMPv6 type {} code {}", icmp->type(), icmp->code());
  else
    append(out, "ICMPv6 {}", name);
  if (icmp->is_echo()) append(out, " id {} seq {}", icmp->id(), icmp->number());
  if (icmp->type() == Icmpv6::packet_too_big) append(out, ", MTU {}", icmp->mtu());
  if (icmp->has_target()) append(out, " for {}", icmp->target().to_string());
}

}  // namespace

extern constexpr Dissector icmpv6{{"icmpv6", "ICMPv6"}, claims, dissect, describe, brief};
}  // namespace espdump::dissectors
