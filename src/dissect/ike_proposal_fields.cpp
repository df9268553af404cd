// Fields of the proposals in an SA payload of IKEv2, RFC 7296 section 3.3.
#include <espdump/wire/ikev2_names.hpp>

#include "dissect/ike_fields.hpp"

namespace espdump {
namespace {

constexpr std::size_t substructure_header = 8;  // of proposals and of transforms

void describe_transform(const wire::IkeTransform& transform, const Part& part, FieldSink& out) {
  out.begin("transform", part.where(), wire::transform_text(transform));
  out.number("type", part.at(4, 1), transform.type, wire::ike_transform_type_name(transform.type));
  out.number("id", part.at(6, 2), transform.id, wire::ike_transform_name(transform.type, transform.id));
  if (transform.key_bits != 0) out.number("key_length", part.from(substructure_header).where(), transform.key_bits);
  out.text("swanctl", {}, wire::swanctl_keyword(transform));
  out.end();
}

void describe_proposal(const wire::IkeProposal& proposal, const Part& part, FieldSink& out) {
  out.begin("proposal", part.where(), wire::proposal_text(proposal));
  out.number("number", part.at(4, 1), proposal.number);
  out.number("protocol", part.at(5, 1), proposal.protocol, wire::ike_protocol_name(proposal.protocol));
  if (!proposal.spi.empty())
    out.text("spi", part.at(substructure_header, proposal.spi.size()), "0x" + hex_text(proposal.spi));
  out.text("swanctl", {}, wire::swanctl_proposal(proposal));
  std::size_t offset = substructure_header + proposal.spi.size();
  for (const wire::IkeTransform& transform : proposal.transforms) {
    const std::size_t length = read_u16(part.bytes, offset + 2);
    describe_transform(transform, part.slice(offset, length), out);
    offset += length;
  }
  out.end();
}

}  // namespace

void describe_ike_proposals(const Part& body, FieldSink& out) {
  for (const wire::IkeProposal& proposal : wire::read_ike_proposals(body.bytes).list)
    describe_proposal(proposal, body.slice(proposal.offset, proposal.size), out);
}

}  // namespace espdump
