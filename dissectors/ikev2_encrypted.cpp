// The Encrypted and Authenticated payload, RFC 7296 section 3.14, and its fragments, RFC 7383 section 2.5. What is
// behind the header (IV, ciphertext, ICV) is the decoder's.
#include <espdump/dissector.hpp>
#include <espdump/wire/ikev2_names.hpp>

#include <fmt/core.h>

#include "base/append.hpp"

namespace espdump::dissectors {
namespace {

// | Next Payload  |C|  RESERVED   |         Payload Length        | 0
// |        Fragment Number        |        Total Fragments        | 4, of fragments only
constexpr std::size_t next_payload_offset = 0;
constexpr std::size_t critical_offset = 1;
constexpr std::size_t length_offset = 2;
constexpr std::size_t fragment_number_offset = 4;
constexpr std::size_t total_fragments_offset = 6;
constexpr std::size_t whole_header = 4, fragment_header = 8;

constexpr Claim claims[] = {{Space::ike_payload, wire::ike_payload::encrypted},
                            {Space::ike_payload, wire::ike_payload::encrypted_fragment}};

Step dissect(ByteReader& in, Context& context) {
  const bool fragment = context.reached_by().value == wire::ike_payload::encrypted_fragment;
  const std::size_t header = fragment ? fragment_header : whole_header;
  in.skip(length_offset);
  const std::size_t length = in.u16();
  const std::uint16_t number = fragment ? in.u16() : 1, total = fragment ? in.u16() : 1;
  if (!in.ok()) return Step::end();
  if (length < header) {
    context.malformed(length_offset, fmt::format("length is {}, less than the header's {}", length, header));
    return Step::end();
  }
  if (number == 0 || number > total)
    context.malformed(fragment_number_offset, fmt::format("it is fragment {} of {}", number, total));
  if (in.claimed_remaining() > length - header)
    context.malformed(length, fmt::format("{} bytes stand behind it", in.claimed_remaining() - (length - header)));
  in.limit(length - header);
  return Step::sealed();
}

void describe(const Layer& layer, FieldSink& out) {
  const Bytes header = layer.header;
  if (header.size() < whole_header) return;
  out.number("next_payload", {next_payload_offset, 1}, header[next_payload_offset],
             wire::ike_payload_name(header[next_payload_offset]));
  out.flag("critical", {critical_offset, 1}, (header[critical_offset] & 0x80) != 0);
  out.number("length", {length_offset, 2}, read_u16(header, length_offset));
  if (header.size() < fragment_header) return;
  out.number("fragment_number", {fragment_number_offset, 2}, read_u16(header, fragment_number_offset));
  out.number("total_fragments", {total_fragments_offset, 2}, read_u16(header, total_fragments_offset));
}

void brief(const Layer& layer, std::string& out) {
  if (layer.header.size() < fragment_header)
    out += "SK";
  else
    append(out, "SKF {}/{}", read_u16(layer.header, fragment_number_offset),
           read_u16(layer.header, total_fragments_offset));
}

}  // namespace

extern constexpr Dissector ikev2_encrypted{
    {"ikev2_encrypted", "IKE encrypted payload"}, claims, dissect, describe, brief, &codes::ike_malformed};
}  // namespace espdump::dissectors
