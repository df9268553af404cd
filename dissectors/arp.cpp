// Address Resolution Protocol, RFC 826.
#include <espdump/dissector.hpp>
#include <espdump/wire/arp.hpp>
#include <espdump/wire/names.hpp>

#include "base/append.hpp"

namespace espdump::dissectors {
namespace {

using wire::Arp;

constexpr std::uint16_t request = 1, reply = 2;

constexpr Claim claims[] = {{Space::ether_type, 0x0806}};

Step dissect(ByteReader& in, Context&) {
  in.skip(Arp::hardware_size_offset);
  const std::size_t hardware_size = in.u8();
  const std::size_t protocol_size = in.u8();
  in.skip(2 + 2 * (hardware_size + protocol_size));
  return Step::end();
}

// Anything but an IPv4 address is shown as bytes.
std::string protocol_address(Bytes address) {
  return address.size() == 4 ? IpAddress{address}.to_string() : wire::hardware_address(address);
}

void describe(const Layer& layer, FieldSink& out) {
  const auto arp = Arp::from(layer.header);
  if (!arp) return;
  const std::size_t hardware = arp->hardware_size(), protocol = arp->protocol_size();
  out.number("hardware_type", {Arp::hardware_type_offset, 2}, arp->hardware_type());
  out.hex("protocol_type", {Arp::protocol_type_offset, 2}, arp->protocol_type(), 4,
          wire::ether_type_name(arp->protocol_type()));
  out.number("hardware_size", {Arp::hardware_size_offset, 1}, hardware);
  out.number("protocol_size", {Arp::protocol_size_offset, 1}, protocol);
  out.number("operation", {Arp::operation_offset, 2}, arp->operation(),
             arp->operation() == request ? "request"
             : arp->operation() == reply ? "reply"
                                         : "");
  out.text("sender_hardware", {arp->sender_hardware_offset(), hardware},
           wire::hardware_address(arp->sender_hardware()));
  out.text("sender_protocol", {arp->sender_protocol_offset(), protocol}, protocol_address(arp->sender_protocol()));
  out.text("target_hardware", {arp->target_hardware_offset(), hardware},
           wire::hardware_address(arp->target_hardware()));
  out.text("target_protocol", {arp->target_protocol_offset(), protocol}, protocol_address(arp->target_protocol()));
}

void brief(const Layer& layer, std::string& out) {
  const auto arp = Arp::from(layer.header);
  if (!arp) return;
  const std::string sender = protocol_address(arp->sender_protocol());
  if (arp->operation() == request)
    append(out, "ARP who-has {} tell {}", protocol_address(arp->target_protocol()), sender);
  else if (arp->operation() == reply)
    append(out, "ARP {} is-at {}", sender, wire::hardware_address(arp->sender_hardware()));
  else
    append(out, "ARP operation {}", arp->operation());
}

}  // namespace

extern constexpr Dissector arp{{"arp", "Address Resolution Protocol"}, claims, dissect, describe, brief};
}  // namespace espdump::dissectors
