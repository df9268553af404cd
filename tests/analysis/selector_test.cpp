#include <espdump/codes.hpp>

#include "support/catch.hpp"
#include "support/decoding.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

// inner_v4() goes from 10.1.0.1 to 10.1.0.2, inner_v6() from fd00::1 to fd00::2 by UDP to port 9.
Findings found_for(const std::string& selector, const Octets& inner, std::uint8_t next_header = 4,
                   const std::string& mode = "tunnel") {
  SaText sa{.mode = mode, .selector = selector};
  Rig rig{{sa}};
  const Packet& packet = rig.feed(esp_frame(sa, 1, inner, next_header));
  REQUIRE(packet.ipsec().at(0).decrypted);
  rig.finish();
  CHECK(rig.concluded(codes::selector_mismatch).size() == rig.found(codes::selector_mismatch).size());
  return rig.found(codes::selector_mismatch);
}

Octets datagram(std::uint16_t source, std::uint16_t destination) {
  return udp_datagram("192.0.2.1", "192.0.2.2", source, destination, Octets(20, 1));
}

}  // namespace

TEST_CASE("selector: what lies inside raises nothing") {
  CHECK(found_for("src 10.1.0.0/24 dst 10.1.0.0/30", inner_v4()).empty());
  CHECK(found_for("src 10.1.0.1/32 dst 0.0.0.0/0 proto icmp type 8 code 0", inner_v4()).empty());
  CHECK(found_for("src fd00::/64 dst fd00::2/128 proto udp dport 9", inner_v6(), 41).empty());
}

TEST_CASE("selector: a wrong address is told with packet, selector and place") {
  const Findings found = found_for("src 10.1.0.0/24 dst 10.2.0.0/24", inner_v4());
  REQUIRE(found.size() == 1);
  CHECK(found[0].frame == 1);
  CHECK(found[0].sa == 1);
  CHECK(found[0].message ==
        "10.1.0.1 > 10.1.0.2 ICMP type 8 code 0 is outside the selector 10.1.0.0/24 > 10.2.0.0/24 of its SA "
        "(keys.txt:1)");
}

TEST_CASE("selector: protocol, port, ICMP type and family count") {
  CHECK(found_for("src 10.1.0.0/24 dst 10.1.0.0/24 proto tcp", inner_v4()).size() == 1);
  CHECK(found_for("src 10.1.0.0/24 dst 10.1.0.0/24 proto icmp type 0 code 0", inner_v4()).size() == 1);
  CHECK(found_for("src fd00::/64 dst fd00::/64 proto udp dport 10", inner_v6(), 41).size() == 1);
  CHECK(found_for("src 10.1.0.0/24 dst 10.1.0.0/24", inner_v6(), 41).size() == 1);
}

TEST_CASE("selector: of a later fragment the ports are not to be seen and fit any") {
  const Octets later = ipv4_packet("10.1.0.1", "10.1.0.2", 17, Octets(24, 9), {.id = 7, .offset = 1480});
  CHECK(found_for("src 10.1.0.0/24 dst 10.1.0.0/24 proto udp dport 53", later).empty());
  CHECK(found_for("src 10.1.0.0/24 dst 10.1.0.0/24 proto tcp dport 53", later).size() == 1);
}

TEST_CASE("selector: transport mode is held against the addresses around it") {
  CHECK(found_for("src 192.0.2.1/32 dst 192.0.2.2/32 proto udp dport 53", datagram(1024, 53), 17, "transport").empty());
  CHECK(found_for("src 192.0.2.1/32 dst 192.0.2.2/32 proto udp dport 53", datagram(1024, 54), 17, "transport").size() ==
        1);
  CHECK(found_for("src 192.0.2.9/32 dst 192.0.2.2/32", datagram(1024, 53), 17, "transport").size() == 1);
}

TEST_CASE("selector: transport mode around a tunnel of another kind is held against that tunnel's ends") {
  CHECK(found_for("src 192.0.2.1/32 dst 192.0.2.2/32", inner_v4(), 4, "transport").empty());
  CHECK(found_for("src 192.0.2.1/32 dst 192.0.2.9/32", inner_v4(), 4, "transport").size() == 1);
  CHECK(found_for("src 192.0.2.1/32 dst 192.0.2.2/32", inner_v4(), 4, "tunnel").size() == 1);
}

TEST_CASE("selector: addresses that NAT put around transport mode are not held against it") {
  const SaText sa{.mode = "transport", .selector = "src 192.0.2.1/32 dst 192.0.2.2/32"};
  SaText seen = sa;
  seen.source = "198.51.100.7";
  Rig rig{{sa}};
  const Packet& packet = rig.feed(esp_frame(seen, 1, datagram(1024, 53), 17));
  REQUIRE(packet.ipsec().at(0).decrypted);
  rig.finish();
  CHECK(rig.found(codes::selector_mismatch).empty());
}

TEST_CASE("selector: an SA without selector is held to its policies") {
  const SaText sa{};
  const auto policy = [](const std::string& source) {
    return "src " + source +
           " dst 10.1.0.0/24 \n\tdir out priority 1 ptype main \n\ttmpl src 192.0.2.1 dst 192.0.2.2\n" +
           "\t\tproto esp reqid 1 mode tunnel\n";
  };
  const auto mismatches = [&](const std::string& policies) {
    Keystore store;
    REQUIRE(store.import_text("keys.txt", bytes_of(dump_text(sa))));
    REQUIRE(store.import_policy_text("policy.txt", bytes_of(policies)));
    store.seal();
    Rig rig{std::move(store)};
    rig.feed(esp_frame(sa, 1, inner_v4()));
    rig.finish();
    const Findings found = rig.found(codes::selector_mismatch);
    return found.empty() ? std::string{} : found[0].message;
  };
  CHECK(mismatches(policy("10.9.0.0/24")).find("10.9.0.0/24 > 10.1.0.0/24") != std::string::npos);
  CHECK(mismatches(policy("10.9.0.0/24") + policy("10.8.0.0/24")).find("outside the 2 policies") != std::string::npos);
  CHECK(mismatches(policy("10.9.0.0/24") + policy("10.1.0.0/24")).empty());
}

TEST_CASE("selector: in a bundle it is about what the innermost SA carries") {
  const SaText outer{.selector = "src 10.1.0.0/24 dst 10.1.0.0/24"};
  const SaText inner{.source = "172.16.0.1", .destination = "172.16.0.2", .spi = 0x2002, .algorithms = cbc_sha256};
  Rig rig{{outer, inner}};
  rig.feed(esp_frame(outer, 1, outer_packet(inner, 50, esp_of(inner, 1, inner_v4()))));
  rig.finish();
  CHECK(rig.found(codes::selector_mismatch).empty());
  Rig sealed{{outer}};
  sealed.feed(esp_frame(outer, 1, outer_packet(inner, 50, esp_of(inner, 1, inner_v4()))));
  sealed.finish();
  CHECK(sealed.found(codes::selector_mismatch).size() == 1);
}
