// Looks at what the padding (RFC 4303 section 2.4), the next header and the header it names say.
#include "decode/plausible.hpp"

#include <espdump/wire/ipv4.hpp>
#include <espdump/wire/ipv6.hpp>
#include <espdump/wire/next_header.hpp>
#include <espdump/wire/tcp.hpp>
#include <espdump/wire/udp.hpp>

#include "base/checksum.hpp"

namespace espdump {
namespace {

using namespace wire::next_header;

bool has_version(Bytes payload, unsigned version) { return payload[0] >> 4U == version; }

bool is_ipv4(Bytes payload) {
  const auto ip = wire::Ipv4::from(payload);
  return ip && ip->version() == 4 && ip->total_length() >= ip->header_length() &&
         ip->total_length() <= payload.size() && internet_checksum(payload.first(ip->header_length())) == 0;
}

bool is_ipv6(Bytes payload) {
  const auto ip = wire::Ipv6::from(payload);
  return ip && has_version(payload, 6) && wire::Ipv6::size + ip->payload_length() <= payload.size();
}

bool is_udp(Bytes payload) {
  const auto datagram = wire::Udp::from(payload);
  return datagram && datagram->length() == payload.size();
}

}  // namespace

bool is_plausible(const EspTrailer& trailer, bool authentic_plaintext) {
  if (trailer.next_header == none) return true;
  if (trailer.payload.empty()) return false;
  if (trailer.next_header == ipv4) return has_version(trailer.payload, 4);
  if (trailer.next_header == ipv6) return has_version(trailer.payload, 6);
  return trailer.standard_padding || authentic_plaintext;
}

bool is_convincing(const EspTrailer& trailer) {
  constexpr std::uint8_t telling_padding = 3;  // with pad length and next header, one packet in 2^32
  if (trailer.convincing) return *trailer.convincing;
  if (!trailer.standard_padding) return false;
  switch (trailer.next_header) {
    case ipv4: return is_ipv4(trailer.payload);
    case ipv6: return is_ipv6(trailer.payload);
    case udp: return is_udp(trailer.payload);
    case tcp: return wire::Tcp::from(trailer.payload).has_value();
    case icmp: return !trailer.payload.empty() && internet_checksum(trailer.payload) == 0;
    default: return trailer.pad_length >= telling_padding;
  }
}

}  // namespace espdump
