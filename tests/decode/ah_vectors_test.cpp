// AH packets that another program made, with options and extension headers.
#include <espdump/decoder.hpp>

#include "support/catch.hpp"
#include "support/decoding.hpp"
#include "support/vectors.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

constexpr Met raw_ip{.link_type = 101};

SaText sa_of(const AhVector& vector) {
  return {.source = vector.source,
          .destination = vector.destination,
          .mode = "transport",
          .algorithms = vector.sa,
          .esn = vector.esn,
          .line = vector.file == "scapy.txt" ? "flag align4" : "",  // it pads to 4 bytes
          .protocol = "ah"};
}

}  // namespace

TEST_CASE("ah vectors: every packet verifies, and under ESN with its high half") {
  const auto vectors = ah_vectors();
  REQUIRE(vectors.size() >= 23);
  for (const AhVector& vector : vectors) {
    CAPTURE(vector.file, vector.name);
    Rig rig{{sa_of(vector)}};
    const Packet& packet = rig.feed(vector.packet, raw_ip);
    REQUIRE(packet.ipsec().size() == 1);
    CHECK(packet.ipsec()[0].icv == IcvVerdict::ok);
    CHECK(packet.ipsec()[0].sequence == (vector.esn ? 0x1'0000'0005 : 5));
    CHECK(packet.findings().empty());
  }
}

TEST_CASE("ah vectors: no packet verifies with any byte behind its IP headers changed") {
  for (const AhVector& vector : ah_vectors()) {
    CAPTURE(vector.file, vector.name);
    std::size_t verified = 0, tried = 0;
    const std::size_t payload = 16;  // of UDP, behind AH in all of them
    for (std::size_t byte = vector.packet.size() - payload; byte < vector.packet.size(); ++byte, ++tried) {
      Octets changed = vector.packet;
      changed[byte] ^= 1;
      Rig rig{{sa_of(vector)}};
      verified += rig.feed(changed, raw_ip).ipsec().at(0).icv == IcvVerdict::ok ? 1 : 0;
    }
    CHECK(tried == payload);
    CHECK(verified == 0);
  }
}
