// What came out of ESP, AH or IPComp, made into work for the peel loop and into inner packets.
// The next header alone tells a tunnel: with IPComp, the tunnel's SA is IPComp's and that of ESP says "transport".
#include "decode/unpack.hpp"

#include <espdump/wire/ipv4.hpp>
#include <espdump/wire/ipv6.hpp>
#include <espdump/wire/next_header.hpp>
#include <espdump/wire/udp.hpp>

#include <algorithm>

#include "decode/beet.hpp"
#include "decode/transport.hpp"

namespace espdump {
namespace {

using namespace wire::next_header;

// An IP packet without what stands behind its own length (traffic flow confidentiality padding).
Bytes trim_to_ip_length(Bytes bytes) {
  if (const auto v4 = wire::Ipv4::from(bytes); v4 && bytes[0] >> 4 == 4)
    return v4->total_length() >= v4->header_length() && v4->total_length() <= bytes.size()
               ? bytes.first(v4->total_length())
               : bytes;
  if (const auto v6 = wire::Ipv6::from(bytes); v6 && bytes[0] >> 4 == 6) {
    const std::size_t length = wire::Ipv6::size + v6->payload_length();
    return length <= bytes.size() && v6->payload_length() != 0 ? bytes.first(length) : bytes;
  }
  return bytes;
}

Nesting add_inner(Packet& packet, BufferIndex buffer, Nesting around) {
  if (!around.opened || around.refused) return around;
  InnerPacket inner;
  inner.buffer = buffer;
  inner.record = *around.opened;
  inner.inside = around.inner;
  around.inner = packet.add_inner(inner);
  return around;
}

}  // namespace

std::size_t tfc_padding_of(std::uint8_t next_header, Bytes payload) {
  if (next_header == ipv4 || next_header == ipv6) return payload.size() - trim_to_ip_length(payload).size();
  const auto datagram = wire::Udp::from(payload);
  if (next_header != udp || !datagram || datagram->length() < wire::Udp::size) return 0;
  return payload.size() - std::min<std::size_t>(payload.size(), datagram->length());
}

Nesting add_inner_packet(Packet& packet, const Unwrapped& it, const IpLayer& outer, const Nesting& around,
                         bool rebuild) {
  if (it.next_header == ipv4 || it.next_header == ipv6) {
    const int version = it.next_header == ipv4 ? 4 : 6;
    if (it.payload.empty() || it.payload[0] >> 4 != version) return around;
    const Buffer& from = packet.buffers()[it.buffer];
    const Bytes whole = trim_to_ip_length(it.payload);
    const bool stands_alone = whole.size() == from.bytes.size();
    return add_inner(packet, stands_alone ? it.buffer : packet.add_buffer(whole, from.origin), around);
  }
  if (!rebuild) return around;
  const MutableBytes out = packet.allocate(outer.headers.size() + it.payload.size());
  const auto size = rebuild_transport_packet(outer.headers, outer.next_header_offset, it.next_header, it.payload, out);
  return size ? add_inner(packet, packet.add_buffer(out.first(*size), Origin::reconstructed), around) : around;
}

Work unpack(Packet& packet, const Unwrapped& it, const IpLayer& outer, const Nesting& around, bool rebuild) {
  Work work{it.buffer, it.payload, it.payload.size(), {Space::ip_protocol, it.next_header}};
  work.nesting = add_inner_packet(packet, it, outer, around, rebuild);
  return work;
}

Result<Work> unpack_beet(Packet& packet, const SecurityAssociation& sa, std::uint8_t next_header, Bytes payload,
                         const IpLayer& outer, const Nesting& around) {
  IpAddress source, destination;
  if (sa.selector) source = sa.selector->source.address, destination = sa.selector->destination.address;
  const MutableBytes out = packet.allocate(payload.size() + beet_growth);
  const auto size =
      rebuild_beet_packet(sa.selector_family, source, destination, outer.facts, next_header, payload, out);
  if (!size) return Unexpected{size.error()};
  const Bytes rebuilt = out.first(*size);
  const BufferIndex buffer = packet.add_buffer(rebuilt, Origin::reconstructed);
  Work work{buffer, rebuilt, rebuilt.size(), ip_version_claim(rebuilt[0])};
  work.nesting = add_inner(packet, buffer, around);
  return work;
}

}  // namespace espdump
