// Fields of traffic selectors, RFC 7296 section 3.13; labels: RFC 9478.
#include <espdump/wire/ikev2_payloads.hpp>
#include <espdump/wire/names.hpp>

#include "dissect/ike_fields.hpp"

namespace espdump {
namespace {

constexpr std::uint8_t ipv4_range = 7, ipv6_range = 8, security_label = 10;

std::string_view type_name(std::uint8_t type) {
  switch (type) {
    case ipv4_range: return "TS_IPV4_ADDR_RANGE";
    case ipv6_range: return "TS_IPV6_ADDR_RANGE";
    case 9: return "TS_FC_ADDR_RANGE";
    case security_label: return "TS_SECLABEL";
    default: return {};
  }
}

void describe_range(const wire::TrafficSelector& ts, const Part& part, FieldSink& out) {
  const std::size_t address = ts.first.size();
  out.number("protocol", part.at(1, 1), ts.protocol,
             ts.protocol == 0 ? std::string_view{"any"} : wire::ip_protocol_name(ts.protocol));
  out.number("start_port", part.at(4, 2), ts.start_port);
  out.number("end_port", part.at(6, 2), ts.end_port);
  out.address("start_address", part.at(8, address), ts.first);
  out.address("end_address", part.at(8 + address, address), ts.last);
}

void describe_selector(const wire::TrafficSelector& ts, const Part& part, FieldSink& out) {
  out.begin("selector", part.where(), to_string(ts));
  out.number("type", part.at(0, 1), ts.type, type_name(ts.type));
  const Part rest = part.from(4);
  if (ts.type == ipv4_range || ts.type == ipv6_range)
    describe_range(ts, part, out);
  else if (const auto label = readable(rest.bytes); label && ts.type == security_label)
    out.text("label", rest.where(), *label);
  else
    describe_rest("data", rest, out);
  out.end();
}

}  // namespace

void describe_ike_traffic_selectors(const Part& body, FieldSink& out) {
  const auto selectors = wire::read_traffic_selectors(body.bytes);
  if (!selectors) return;
  out.number("selectors", body.at(0, 1), body.bytes[0]);
  std::size_t offset = 4;
  for (const wire::TrafficSelector& ts : *selectors) {
    const std::size_t length = read_u16(body.bytes, offset + 2);
    describe_selector(ts, body.slice(offset, length), out);
    offset += length;
  }
}

}  // namespace espdump
