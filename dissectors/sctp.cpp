// Stream Control Transmission Protocol, RFC 9260 section 3.1: the common header.
#include <espdump/dissector.hpp>
#include <espdump/wire/sctp.hpp>

namespace espdump::dissectors {
namespace {

using wire::Sctp;

constexpr Claim claims[] = {{Space::ip_protocol, 132}};

Step dissect(ByteReader& in, Context&) {
  in.skip(Sctp::size);
  return Step::end();
}

void describe(const Layer& layer, FieldSink& out) {
  const auto sctp = Sctp::from(layer.header);
  if (!sctp) return;
  out.number("source_port", {Sctp::source_port_offset, 2}, sctp->source_port());
  out.number("destination_port", {Sctp::destination_port_offset, 2}, sctp->destination_port());
  out.hex("verification_tag", {Sctp::tag_offset, 4}, sctp->tag(), 8);
  out.hex("checksum", {Sctp::checksum_offset, 4}, sctp->checksum(), 8);
}

void brief(const Layer&, std::string& out) { out += "SCTP"; }

}  // namespace

extern constexpr Dissector sctp{{"sctp", "SCTP"}, claims, dissect, describe, brief};
}  // namespace espdump::dissectors
