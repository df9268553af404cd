#include "decode/transport.hpp"

#include "support/catch.hpp"
#include "support/craft.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

std::optional<Octets> rebuild(const Octets& headers, std::size_t offset, std::uint8_t next_header,
                              const Octets& payload) {
  Octets out(headers.size() + payload.size());
  const auto size = rebuild_transport_packet(headers, offset, next_header, payload, out);
  if (!size) return std::nullopt;
  out.resize(*size);
  return out;
}

}  // namespace

TEST_CASE("transport: an IPv4 header gets protocol, length and checksum of what it now carries") {
  const Octets payload = udp_datagram("192.0.2.1", "192.0.2.2", 1, 2, Octets(33, 7));
  const Octets options{0x94, 4, 0, 0};
  for (const Octets& some : {Octets{}, options}) {
    const Octets sealed =
        ipv4_packet("192.0.2.1", "192.0.2.2", 50, {}, {.ttl = 9, .id = 77, .df = true, .tos = 3, .options = some});
    CHECK(rebuild(sealed, 9, 17, payload).value() ==
          ipv4_packet("192.0.2.1", "192.0.2.2", 17, payload,
                      {.ttl = 9, .id = 77, .df = true, .tos = 3, .options = some}));
  }
}

TEST_CASE("transport: what was reassembled is no fragment any more") {
  const Octets first = ipv4_packet("192.0.2.1", "192.0.2.2", 50, {}, {.mf = true});
  CHECK(rebuild(first, 9, 1, Octets(5)).value() == ipv4_packet("192.0.2.1", "192.0.2.2", 1, Octets(5)));
  const Octets later = ipv4_packet("192.0.2.1", "192.0.2.2", 50, {}, {.mf = true, .offset = 800});
  CHECK(rebuild(later, 9, 1, Octets(5)).value() == ipv4_packet("192.0.2.1", "192.0.2.2", 1, Octets(5)));
}

TEST_CASE("transport: an IPv6 header keeps its extension headers") {
  const Octets hop_by_hop{50, 0, 1, 4, 0, 0, 0, 0}, payload(11, 5);
  Octets expected = hop_by_hop;
  expected[0] = 6;
  expected.insert(expected.end(), payload.begin(), payload.end());
  CHECK(rebuild(ipv6_packet("fd00::1", "fd00::2", 0, hop_by_hop), 40, 6, payload).value() ==
        ipv6_packet("fd00::1", "fd00::2", 0, expected));
  CHECK(rebuild(ipv6_packet("fd00::1", "fd00::2", 50, {}), 6, 6, payload).value() ==
        ipv6_packet("fd00::1", "fd00::2", 6, payload));
}

TEST_CASE("transport: no header, a short one, one of another version or too long a packet is nothing") {
  const Octets v4 = ipv4_packet("192.0.2.1", "192.0.2.2", 50, {}), v6 = ipv6_packet("fd00::1", "fd00::2", 50, {});
  CHECK_FALSE(rebuild({}, 0, 17, Octets(8)));
  CHECK_FALSE(rebuild(v4, 20, 17, Octets(8)));
  for (std::size_t size = 1; size < 20; ++size)
    CHECK_FALSE(rebuild({v4.begin(), v4.begin() + static_cast<std::ptrdiff_t>(size)}, 0, 17, Octets(8)));
  for (std::size_t size = 1; size < 40; ++size)
    CHECK_FALSE(rebuild({v6.begin(), v6.begin() + static_cast<std::ptrdiff_t>(size)}, 0, 17, Octets(8)));
  CHECK_FALSE(rebuild(Octets(60, 0x55), 9, 17, Octets(8)));
  CHECK(rebuild(v4, 9, 17, Octets(65'515)));
  CHECK_FALSE(rebuild(v4, 9, 17, Octets(65'516)));
  CHECK(rebuild(v6, 6, 17, Octets(65'535)));
  CHECK_FALSE(rebuild(v6, 6, 17, Octets(65'536)));
}
