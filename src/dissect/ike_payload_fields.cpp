// Fields of IKEv2 payloads: the generic header and the bodies that are short to tell, RFC 7296 section 3.
#include <espdump/wire/ikev2_names.hpp>

#include <algorithm>
#include <array>

#include "dissect/ike_fields.hpp"

namespace espdump {
namespace {

namespace type = wire::ike_payload;

constexpr std::size_t generic_header = wire::IkePayloadChain::generic_header;

std::string_view group_name(std::uint8_t payload) {
  switch (payload) {
    case type::sa: return "sa";
    case type::ke: return "ke";
    case type::idi: return "idi";
    case type::idr: return "idr";
    case type::cert: return "cert";
    case type::certreq: return "certreq";
    case type::auth: return "auth";
    case type::nonce: return "nonce";
    case type::notify: return "notify";
    case type::del: return "delete";
    case type::vendor_id: return "vendor_id";
    case type::tsi: return "tsi";
    case type::tsr: return "tsr";
    case type::cp: return "cp";
    case type::eap: return "eap";
    default: return "payload";
  }
}

// What stands beside the group's name: of some payloads something closer than what they are.
std::string heading(const wire::IkePayload& payload) {
  if (payload.type == type::notify)
    if (const auto notify = wire::read_ike_notify(payload.body))
      if (const auto name = wire::ike_notify_name(notify->type); !name.empty()) return std::string{name};
  if (payload.type == type::vendor_id)
    if (const auto name = wire::ike_vendor_name(payload.body); !name.empty()) return std::string{name};
  const std::string_view name = wire::ike_payload_name(payload.type);
  return name.empty() ? std::to_string(payload.type) : std::string{name};
}

void describe_key_exchange(const Part& body, FieldSink& out) {
  const auto ke = wire::read_ike_key_exchange(body.bytes);
  if (!ke) return;
  out.number("method", body.at(0, 2), ke->group,
             wire::ike_transform_name(wire::ike_transform::key_exchange, ke->group));
  out.number("data_length", {}, ke->data.size());
  describe_rest("data", body.from(4), out);
}

void describe_identity(const Part& body, FieldSink& out) {
  const auto id = wire::read_ike_identity(body.bytes);
  if (!id) return;
  out.number("id_type", body.at(0, 1), id->type, wire::ike_identity_type_name(id->type));
  out.safe_text("identity", body.from(4).where(), wire::identity_text(*id));
}

void describe_delete(const Part& body, FieldSink& out) {
  const auto del = wire::read_ike_delete(body.bytes);
  if (!del) return;
  const std::size_t spi_size = body.bytes[1];
  out.number("protocol", body.at(0, 1), del->protocol, wire::ike_protocol_name(del->protocol));
  out.number("spi_size", body.at(1, 1), spi_size);
  out.number("spi_count", body.at(2, 2), read_u16(body.bytes, 2));
  for (std::size_t i = 0; i < del->spis.size(); ++i)
    out.text("spi", body.at(4 + i * spi_size, spi_size), "0x" + hex_text(del->spis[i]));
}

void describe_body(std::uint8_t payload, const Part& body, FieldSink& out) {
  switch (payload) {
    case type::sa: return describe_ike_proposals(body, out);
    case type::ke: return describe_key_exchange(body, out);
    case type::idi:
    case type::idr: return describe_identity(body, out);
    case type::cert: return describe_ike_certificate(body, out);
    case type::certreq: return describe_ike_certificate_request(body, out);
    case type::auth: return describe_ike_auth(body, out);
    case type::nonce: return describe_rest("nonce", body, out);
    case type::notify: return describe_ike_notify(body, out);
    case type::del: return describe_delete(body, out);
    case type::vendor_id: return describe_vendor_id(body, out);
    case type::tsi:
    case type::tsr: return describe_ike_traffic_selectors(body, out);
    case type::cp: return describe_ike_configuration(body, out);
    case type::eap: return describe_ike_eap(body, out);
    default: return describe_rest("data", body, out);
  }
}

}  // namespace

Part Part::from(std::size_t begin) const { return slice(begin, bytes.size()); }

Part Part::slice(std::size_t begin, std::size_t size) const {
  begin = std::min(begin, bytes.size());
  return {bytes.subspan(begin, std::min(size, bytes.size() - begin)), offset + begin};
}

std::optional<std::string> readable(Bytes bytes) {
  if (bytes.empty()) return std::nullopt;
  std::string out;
  for (const std::uint8_t byte : bytes) {
    if (byte < 0x20 || byte >= 0x7f) return std::nullopt;
    out += static_cast<char>(byte);
  }
  return out;
}

std::string hex_text(Bytes bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : bytes) {
    out += digits[byte >> 4];
    out += digits[byte & 0xf];
  }
  return out;
}

void describe_rest(std::string_view name, const Part& part, FieldSink& out) {
  if (!part.bytes.empty()) out.bytes(name, part.where(), part.bytes);
}

void describe_vendor_id(const Part& body, FieldSink& out) {
  if (const auto text = readable(body.bytes))
    out.text("vendor_id", body.where(), *text);
  else
    describe_rest("vendor_id", body, out);
}

void describe_ike_payload(const wire::IkePayload& payload, FieldSink& out) {
  const Part body{payload.body, payload.offset + generic_header};
  out.begin(group_name(payload.type), {payload.offset, generic_header + payload.body.size()}, heading(payload));
  out.number("next_payload", {payload.offset, 1}, payload.next, wire::ike_payload_name(payload.next));
  out.flag("critical", {payload.offset + 1, 1}, payload.critical);
  out.number("length", {payload.offset + 2, 2}, generic_header + payload.body.size());
  describe_body(payload.type, body, out);
  out.end();
}

}  // namespace espdump
