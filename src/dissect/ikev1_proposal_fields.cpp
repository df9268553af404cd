// Fields of the SA payload of IKEv1: RFC 2408 sections 3.3 to 3.6, RFC 2407 section 4.6.1.
#include <espdump/wire/ikev1_names.hpp>

#include "dissect/ike_fields.hpp"

namespace espdump {
namespace {

constexpr std::uint8_t isakmp = 1;
constexpr std::size_t header = 8;  // of the SA payload's body, of proposals and of transforms
constexpr std::size_t most = 256;

// Proposals stand in a row, and so do transforms: `length` at 2, as in generic headers. Those from one that does not
// fit on are passed over.
template <typename Describe>
void for_each(Part rest, Describe describe) {
  for (std::size_t count = 0; rest.bytes.size() >= header && count < most; ++count) {
    const std::size_t length = read_u16(rest.bytes, 2);
    if (length < header || length > rest.bytes.size()) break;
    describe(rest.slice(0, length));
    rest = rest.from(length);
  }
  describe_rest("unread", rest, *describe.out);
}

void describe_attribute(bool phase1, std::uint16_t type, const Part& part, const Part& value, FieldSink& out) {
  const std::string_view name = wire::ikev1_attribute_name(phase1, type);
  out.begin("attribute", part.where(), name.empty() ? std::to_string(type) : std::string{name});
  out.number("type", part.at(0, 2), type, name);
  if (value.bytes.size() == 2) {
    const std::uint16_t number = read_u16(value.bytes, 0);
    out.number("value", value.where(), number, wire::ikev1_attribute_value_name(phase1, type, number));
  } else if (value.bytes.size() == 4) {
    out.number("value", value.where(), read_u32(value.bytes, 0));
  } else {
    describe_rest("value", value, out);
  }
  out.end();
}

// |A|       Attribute Type        |    AF=1: Value, AF=0: Length  |, RFC 2408 section 3.3
void describe_attributes(bool phase1, Part rest, FieldSink& out) {
  constexpr std::uint16_t short_form = 0x8000;
  while (rest.bytes.size() >= 4) {
    const std::uint16_t type = read_u16(rest.bytes, 0);
    const std::size_t length = (type & short_form) != 0 ? 0 : read_u16(rest.bytes, 2);
    if (length > rest.bytes.size() - 4) break;
    const Part part = rest.slice(0, 4 + length);
    describe_attribute(phase1, type & 0x7fff, part, (type & short_form) != 0 ? part.from(2) : part.from(4), out);
    rest = rest.from(4 + length);
  }
  describe_rest("unread", rest, out);
}

struct TransformFields {
  std::uint8_t protocol;
  FieldSink* out;
  void operator()(const Part& part) const {
    const std::uint8_t id = part.bytes[5];
    const std::string_view name = wire::ikev1_transform_name(protocol, id);
    out->begin("transform", part.where(), name.empty() ? std::to_string(id) : std::string{name});
    out->number("number", part.at(4, 1), part.bytes[4]);
    out->number("id", part.at(5, 1), id, name);
    describe_attributes(protocol == isakmp, part.from(header), *out);
    out->end();
  }
};

struct ProposalFields {
  FieldSink* out;
  void operator()(const Part& part) const {
    const std::uint8_t protocol = part.bytes[5];
    const Part spi = part.slice(header, part.bytes[6]);
    const std::string_view name = wire::ikev1_protocol_name(protocol);
    out->begin("proposal", part.where(), name.empty() ? std::to_string(protocol) : std::string{name});
    out->number("number", part.at(4, 1), part.bytes[4]);
    out->number("protocol", part.at(5, 1), protocol, name);
    out->number("transforms", part.at(7, 1), part.bytes[7]);
    if (!spi.bytes.empty()) out->text("spi", spi.where(), "0x" + hex_text(spi.bytes));
    for_each(part.from(header + spi.bytes.size()), TransformFields{protocol, out});
    out->end();
  }
};

}  // namespace

void describe_ikev1_proposals(const Part& body, FieldSink& out) {
  if (body.bytes.size() < header) return describe_rest("data", body, out);
  out.number("doi", body.at(0, 4), read_u32(body.bytes, 0));
  out.hex("situation", body.at(4, 4), read_u32(body.bytes, 4), 8);
  for_each(body.from(header), ProposalFields{&out});
}

}  // namespace espdump
