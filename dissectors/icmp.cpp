// Internet Control Message Protocol, RFC 792. Errors quote the packet that they are about.
#include <espdump/dissector.hpp>
#include <espdump/wire/icmp.hpp>

#include "base/append.hpp"

namespace espdump::dissectors {
namespace {

using wire::Icmp;

constexpr Claim claims[] = {{Space::ip_protocol, 1}};

Step dissect(ByteReader& in, Context&) {
  in.skip(Icmp::size);
  if (!in.ok()) return Step::end();
  const Bytes header = in.consumed();
  const auto icmp = Icmp::over(header);
  if (!icmp.is_error()) return Step::end();
  // Extensions may follow a quotation whose length is given (RFC 4884 section 4).
  const std::size_t quoted = std::size_t{header[Icmp::quote_length_offset]} * 4;
  const bool may_extend = icmp.type() != Icmp::redirect && icmp.type() != Icmp::source_quench;
  if (may_extend && quoted != 0 && quoted <= in.claimed_remaining()) in.limit(quoted);
  return Step::quoted({Space::ip_version, 4});
}

std::string_view unreachable_name(std::uint8_t code) {
  constexpr std::array<std::string_view, 16> names{"network unreachable",       "host unreachable",
                                                   "protocol unreachable",      "port unreachable",
                                                   "fragmentation needed",      "source route failed",
                                                   "network unknown",           "host unknown",
                                                   "source host isolated",      "network prohibited",
                                                   "host prohibited",           "network unreachable for TOS",
                                                   "host unreachable for TOS",  "administratively prohibited",
                                                   "host precedence violation", "precedence cutoff"};
  return code < names.size() ? names[code] : "unreachable";
}

std::string_view type_name(Icmp icmp) {
  switch (icmp.type()) {
    case Icmp::echo_reply: return "echo reply";
    case Icmp::unreachable: return unreachable_name(icmp.code());
    case Icmp::source_quench: return "source quench";
    case Icmp::redirect: return "redirect";
    case Icmp::echo_request: return "echo request";
    case 9: return "router advertisement";
    case 10: return "router solicitation";
    case Icmp::time_exceeded: return icmp.code() == 1 ? "reassembly time exceeded" : "time exceeded";
    case Icmp::parameter_problem: return "parameter problem";
    case 13: return "timestamp request";
    case 14: return "timestamp reply";
    default: return {};
  }
}

void describe(const Layer& layer, FieldSink& out) {
  const auto icmp = Icmp::from(layer.header);
  if (!icmp) return;
  out.number("type", {Icmp::type_offset, 1}, icmp->type(), type_name(*icmp));
  out.number("code", {Icmp::code_offset, 1}, icmp->code());
  out.hex("checksum", {Icmp::checksum_offset, 2}, icmp->checksum(), 4);
  if (icmp->is_echo()) {
    out.number("id", {Icmp::id_offset, 2}, icmp->id());
    out.number("seq", {Icmp::number_offset, 2}, icmp->number());
  } else if (icmp->is_fragmentation_needed()) {
    out.number("next_hop_mtu", {Icmp::next_hop_mtu_offset, 2}, icmp->next_hop_mtu());
  } else if (icmp->type() == Icmp::redirect) {
    out.address("gateway", {Icmp::rest_offset, 4}, icmp->gateway());
  } else {
    out.hex("rest", {Icmp::rest_offset, 4}, icmp->rest(), 8);
  }
}

void brief(const Layer& layer, std::string& out) {
  const auto icmp = Icmp::from(layer.header);
  if (!icmp) return;
  const std::string_view name = type_name(*icmp);
  if (name.empty())
    append(out, "ICMP type {} code {}", icmp->type(), icmp->code());
  else
    append(out, "ICMP {}", name);
  if (icmp->is_echo()) append(out, " id {} seq {}", icmp->id(), icmp->number());
  if (icmp->is_fragmentation_needed()) append(out, ", MTU {}", icmp->next_hop_mtu());
  if (icmp->type() == Icmp::redirect) append(out, " to {}", icmp->gateway().to_string());
}

}  // namespace

extern constexpr Dissector icmp{{"icmp", "ICMP"}, claims, dissect, describe, brief};
}  // namespace espdump::dissectors
