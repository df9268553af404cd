// Fields of Configuration and EAP payloads: RFC 7296 sections 3.15 and 3.16, RFC 3748 section 4.
#include <espdump/wire/ikev2_names.hpp>

#include <fmt/core.h>

#include "dissect/ike_fields.hpp"

namespace espdump {
namespace {

constexpr std::uint16_t supported_attributes = 14;

std::optional<std::string> address_text(Bytes value) {
  if (value.size() == 4 || value.size() == 16) return IpAddress{value}.to_string();
  return std::nullopt;
}

std::optional<std::string> with_mask(Bytes value) {
  if (value.size() != 8) return std::nullopt;
  return fmt::format("{}/{}", IpAddress{value.first(4)}.to_string(), IpAddress{value.subspan(4)}.to_string());
}

std::optional<std::string> with_prefix_length(Bytes value) {
  if (value.size() != 17) return std::nullopt;
  return fmt::format("{}/{}", IpAddress{value.first(16)}.to_string(), value[16]);
}

std::optional<std::string> number_text(Bytes value) {
  if (value.size() != 4) return std::nullopt;
  return fmt::format("{} (seconds)", read_u32(value, 0));
}

// The value as a person reads it; nothing where it has no such form.
std::optional<std::string> value_text(std::uint16_t type, Bytes value) {
  switch (type) {
    case 1:      // INTERNAL_IP4_ADDRESS
    case 2:      // NETMASK
    case 3:      // DNS
    case 4:      // NBNS
    case 6:      // DHCP
    case 10:     // INTERNAL_IP6_DNS
    case 11:     // NBNS
    case 12:     // DHCP
    case 20:     // P_CSCF_IP4_ADDRESS
    case 21:     // P_CSCF_IP6_ADDRESS
    case 23456:  // INTERNAL_IP4_SERVER
    case 23457:  // INTERNAL_IP6_SERVER
      return address_text(value);
    case 8:  // INTERNAL_IP6_ADDRESS; some send no prefix length
      return value.size() == 16 ? address_text(value) : with_prefix_length(value);
    case 13: return with_mask(value);           // INTERNAL_IP4_SUBNET
    case 15:                                    // INTERNAL_IP6_SUBNET
    case 18: return with_prefix_length(value);  // INTERNAL_IP6_PREFIX
    case 5:                                     // INTERNAL_ADDRESS_EXPIRY
    case 24: return number_text(value);         // TIMEOUT_PERIOD_FOR_LIVENESS_CHECK
    case 7:                                     // APPLICATION_VERSION
    case 25:                                    // INTERNAL_DNS_DOMAIN
    case 28672:                                 // UNITY_BANNER
    case 28674:                                 // UNITY_DEF_DOMAIN
    case 28675:                                 // UNITY_SPLITDNS_NAME
      return readable(value);
    default: return std::nullopt;
  }
}

void describe_supported(const Part& value, FieldSink& out) {
  for (std::size_t at = 0; at + 2 <= value.bytes.size(); at += 2) {
    const std::uint16_t type = read_u16(value.bytes, at) & 0x7fff;
    out.number("supported", value.at(at, 2), type, wire::ike_configuration_attribute_name(type));
  }
}

void describe_attribute(std::uint16_t type, const Part& part, FieldSink& out) {
  const std::string_view name = wire::ike_configuration_attribute_name(type);
  const Part value = part.from(4);
  out.begin("attribute", part.where(), name.empty() ? std::to_string(type) : std::string{name});
  out.number("type", part.at(0, 2), type, name);
  out.number("length", part.at(2, 2), value.bytes.size());
  if (const auto text = value_text(type, value.bytes))
    out.text("value", value.where(), *text);
  else if (type == supported_attributes)
    describe_supported(value, out);
  else
    describe_rest("value", value, out);
  out.end();
}

namespace eap {
constexpr std::uint8_t identity = 1, notification = 2, nak = 3, mschapv2 = 26;
}  // namespace eap

std::string_view mschapv2_operation(std::uint8_t code) {
  switch (code) {
    case 1: return "Challenge";
    case 2: return "Response";
    case 3: return "Success";
    case 4: return "Failure";
    case 7: return "Change-Password";
    default: return {};
  }
}

void describe_text(std::string_view name, const Part& part, FieldSink& out) {
  if (const auto text = readable(part.bytes))
    out.text(name, part.where(), *text);
  else
    describe_rest(name, part, out);
}

// draft-kamath-pppext-eap-mschapv2: operation, identifier, length, then by operation.
void describe_mschapv2(const Part& data, FieldSink& out) {
  if (data.bytes.empty()) return;
  const std::uint8_t operation = data.bytes[0];
  out.number("operation", data.at(0, 1), operation, mschapv2_operation(operation));
  if (data.bytes.size() < 5) return describe_rest("data", data.from(1), out);
  out.number("ms_chapv2_id", data.at(1, 1), data.bytes[1]);
  const bool challenge = operation == 1;
  if (!challenge && operation != 2) return describe_text("message", data.from(4), out);
  const std::size_t size = data.bytes[4];
  describe_rest(challenge ? "challenge" : "response", data.slice(5, size), out);
  describe_text("name", data.from(5 + size), out);
}

void describe_type_data(std::uint8_t type, const Part& data, FieldSink& out) {
  switch (type) {
    case eap::identity: return describe_text("identity", data, out);
    case eap::notification: return describe_text("message", data, out);
    case eap::nak:
      for (std::size_t i = 0; i < data.bytes.size(); ++i)
        out.number("desired_type", data.at(i, 1), data.bytes[i], wire::eap_type_name(data.bytes[i]));
      return;
    case eap::mschapv2: return describe_mschapv2(data, out);
    default: return describe_rest("data", data, out);
  }
}

}  // namespace

void describe_ike_configuration(const Part& body, FieldSink& out) {
  const auto configuration = wire::read_ike_configuration(body.bytes);
  if (!configuration) return;
  out.number("cfg_type", body.at(0, 1), configuration->type, wire::ike_configuration_type_name(configuration->type));
  std::size_t offset = 4;
  for (const auto& attribute : configuration->attributes) {
    const std::size_t size = 4 + attribute.value.size();
    describe_attribute(attribute.type, body.slice(offset, size), out);
    offset += size;
  }
}

void describe_ike_eap(const Part& body, FieldSink& out) {
  const auto eap = wire::read_ike_eap(body.bytes);
  if (!eap) return;
  out.number("code", body.at(0, 1), eap->code, wire::eap_code_name(eap->code));
  out.number("identifier", body.at(1, 1), eap->identifier);
  out.number("eap_length", body.at(2, 2), read_u16(body.bytes, 2));
  if (!eap->type) return describe_rest("data", body.slice(4, eap->data.size()), out);
  out.number("type", body.at(4, 1), *eap->type, wire::eap_type_name(*eap->type));
  describe_type_data(*eap->type, body.slice(5, eap->data.size()), out);
}

}  // namespace espdump
