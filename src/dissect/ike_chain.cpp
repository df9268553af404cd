// Chains of IKE payloads, RFC 7296 section 3.2 and RFC 2408 section 3.2, cut by the snap length or broken.
#include "dissect/ike_chain.hpp"

namespace espdump {
namespace {

constexpr std::size_t generic_header = wire::IkePayloadChain::generic_header;

// How long the payload here is on the wire, where only the capture lacks its end; 0: it does not fit there either.
std::size_t length_on_wire(const ByteReader& in) {
  if (!in.cut()) return 0;
  if (in.remaining() < generic_header) return generic_header <= in.claimed_remaining() ? generic_header : 0;
  const std::size_t length = read_u16(in.rest(), 2);
  return length >= generic_header && length <= in.claimed_remaining() ? length : 0;
}

}  // namespace

bool is_encrypted_payload(std::uint8_t type) {
  return type == wire::ike_payload::encrypted || type == wire::ike_payload::encrypted_fragment;
}

bool follow_ike_chain(const wire::IkePayloadChain& chain, ByteReader& in, Context& context) {
  in.skip(chain.offset());
  if (chain.error().empty()) return true;
  const std::size_t cut = length_on_wire(in);
  if (cut == 0)
    context.malformed(chain.offset(), chain.error());
  else if (chain.offset() == 0)  // not even one payload to show
    in.skip(cut);
  return false;
}

}  // namespace espdump
