// Fields of Notify payloads, RFC 7296 section 3.10; what the data mean stands in the RFC of each type.
#include <espdump/wire/ikev2_names.hpp>

#include <algorithm>
#include <array>

#include "dissect/ike_fields.hpp"

namespace espdump {
namespace {

namespace type = wire::ike_notify;

constexpr std::uint16_t cookie2 = 16401, additional_ip4_address = 16397, additional_ip6_address = 16398;
constexpr std::uint16_t ticket_lt_opaque = 16409, message_id_sync = 16422, secure_password_methods = 16424;
constexpr std::uint16_t signature_hash_algorithms = 16431;

std::string_view password_method_name(std::uint16_t id) {
  switch (id) {
    case 1: return "PACE";
    case 2: return "AugPAKE";
    case 3: return "Secure PSK Authentication";
    default: return {};
  }
}

void describe_payload_type(const Part& data, FieldSink& out) {
  out.number("payload_type", data.where(), data.bytes[0], wire::ike_payload_name(data.bytes[0]));
}

void describe_message_id(const Part& data, FieldSink& out) {
  out.number("message_id", data.where(), read_u32(data.bytes, 0));
}

void describe_invalid_spi(const Part& data, FieldSink& out) {
  out.hex("invalid_spi", data.where(), read_u32(data.bytes, 0), 8);
}

void describe_wanted_method(const Part& data, FieldSink& out) {
  const std::uint16_t method = read_u16(data.bytes, 0);
  out.number("wanted_method", data.where(), method,
             wire::ike_transform_name(wire::ike_transform::key_exchange, method));
}

void describe_window(const Part& data, FieldSink& out) {
  out.number("window_size", data.where(), read_u32(data.bytes, 0));
}

void describe_ipcomp(const Part& data, FieldSink& out) {
  out.hex("cpi", data.at(0, 2), read_u16(data.bytes, 0), 4);
  out.number("transform", data.at(2, 1), data.bytes[2], wire::ipcomp_transform_name(data.bytes[2]));
}

void describe_address(const Part& data, FieldSink& out) { out.address("address", data.where(), IpAddress{data.bytes}); }

void describe_lifetime(const Part& data, FieldSink& out) {
  out.number("lifetime", data.at(0, 4), read_u32(data.bytes, 0), "seconds");
  describe_rest("ticket", data.from(4), out);
}

// RFC 5685 sections 6.2 and 6.3: the kind of gateway, the length of what names it, that, and perhaps a nonce.
void describe_gateway(const Part& data, FieldSink& out) {
  constexpr std::uint8_t ipv4 = 1, ipv6 = 2, fqdn = 3;
  const std::uint8_t kind = data.bytes[0];
  const Part identity = data.slice(2, data.bytes[1]);
  out.number("gw_ident_type", data.at(0, 1), kind,
             kind == ipv4   ? "IPv4"
             : kind == ipv6 ? "IPv6"
             : kind == fqdn ? "FQDN"
                            : "");
  const IpAddress address{identity.bytes};
  const auto text = readable(identity.bytes);
  if ((kind == ipv4 && address.is_v4()) || (kind == ipv6 && address.is_v6()))
    out.address("gateway", identity.where(), address);
  else if (kind == fqdn && text)
    out.text("gateway", identity.where(), *text);
  else
    describe_rest("gateway", identity, out);
  describe_rest("nonce", data.from(2 + identity.bytes.size()), out);
}

// RFC 6311 section 5.1.
void describe_message_id_sync(const Part& data, FieldSink& out) {
  out.bytes("nonce", data.at(0, 4), data.bytes.first(4));
  out.number("expected_send_id", data.at(4, 4), read_u32(data.bytes, 4));
  out.number("expected_receive_id", data.at(8, 4), read_u32(data.bytes, 8));
}

void describe_password_methods(const Part& data, FieldSink& out) {
  for (std::size_t at = 0; at < data.bytes.size(); at += 2) {
    const std::uint16_t id = read_u16(data.bytes, at);
    out.number("method", data.at(at, 2), id, password_method_name(id));
  }
}

void describe_hash_algorithms(const Part& data, FieldSink& out) {
  for (std::size_t at = 0; at < data.bytes.size(); at += 2) {
    const std::uint16_t id = read_u16(data.bytes, at);
    out.number("hash_algorithm", data.at(at, 2), id, wire::ike_hash_algorithm_name(id));
  }
}

// RFC 8784 section 5.1.
void describe_ppk_identity(const Part& data, FieldSink& out) {
  const std::uint8_t kind = data.bytes[0];
  out.number("ppk_id_type", data.at(0, 1), kind, kind == 1 ? "PPK_ID_OPAQUE" : kind == 2 ? "PPK_ID_FIXED" : "");
  const Part id = data.from(1);
  if (const auto text = readable(id.bytes))
    out.text("ppk_id", id.where(), *text);
  else
    describe_rest("ppk_id", id, out);
}

// RFC 9347 section 5.1.
void describe_aggfrag(const Part& data, FieldSink& out) {
  const std::uint8_t flags = data.bytes[0];
  out.hex("flags", data.where(), flags, 2);
  out.flag("congestion_control", data.where(), (flags & 0x02) != 0);
  out.flag("dont_fragment", data.where(), (flags & 0x01) != 0);
}

// Data that have a form, and how long they are then.
struct Form {
  std::uint16_t type;
  std::size_t least, most, unit;
  void (*describe)(const Part& data, FieldSink& out);
};
constexpr std::size_t any = ~std::size_t{0};

constexpr std::array forms{
    Form{type::unsupported_critical_payload, 1, 1, 1, describe_payload_type},
    Form{type::invalid_message_id, 4, 4, 1, describe_message_id},
    Form{type::invalid_spi, 4, 4, 1, describe_invalid_spi},
    Form{type::invalid_ke_payload, 2, 2, 1, describe_wanted_method},
    Form{type::set_window_size, 4, 4, 1, describe_window},
    Form{type::ipcomp_supported, 3, 3, 1, describe_ipcomp},
    Form{additional_ip4_address, 4, 4, 1, describe_address},
    Form{additional_ip6_address, 16, 16, 1, describe_address},
    Form{type::auth_lifetime, 4, 4, 1, describe_lifetime},
    Form{type::redirect, 2, any, 1, describe_gateway},
    Form{type::redirected_from, 2, any, 1, describe_gateway},
    Form{ticket_lt_opaque, 4, any, 1, describe_lifetime},
    Form{message_id_sync, 12, 12, 1, describe_message_id_sync},
    Form{secure_password_methods, 2, any, 2, describe_password_methods},
    Form{signature_hash_algorithms, 2, any, 2, describe_hash_algorithms},
    Form{type::ppk_identity, 1, any, 1, describe_ppk_identity},
    Form{type::use_aggfrag, 1, 1, 1, describe_aggfrag},
};

const Form* form_of(std::uint16_t notify, std::size_t size) {
  const auto found = std::find_if(forms.begin(), forms.end(), [=](const Form& it) {
    return it.type == notify && size >= it.least && size <= it.most && size % it.unit == 0;
  });
  return found == forms.end() ? nullptr : &*found;
}

std::string_view name_of_bytes(std::uint16_t notify) {
  switch (notify) {
    case type::cookie:
    case cookie2: return "cookie";
    case type::nat_detection_source_ip:
    case type::nat_detection_destination_ip: return "hash";
    case type::additional_key_exchange: return "link";
    default: return "data";
  }
}

}  // namespace

void describe_ike_notify(const Part& body, FieldSink& out) {
  const auto notify = wire::read_ike_notify(body.bytes);
  if (!notify) return;
  out.number("protocol", body.at(0, 1), notify->protocol, wire::ike_protocol_name(notify->protocol));
  out.number("spi_size", body.at(1, 1), notify->spi.size());
  out.number("type", body.at(2, 2), notify->type, wire::ike_notify_name(notify->type));
  if (!notify->spi.empty()) out.text("spi", body.at(4, notify->spi.size()), "0x" + hex_text(notify->spi));
  const Part data = body.from(4 + notify->spi.size());
  if (const Form* form = form_of(notify->type, data.bytes.size()))
    form->describe(data, out);
  else
    describe_rest(name_of_bytes(notify->type), data, out);
}

}  // namespace espdump
