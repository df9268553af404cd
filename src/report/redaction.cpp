#include "report/redaction.hpp"

#include <espdump/dissector.hpp>
#include <espdump/wire/ikev2_payloads.hpp>

#include <algorithm>

#include "base/checksum.hpp"
#include "base/pseudonyms.hpp"

namespace espdump {
namespace {

constexpr std::uint8_t filler = 'x';
constexpr std::size_t payload_header = 4;

// The layer's name without anything that could be said of its bytes.
constexpr Dissector mute_dns{{"dns", "Domain Name System (left out)"}};

bool is_ike_payloads(const Layer& layer) {
  return layer.protocol->name == "ikev2_payloads" || layer.protocol->name == "ikev1_payloads";
}

bool lies_in(Bytes part, Bytes whole) {
  return !part.empty() && part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

// How much of an IKE payload's body may be told, from its beginning.
std::size_t told_of(std::uint8_t type, Bytes body) {
  namespace v2 = wire::ike_payload;
  const bool names = pseudonyms() == nullptr;
  constexpr std::uint8_t v1_sa = 1, v1_proposal = 2, v1_transform = 3, v1_id = 5, v1_notify = 11, v1_delete = 12,
                         v1_vendor = 13;
  switch (type) {
    case v2::sa:
    case v2::tsi:
    case v2::tsr:
    case v2::del:
    case v2::vendor_id:
    case v2::encrypted:
    case v2::encrypted_fragment:
    case v1_sa:
    case v1_proposal:
    case v1_transform:
    case v1_delete:
    case v1_vendor: return body.size();
    case v2::idi:
    case v2::idr:
    case v1_id: return names ? body.size() : std::min<std::size_t>(body.size(), 4);
    case v2::notify: {
      if (names || body.size() < 2) return body.size();
      return std::min<std::size_t>(body.size(), 4U + body[1]);  // protocol, size of the SPI, type, SPI
    }
    case v1_notify: return names ? body.size() : std::min<std::size_t>(body.size(), 8);
    default: return 0;
  }
}

// Fills what is not to be told in the chain of payloads that `bytes` begins with.
void fill_payloads(std::uint8_t type, MutableBytes bytes) {
  while (type != 0 && bytes.size() >= payload_header) {
    const std::size_t length = read_u16(bytes, 2);
    if (length < payload_header || length > bytes.size()) break;
    const MutableBytes body = bytes.subspan(payload_header, length - payload_header);
    const std::size_t told = told_of(type, body);
    std::fill(body.begin() + static_cast<std::ptrdiff_t>(told), body.end(), filler);
    type = bytes[0];
    bytes = bytes.subspan(length);
  }
  // What is no payload any more nobody can vouch for.
  std::fill(bytes.begin(), bytes.end(), filler);
}

Bytes moved(Bytes part, Bytes from, Bytes to) {
  return lies_in(part, from) ? to.subspan(static_cast<std::size_t>(part.data() - from.data()), part.size()) : part;
}

// Gives a buffer bytes of its own, which may be changed.
MutableBytes own_bytes(Packet& packet, Buffer& buffer) {
  const Bytes before = buffer.bytes;
  const MutableBytes own = packet.allocate(before.size());
  std::copy(before.begin(), before.end(), own.begin());
  for (Layer& layer : packet.layers()) {
    layer.header = moved(layer.header, before, own);
    layer.payload = moved(layer.payload, before, own);
  }
  buffer.bytes = own;
  return own;
}

void fill_ike(Packet& packet) {
  for (std::size_t index = 0; index < packet.layers().size(); ++index) {
    if (!is_ike_payloads(packet.layers()[index])) continue;
    Buffer& buffer = packet.buffers()[packet.layers()[index].buffer];
    if (!lies_in(packet.layers()[index].header, buffer.bytes)) continue;
    const MutableBytes own = own_bytes(packet, buffer);
    const Layer& layer = packet.layers()[index];
    const auto offset = static_cast<std::size_t>(layer.header.data() - own.data());
    fill_payloads(static_cast<std::uint8_t>(layer.reached_by), own.subspan(offset, layer.header.size()));
  }
}

// Where the last header ends in these bytes.
std::size_t end_of_headers(const Packet& packet, Bytes bytes) {
  std::size_t end = 0;
  for (const Layer& layer : packet.layers())
    if (lies_in(layer.header, bytes))
      end = std::max(end, static_cast<std::size_t>(layer.header.data() - bytes.data()) + layer.header.size());
  return end;
}

void put_address(MutableBytes header, std::size_t offset, std::size_t size) {
  const IpAddress other = pseudonyms()->of(IpAddress{header.subspan(offset, size)});
  std::copy_n(other.bytes().begin(), size, header.begin() + static_cast<std::ptrdiff_t>(offset));
}

void zero(MutableBytes header, std::size_t offset, std::size_t size) {
  if (offset + size > header.size()) return;
  std::fill_n(header.begin() + static_cast<std::ptrdiff_t>(offset), size, std::uint8_t{0});
}

// Whether the header could be changed so that it says nothing of any address.
bool hide_addresses(const Layer& layer, MutableBytes header) {
  constexpr std::size_t v4_header = 20, v6_header = 40;
  constexpr std::uint8_t no_operation = 1;
  switch (layer.protocol->kind) {
    case ProtocolKind::ipv4:
      if (header.size() < v4_header) return false;
      put_address(header, 12, 4);
      put_address(header, 16, 4);
      std::fill(header.begin() + v4_header, header.end(), no_operation);
      zero(header, 10, 2);
      write_u16(header, 10, internet_checksum(header));
      return true;
    case ProtocolKind::ipv6:
      if (header.size() < v6_header) return false;
      put_address(header, 8, 16);
      put_address(header, 24, 16);
      return true;
    case ProtocolKind::ipv6_extension: return layer.protocol->name == "ipv6_fragment";
    case ProtocolKind::tcp: zero(header, 16, 2); return true;
    case ProtocolKind::udp: zero(header, 6, 2); return true;
    case ProtocolKind::icmp:
    case ProtocolKind::icmpv6: zero(header, 2, header.size() - std::min<std::size_t>(header.size(), 2)); return true;
    case ProtocolKind::esp:
    case ProtocolKind::ah: return true;
    default: return false;
  }
}

}  // namespace

void redact(Packet& packet) {
  for (Layer& layer : packet.layers()) {
    if (layer.protocol->name != mute_dns.name) continue;
    layer.protocol = &mute_dns;
    layer.header = layer.payload = {};
  }
  fill_ike(packet);
  for (Buffer& buffer : packet.buffers()) {
    const Bytes whole = buffer.bytes, kept = whole.first(end_of_headers(packet, whole));
    for (Layer& layer : packet.layers()) {
      if (!lies_in(layer.payload, whole)) continue;
      const auto offset = static_cast<std::size_t>(layer.payload.data() - whole.data());
      layer.payload = kept.subspan(std::min(offset, kept.size()),
                                   std::min(layer.payload.size(), kept.size() - std::min(offset, kept.size())));
    }
    buffer.left_out += whole.size() - kept.size();
    buffer.bytes = kept;
  }
}

std::vector<std::uint8_t> headers_with_pseudonyms(const Packet& packet, const InnerPacket& inner) {
  const Bytes bytes = packet.buffers()[inner.buffer].bytes;
  std::vector<std::uint8_t> out{bytes.begin(), bytes.end()};
  std::size_t end = 0;
  for (const Layer& layer : packet.layers()) {
    if (layer.quoted || !lies_in(layer.header, bytes)) continue;
    const auto offset = static_cast<std::size_t>(layer.header.data() - bytes.data());
    if (offset != end || !hide_addresses(layer, MutableBytes{out}.subspan(offset, layer.header.size()))) break;
    end = offset + layer.header.size();
  }
  out.resize(end);
  return out;
}

}  // namespace espdump
