// Fields of ISAKMP payloads in the clear: RFC 2408 section 3, RFC 2407 section 4.6, RFC 3947 section 3.
#include <espdump/wire/ikev1_names.hpp>
#include <espdump/wire/names.hpp>

#include <fmt/core.h>

#include "dissect/ike_fields.hpp"

namespace espdump {
namespace {

constexpr std::size_t generic_header = wire::IkePayloadChain::generic_header;
constexpr std::uint8_t x509_signature = 4;

// Type numbers, and names of groups in the tree.
namespace type {
constexpr std::uint8_t sa = 1, ke = 4, id = 5, cert = 6, cert_req = 7, hash = 8, sig = 9, nonce = 10, notification = 11;
constexpr std::uint8_t del = 12, vendor_id = 13, nat_d = 20, nat_oa = 21, draft_nat_d = 130, draft_nat_oa = 131;
constexpr std::uint8_t fragment = 132;
}  // namespace type

std::string_view group_name(std::uint8_t payload) {
  switch (payload) {
    case type::sa: return "sa";
    case type::ke: return "ke";
    case type::id: return "id";
    case type::cert: return "cert";
    case type::cert_req: return "certreq";
    case type::hash: return "hash";
    case type::sig: return "sig";
    case type::nonce: return "nonce";
    case type::notification: return "notification";
    case type::del: return "delete";
    case type::vendor_id: return "vendor_id";
    case type::nat_d:
    case type::draft_nat_d: return "nat_d";
    case type::nat_oa:
    case type::draft_nat_oa: return "nat_oa";
    case type::fragment: return "fragment";
    default: return "payload";
  }
}

std::string heading(const wire::IkePayload& payload) {
  if (payload.type == type::notification && payload.body.size() >= 8)
    if (const auto name = wire::ikev1_notify_name(read_u16(payload.body, 6)); !name.empty()) return std::string{name};
  if (payload.type == type::vendor_id)
    if (const auto name = wire::ike_vendor_name(payload.body); !name.empty()) return std::string{name};
  const std::string_view name = wire::ikev1_payload_name(payload.type);
  return name.empty() ? std::to_string(payload.type) : std::string{name};
}

// |    ID Type    |  Protocol ID  |             Port              | 0; of phase 2 with subnets and ranges
void describe_identity(const Part& body, FieldSink& out) {
  if (body.bytes.size() < 4) return describe_rest("data", body, out);
  const std::uint8_t id_type = body.bytes[0];
  const Part data = body.from(4);
  out.number("id_type", body.at(0, 1), id_type, wire::ikev1_identity_type_name(id_type));
  out.number("protocol", body.at(1, 1), body.bytes[1], wire::ip_protocol_name(body.bytes[1]));
  out.number("port", body.at(2, 2), read_u16(body.bytes, 2));
  const bool two = id_type == 4 || (id_type >= 6 && id_type <= 8);
  const std::size_t half = data.bytes.size() / 2;
  if (two && (half == 4 || half == 16) && data.bytes.size() == 2 * half)
    out.text("identity", data.where(),
             fmt::format("{}{}{}", IpAddress{data.bytes.first(half)}.to_string(), id_type >= 7 ? "-" : "/",
                         IpAddress{data.bytes.subspan(half)}.to_string()));
  else if (two)
    describe_rest("identity", data, out);
  else
    out.safe_text("identity", data.where(), wire::identity_text({id_type, data.bytes}));
}

void describe_encoded(std::uint8_t payload, const Part& body, FieldSink& out) {
  if (body.bytes.empty()) return;
  out.number("encoding", body.at(0, 1), body.bytes[0], wire::ike_certificate_encoding_name(body.bytes[0]));
  const Part data = body.from(1);
  if (payload == type::cert && body.bytes[0] == x509_signature)
    describe_certificate("certificate", data, out);
  else if (payload == type::cert_req && !data.bytes.empty())
    out.safe_text("authority", data.where(), wire::identity_text({9, data.bytes}));  // a name, as ID_DER_ASN1_DN
  else
    describe_rest("data", data, out);
}

// |                Domain of Interpretation (DOI)                 | 0
// |  Protocol-ID  |   SPI Size    |      Notify Message Type      | 4
void describe_notification(const Part& body, FieldSink& out) {
  if (body.bytes.size() < 8) return describe_rest("data", body, out);
  const std::uint16_t notify = read_u16(body.bytes, 6);
  const Part spi = body.slice(8, body.bytes[5]), data = body.from(8 + spi.bytes.size());
  out.number("doi", body.at(0, 4), read_u32(body.bytes, 0));
  out.number("protocol", body.at(4, 1), body.bytes[4], wire::ikev1_protocol_name(body.bytes[4]));
  out.number("spi_size", body.at(5, 1), body.bytes[5]);
  out.number("type", body.at(6, 2), notify, wire::ikev1_notify_name(notify));
  if (!spi.bytes.empty()) out.text("spi", spi.where(), "0x" + hex_text(spi.bytes));
  describe_rest("data", data, out);
}

// |  Protocol-Id  |   SPI Size    |           # of SPIs           | 4, behind the DOI
void describe_delete(const Part& body, FieldSink& out) {
  constexpr std::size_t most = 256;
  if (body.bytes.size() < 8) return describe_rest("data", body, out);
  const std::size_t size = body.bytes[5], count = read_u16(body.bytes, 6);
  out.number("doi", body.at(0, 4), read_u32(body.bytes, 0));
  out.number("protocol", body.at(4, 1), body.bytes[4], wire::ikev1_protocol_name(body.bytes[4]));
  out.number("spi_size", body.at(5, 1), size);
  out.number("spi_count", body.at(6, 2), count);
  if (size == 0) return;
  for (std::size_t i = 0; i < std::min(count, most); ++i) {
    const Part spi = body.slice(8 + i * size, size);
    if (spi.bytes.size() < size) return;
    out.text("spi", spi.where(), "0x" + hex_text(spi.bytes));
  }
}

void describe_original_address(const Part& body, FieldSink& out) {
  if (body.bytes.size() < 4) return describe_rest("data", body, out);
  const IpAddress address{body.bytes.subspan(4)};
  out.number("id_type", body.at(0, 1), body.bytes[0], wire::ikev1_identity_type_name(body.bytes[0]));
  if (address.size() != 0)
    out.address("address", body.from(4).where(), address);
  else
    describe_rest("data", body.from(4), out);
}

// As Cisco and Microsoft cut messages: an identifier, a number, whether it is the last, the piece.
void describe_fragment(const Part& body, FieldSink& out) {
  if (body.bytes.size() < 4) return describe_rest("data", body, out);
  out.number("fragment_id", body.at(0, 2), read_u16(body.bytes, 0));
  out.number("fragment_number", body.at(2, 1), body.bytes[2]);
  out.flag("last", body.at(3, 1), (body.bytes[3] & 0x01) != 0);
  describe_rest("data", body.from(4), out);
}

void describe_body(std::uint8_t payload, const Part& body, FieldSink& out) {
  switch (payload) {
    case type::sa: return describe_ikev1_proposals(body, out);
    case type::id: return describe_identity(body, out);
    case type::cert:
    case type::cert_req: return describe_encoded(payload, body, out);
    case type::notification: return describe_notification(body, out);
    case type::del: return describe_delete(body, out);
    case type::vendor_id: return describe_vendor_id(body, out);
    case type::nat_d:
    case type::draft_nat_d: return describe_rest("hash", body, out);
    case type::nat_oa:
    case type::draft_nat_oa: return describe_original_address(body, out);
    case type::fragment: return describe_fragment(body, out);
    default: return describe_rest("data", body, out);
  }
}

}  // namespace

void describe_ikev1_payload(const wire::IkePayload& payload, FieldSink& out) {
  out.begin(group_name(payload.type), {payload.offset, generic_header + payload.body.size()}, heading(payload));
  out.number("next_payload", {payload.offset, 1}, payload.next, wire::ikev1_payload_name(payload.next));
  out.number("length", {payload.offset + 2, 2}, generic_header + payload.body.size());
  describe_body(payload.type, {payload.body, payload.offset + generic_header}, out);
  out.end();
}

}  // namespace espdump
