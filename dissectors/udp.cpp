// User Datagram Protocol, RFC 768.
#include <espdump/dissector.hpp>
#include <espdump/wire/udp.hpp>

#include <fmt/core.h>

namespace espdump::dissectors {
namespace {

using wire::Udp;

constexpr Claim claims[] = {{Space::ip_protocol, 17}};

Step dissect(ByteReader& in, Context& context) {
  in.skip(Udp::size);
  if (!in.ok()) return Step::end();
  const auto udp = Udp::over(in.consumed());
  // Zero: a jumbogram (RFC 2675 section 4), or captured before segmentation offload.
  if (udp.length() != 0) {
    if (udp.length() < Udp::size) {
      context.malformed(Udp::length_offset, fmt::format("length is {}, less than the header's 8", udp.length()));
      return Step::end();
    }
    in.limit(udp.length() - Udp::size);
  }
  if (in.claimed_remaining() == 0) return Step::end();
  return Step::to({Space::udp_port, udp.destination_port()}, {Space::udp_port, udp.source_port()});
}

void describe(const Layer& layer, FieldSink& out) {
  const auto udp = Udp::from(layer.header);
  if (!udp) return;
  out.number("source_port", {Udp::source_port_offset, 2}, udp->source_port());
  out.number("destination_port", {Udp::destination_port_offset, 2}, udp->destination_port());
  out.number("length", {Udp::length_offset, 2}, udp->length());
  out.hex("checksum", {Udp::checksum_offset, 2}, udp->checksum(), 4, udp->checksum() == 0 ? "none" : "");
}

void brief(const Layer&, std::string& out) { out += "UDP"; }

}  // namespace

extern constexpr Dissector udp{{"udp", "UDP"}, claims, dissect, describe, brief};
}  // namespace espdump::dissectors
