// SAs of which the key of the cipher or of the ICV is not at hand.
#include <espdump/codes.hpp>

#include "support/catch.hpp"
#include "support/decoding.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

const SaText sender{.algorithms = cbc_sha256};
const std::string auth = cbc_sha256.substr(cbc_sha256.find("auth-trunc"));
const std::string hidden_auth = "auth-trunc hmac(sha256) <<Keys hidden>> 128";

SaText receiver(const std::string& algorithms) {
  SaText sa = sender;
  sa.algorithms = algorithms;
  return sa;
}

// The packet is a stranger's as far as anyone can tell, and was left alone.
void check_left_alone(const Packet& packet) {
  REQUIRE(packet.ipsec().size() == 1);
  CHECK(packet.ipsec()[0].icv == IcvVerdict::unchecked);
  CHECK(packet.ipsec()[0].unchecked == Unchecked::no_key);
  CHECK_FALSE(packet.ipsec()[0].decrypted);
  CHECK(packet.findings().empty());
}

}  // namespace

TEST_CASE("decoder: with the key of the ICV alone packets are judged and counted, not decrypted") {
  for (const std::string& algorithms :
       {auth, "enc cbc(aes) <<Keys hidden>> / " + auth, "enc cbc(aes) 0x00 / " + auth}) {
    CAPTURE(algorithms);
    Rig rig{{receiver(algorithms)}};
    for (const std::uint64_t number : {1, 2, 4}) {
      const Packet& packet = rig.feed(esp_frame(sender, number));
      REQUIRE(packet.ipsec().size() == 1);
      CHECK(packet.ipsec()[0].icv == IcvVerdict::ok);
      CHECK(packet.ipsec()[0].replay == ReplayVerdict::fresh);
      CHECK_FALSE(packet.ipsec()[0].decrypted);
      CHECK(packet.buffers().size() == 1);
      CHECK(packet.findings().empty());
    }
    CHECK(rig.feed(forged(esp_frame(sender, 5))).ipsec()[0].icv == IcvVerdict::bad);
    CHECK(rig.feed(esp_frame(sender, 2), {.gap = 1'000'000'000}).ipsec()[0].replay == ReplayVerdict::duplicate);
    const SaStatistics sa = rig.sa(0);
    CHECK((sa.can_verify && !sa.can_decrypt));
    CHECK(sa.key_error.find("verified, not decrypted: ") == 0);
    CHECK((sa.packets == 5 && sa.icv_ok == 4 && sa.icv_bad == 1 && sa.replayed == 1 && sa.lost == 1));
    CHECK((sa.decrypted == 0 && sa.kernel.replay == 1 && sa.kernel.failed == 1));
  }
}

TEST_CASE("decoder: without the key of the ICV what makes sense is opened, and called unchecked") {
  Rig rig{{receiver(cbc_alone + " / " + hidden_auth)}};
  for (const std::uint64_t number : {1, 2, 4}) {
    const Packet& packet = rig.feed(forged(esp_frame(sender, number)));  // nobody can tell
    REQUIRE(packet.ipsec().size() == 1);
    CHECK(packet.ipsec()[0].icv == IcvVerdict::unchecked);
    CHECK(packet.ipsec()[0].unchecked == Unchecked::no_key);
    CHECK(packet.ipsec()[0].replay == ReplayVerdict::unjudged);
    CHECK(packet.ipsec()[0].decrypted);
    CHECK(layer_names(packet) == "ethernet ipv4 esp ipv4 icmp");
  }
  const SaStatistics sa = rig.sa(0);
  CHECK((!sa.can_verify && sa.can_decrypt));
  CHECK(sa.key_error.find("decrypted, ICV not checked: ") == 0);
  CHECK((sa.decrypted == 3 && sa.icv_ok == 0 && sa.icv_bad == 0 && sa.unauthenticated == 0 && sa.lost == 1));
}

TEST_CASE("decoder: without the key of the ICV nothing is made of what another key or size yields") {
  Rig wrong_key{{receiver("enc cbc(aes) 0xff112233445566778899aabbccddeeff / " + hidden_auth)}};
  Rig wrong_size{{receiver(cbc_alone + " / auth-trunc hmac(sha256) <<Keys hidden>> 96")}};
  for (const std::uint64_t number : {1, 2, 3}) {
    check_left_alone(wrong_key.feed(esp_frame(sender, number)));
    check_left_alone(wrong_size.feed(esp_frame(sender, number)));
  }
}

TEST_CASE("decoder: without the key of the ICV there is nothing to verify only") {
  Rig rig{{receiver(cbc_alone + " / " + hidden_auth)}, {.verify_only = true}};
  check_left_alone(rig.feed(esp_frame(sender, 1)));
}

TEST_CASE("decoder: an ICV of which the key file knows nothing is found, and called unchecked") {
  Rig rig{{receiver(cbc_alone)}};
  CHECK_FALSE(rig.feed(esp_frame(receiver("enc cbc(aes) 0xff112233445566778899aabbccddeeff"), 1)).ipsec()[0].decrypted);
  for (const std::uint64_t number : {2, 3, 4}) {
    const Packet& packet = rig.feed(esp_frame(sender, number));
    REQUIRE(packet.ipsec().size() == 1);
    CHECK(packet.ipsec()[0].icv == IcvVerdict::unchecked);
    CHECK(packet.ipsec()[0].decrypted);
    CHECK(layer_names(packet) == "ethernet ipv4 esp ipv4 icmp");
  }
  CHECK(rig.sa(0).key_error.find("its packets end in an ICV of 128 bits") != std::string::npos);
  CHECK((rig.sa(0).can_decrypt && !rig.sa(0).can_verify));
  CHECK(rig.feed(esp_frame(receiver(cbc_alone), 5)).ipsec()[0].unchecked == Unchecked::no_key);  // it stays with that
}
