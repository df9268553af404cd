// Which SA a packet belongs to, where destination and SPI do not decide it alone.
#include <espdump/decoder.hpp>

#include <espdump/codes.hpp>

#include "support/catch.hpp"
#include "support/decoding.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

const SaText plain{};

Octets behind_nat(const SaText& sa, std::uint64_t sequence) {
  return ethernet_frame(ipv4_packet("203.0.113.9", "203.0.113.1", 50, esp_of(sa, sequence, inner_v4())));
}

}  // namespace

TEST_CASE("decoder: an SA of another destination is used where its ICV verifies") {
  Rig rig{{plain}};
  const Packet& packet = rig.feed(behind_nat(plain, 1));
  REQUIRE(packet.ipsec().size() == 1);
  CHECK(packet.ipsec()[0].icv == IcvVerdict::ok);
  CHECK(packet.ipsec()[0].decrypted);
  CHECK(packet.ipsec()[0].destination.to_string() == "203.0.113.1");
  CHECK(rig.sa(0).nat);
  REQUIRE(rig.sa(0).association != nullptr);
  CHECK(rig.sa(0).association->destination.to_string() == "192.0.2.2");
}

TEST_CASE("decoder: an SA of another destination is not blamed where its ICV does not verify") {
  Rig rig{{plain}};
  const Packet& packet = rig.feed(forged(behind_nat(plain, 1)));
  REQUIRE(packet.ipsec().size() == 1);
  CHECK(packet.ipsec()[0].icv == IcvVerdict::unchecked);
  CHECK(packet.ipsec()[0].unchecked == Unchecked::no_sa);
  CHECK_FALSE(packet.ipsec()[0].decrypted);
  CHECK(rig.sa(0).association == nullptr);
  CHECK(rig.sa(0).icv_bad == 0);
  rig.finish();
  CHECK(rig.found(codes::icv_bad).empty());
}

TEST_CASE("decoder: once it has verified, an SA of another destination is blamed for bad ICVs") {
  Rig rig{{plain}};
  rig.feed(behind_nat(plain, 1));
  CHECK(rig.feed(forged(behind_nat(plain, 2))).ipsec().at(0).icv == IcvVerdict::bad);
  CHECK(rig.sa(0).icv_bad == 1);
}

TEST_CASE("decoder: an SA without integrity of another destination is believed only where its plaintext makes sense") {
  const SaText sa{.algorithms = cbc_alone};
  Rig rig{{sa}};
  CHECK(rig.feed(behind_nat(sa, 1)).ipsec().at(0).icv == IcvVerdict::none);
  SaText other = sa;
  other.algorithms.back() = '0';
  other.spi = 0x1001;
  Rig guess{{sa}};
  const Packet& packet = guess.feed(behind_nat(other, 1));
  CHECK(packet.ipsec().at(0).unchecked == Unchecked::no_sa);
  CHECK_FALSE(packet.ipsec()[0].decrypted);
}

TEST_CASE("decoder: of several SAs with one destination and SPI the one that verifies is taken") {
  SaText first = plain, second = plain;
  first.line = "mark 0x1/0xff";
  first.algorithms = other_gcm;
  second.line = "mark 0x2/0xff";
  Rig rig{{first, second}};
  CHECK(rig.feed(esp_frame(second, 1)).ipsec().at(0).decrypted);
  CHECK(rig.feed(esp_frame(first, 1)).ipsec().at(0).decrypted);
  CHECK(rig.feed(esp_frame(second, 2)).ipsec().at(0).sa == 1);
  CHECK(rig.decoder().statistics().size() == 2);
  CHECK(rig.sa(0).association->mark == 2);
  CHECK(rig.sa(0).icv_ok == 2);
  CHECK(rig.sa(1).association->mark == 1);
  CHECK(rig.sa(0).icv_bad + rig.sa(1).icv_bad == 0);
}

TEST_CASE("decoder: an exact SA comes before one of another destination") {
  SaText elsewhere = plain;
  elsewhere.destination = "198.51.100.1";
  Rig rig{{elsewhere, plain}};
  CHECK(rig.feed(esp_frame(plain, 1)).ipsec().at(0).decrypted);
  CHECK_FALSE(rig.sa(0).nat);
}

TEST_CASE("decoder: one SPI in both directions makes two SAs") {
  SaText back{.source = "192.0.2.2", .destination = "192.0.2.1", .algorithms = other_gcm};
  Rig rig{{plain, back}};
  CHECK(rig.feed(esp_frame(plain, 1)).ipsec().at(0).sa == 1);
  CHECK(rig.feed(esp_frame(back, 1)).ipsec().at(0).sa == 2);
  const Packet& packet = rig.feed(esp_frame(plain, 2));
  CHECK(packet.ipsec().at(0).sa == 1);
  CHECK(packet.ipsec()[0].replay == ReplayVerdict::fresh);
  CHECK(rig.sa(1).icv_ok == 1);
}

TEST_CASE("decoder: an ESN SA met in a later cycle is found and followed across 2^32") {
  const SaText sa{.window = 64, .esn = true};
  const std::uint64_t cycle = std::uint64_t{1} << 32;
  Rig rig{{sa}};
  for (std::uint64_t n = 6 * cycle - 3; n < 6 * cycle + 3; ++n) {
    const Packet& packet = rig.feed(esp_frame(sa, n));
    CHECK(packet.ipsec().at(0).decrypted);
    CHECK(packet.ipsec()[0].sequence == n);
    CHECK(packet.ipsec()[0].replay == ReplayVerdict::fresh);
  }
  CHECK(rig.sa(0).lost == 0);
  CHECK(rig.sa(0).kernel.failed == 0);
}

TEST_CASE("decoder: the dump of a sender, whose ESN SA has no window, serves in any cycle") {
  const SaText sa{.window = 0, .esn = true};
  const std::uint64_t start = (std::uint64_t{6} << 32) + 100;
  Rig rig{{sa}};
  for (const std::uint64_t n : {start, start + 1, start + 5, start + 3}) {
    const Packet& packet = rig.feed(esp_frame(sa, n));
    CHECK(packet.ipsec().at(0).decrypted);
    CHECK(packet.ipsec()[0].sequence == n);
    CHECK_FALSE(packet.ipsec()[0].old_cycle);
  }
  CHECK(rig.sa(0).icv_bad == 0);
  CHECK(rig.sa(0).kernel.failed == 0);
  CHECK(rig.sa(0).reordered == 1);
}

TEST_CASE("decoder: frames that captured a packet again count nowhere else") {
  Rig rig{{plain}};
  rig.feed(esp_frame(plain, 1));
  const Packet& copy = rig.feed(esp_frame(plain, 1), {.gap = 3'000'000, .interface = 1});
  CHECK(copy.ipsec().at(0).replay == ReplayVerdict::capture_duplicate);
  CHECK(copy.ipsec()[0].unchecked == Unchecked::duplicate);
  CHECK(copy.ipsec()[0].first_frame == 1);
  CHECK(copy.ipsec()[0].since_first == 3'000'000);
  CHECK_FALSE(copy.ipsec()[0].decrypted);
  const Packet& routed =
      rig.feed(ethernet_frame(outer_packet(plain, 50, esp_of(plain, 1, inner_v4()), {.ttl = 63})), {.gap = 500'000});
  CHECK(routed.ipsec().at(0).replay == ReplayVerdict::capture_duplicate);
  rig.feed(forged(esp_frame(plain, 2)));
  CHECK(rig.feed(forged(esp_frame(plain, 2)), {.gap = 10'000}).ipsec().at(0).replay ==
        ReplayVerdict::capture_duplicate);
  const SaStatistics sa = rig.sa(0);
  CHECK(sa.packets == 2);
  CHECK(sa.capture_duplicates == 3);
  CHECK(sa.replayed == 0);
  CHECK(sa.icv_bad == 1);
  CHECK(sa.icv_ok == 1);
}

TEST_CASE("decoder: another IP ID makes a replay of what would be a copy") {
  Rig rig{{plain}};
  rig.feed(esp_frame(plain, 1));
  const Packet& packet =
      rig.feed(ethernet_frame(outer_packet(plain, 50, esp_of(plain, 1, inner_v4()), {.id = 9})), {.gap = 1'000});
  CHECK(packet.ipsec().at(0).replay == ReplayVerdict::duplicate);
  CHECK(packet.ipsec()[0].same_bytes);
  CHECK(packet.ipsec()[0].decrypted);
}

TEST_CASE("decoder: a packet with a bad ICV is never shown as decrypted") {
  for (const std::string& algorithms : {gcm, cbc_sha256}) {
    const SaText sa{.algorithms = algorithms};
    Rig rig{{sa}};
    const Packet& packet = rig.feed(forged(esp_frame(sa, 1)));
    CHECK(packet.ipsec().at(0).icv == IcvVerdict::bad);
    CHECK_FALSE(packet.ipsec()[0].decrypted);
    CHECK(packet.buffers().size() == 1);
    CHECK(layer_names(packet) == "ethernet ipv4 esp");
  }
}
