// What must never be shown as decrypted: frames cut, altered, malformed, or nested without end.
#include <espdump/decoder.hpp>

#include <espdump/codes.hpp>

#include <algorithm>

#include "support/catch.hpp"
#include "support/decoding.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

constexpr std::size_t ethernet_size = 14;
const SaText plain{};
const SaText v6{.source = "2001:db8::1", .destination = "2001:db8::2"};

bool is_shown_open(const Packet& packet) {
  return std::any_of(packet.ipsec().begin(), packet.ipsec().end(), [](const OpenRecord& r) { return r.decrypted; });
}

void check_cut_anywhere(const SaText& sa, const Octets& frame) {
  for (std::size_t size = 0; size < frame.size(); ++size) {
    CAPTURE(size);
    Rig rig{{sa}};
    const Packet& packet = rig.feed(frame, {.captured = size});
    REQUIRE_FALSE(is_shown_open(packet));
    for (const OpenRecord& record : packet.ipsec()) {
      REQUIRE(record.icv == IcvVerdict::unchecked);
      REQUIRE(record.unchecked == Unchecked::cut);
    }
    REQUIRE(packet.findings().size() == 1);
    const std::string_view code = packet.findings()[0].info->code;
    REQUIRE(code == (packet.ipsec().empty() ? "capture.truncated" : "esp.truncated-capture"));
    if (!packet.ipsec().empty()) REQUIRE(rig.sa(0).cut == 1);
  }
}

// The offsets of bits that, flipped, left the packet authentic and open.
std::vector<std::size_t> harmless_bits(const SaText& sa, const Octets& frame) {
  std::vector<std::size_t> out;
  for (std::size_t bit = ethernet_size * 8; bit < frame.size() * 8; ++bit) {
    Octets flipped = frame;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(0x80 >> bit % 8);
    Rig rig{{sa}};
    const Packet& packet = rig.feed(flipped);
    if (is_shown_open(packet)) out.push_back(bit - ethernet_size * 8);
  }
  return out;
}

std::vector<std::size_t> bits_of(std::initializer_list<std::pair<std::size_t, std::size_t>> bytes) {
  std::vector<std::size_t> out;
  for (const auto& [first, last] : bytes)
    for (std::size_t bit = first * 8; bit < (last + 1) * 8; ++bit) out.push_back(bit);
  return out;
}

}  // namespace

TEST_CASE("decoder: a frame cut at any byte is never bad and never decrypted") {
  const SaText cbc{.algorithms = cbc_sha256};
  check_cut_anywhere(plain, esp_frame(plain, 1));
  check_cut_anywhere(cbc, esp_frame(cbc, 1));
  check_cut_anywhere(v6, esp_frame(v6, 1));
  const Octets in_udp = udp_datagram("", "", 4500, 4500, esp_of(plain, 1, inner_v4()));
  check_cut_anywhere(plain, ethernet_frame(outer_packet(plain, 17, in_udp)));
}

TEST_CASE("decoder: an SA without integrity does not open a cut frame") {
  const SaText sa{.algorithms = cbc_alone};
  check_cut_anywhere(sa, esp_frame(sa, 1));
}

TEST_CASE("decoder: cut packets keep an SA from losing its numbers to guesses") {
  Rig rig{{plain}};
  rig.feed(esp_frame(plain, 1));
  rig.feed(esp_frame(plain, 2), {.captured = 80});
  rig.feed(esp_frame(plain, 3));
  CHECK(rig.sa(0).packets == 3);
  CHECK(rig.sa(0).cut == 1);
  CHECK(rig.sa(0).icv_ok == 2);
  CHECK(rig.sa(0).icv_bad == 0);
  rig.finish();
  CHECK(rig.found(codes::seq_lost).empty());
}

TEST_CASE("decoder: of all bits behind Ethernet only those of IPv4 fields that nobody authenticates may flip") {
  // TOS, ID, the reserved and DF flags, TTL, checksum, addresses.
  std::vector<std::size_t> expected = bits_of({{1, 1}, {4, 5}, {8, 8}, {10, 19}});
  expected.push_back(6 * 8);
  expected.push_back(6 * 8 + 1);
  std::sort(expected.begin(), expected.end());
  for (const std::string& algorithms : {gcm, cbc_sha256}) {
    const SaText sa{.algorithms = algorithms};
    CHECK(harmless_bits(sa, esp_frame(sa, 1)) == expected);
  }
}

TEST_CASE("decoder: of all bits behind Ethernet only those of IPv6 fields that nobody authenticates may flip") {
  // Traffic class, flow label, hop limit, addresses.
  std::vector<std::size_t> expected = bits_of({{1, 3}, {7, 39}});
  for (std::size_t bit = 4; bit < 8; ++bit) expected.push_back(bit);
  std::sort(expected.begin(), expected.end());
  CHECK(harmless_bits(v6, esp_frame(v6, 1)) == expected);
}

TEST_CASE("decoder: a flipped bit of an ESN packet is never explained away by another cycle") {
  const SaText sa{.algorithms = cbc_sha256, .esn = true};
  Rig rig{{sa}};
  const Octets frame = esp_frame(sa, 5);
  rig.feed(frame);
  for (std::size_t bit = (ethernet_size + 20 + 4) * 8; bit < frame.size() * 8; bit += 7) {
    Octets flipped = frame;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(0x80 >> bit % 8);
    REQUIRE_FALSE(is_shown_open(rig.feed(flipped)));
  }
}

TEST_CASE("decoder: a malformed AH header is a finding and no crash") {
  for (const std::uint8_t length : {std::uint8_t{0}, std::uint8_t{4}, std::uint8_t{255}}) {
    Octets ah{6, length, 0, 0, 0, 0, 0, 9, 0, 0, 0, 1};
    ah.resize(24, 7);
    Rig rig{{plain}};
    const Packet& packet = rig.feed(ethernet_frame(outer_packet(plain, 51, ah)));
    CHECK(packet.ipsec().size() == (length == 4 ? 1 : 0));
    CHECK(packet.findings().size() >= (length == 4 ? 0 : 1));
  }
}

TEST_CASE("decoder: ESP too short for its SA is malformed, whatever its size") {
  const SaText cbc{.algorithms = cbc_sha256};
  const Octets whole = esp_of(cbc, 1, inner_v4());
  for (std::size_t size = 8; size < 8 + 16 + 16 + 16; ++size) {
    Rig rig{{cbc}};
    const Octets part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    const Packet& packet = rig.feed(ethernet_frame(outer_packet(cbc, 50, part)));
    CAPTURE(size);
    CHECK_FALSE(is_shown_open(packet));
    REQUIRE(rig.found(codes::esp_malformed).size() == 1);
    CHECK(rig.found(codes::esp_malformed)[0].message.find(std::to_string(size) + " bytes of ESP") == 0);
    CHECK(rig.sa(0).kernel.failed == (size >= 40 ? 1 : 0));
  }
}

TEST_CASE("decoder: ESP that ends inside a block is malformed") {
  const SaText cbc{.algorithms = cbc_sha256};
  Octets esp = esp_of(cbc, 1, inner_v4());
  esp.push_back(0);
  Rig rig{{cbc}};
  CHECK_FALSE(is_shown_open(rig.feed(ethernet_frame(outer_packet(cbc, 50, esp)))));
  REQUIRE(rig.found(codes::esp_malformed).size() == 1);
  CHECK(rig.found(codes::esp_malformed)[0].message.find("whole blocks of 16") != std::string::npos);
}

TEST_CASE("decoder: packets whose ICV has another length are explained, not malformed") {
  const SaText loaded{.algorithms = cbc_sha256};
  SaText sender = loaded;
  sender.algorithms.replace(sender.algorithms.size() - 3, 3, "96");
  Rig rig{{loaded}};
  for (std::uint64_t n = 1; n <= 3; ++n) {
    const Packet& packet = rig.feed(esp_frame(sender, n));
    CHECK(packet.ipsec().at(0).icv == IcvVerdict::bad);
    CHECK(packet.ipsec()[0].icv_cause == IcvCause::truncation);
  }
  CHECK(rig.found(codes::esp_malformed).empty());
  CHECK(rig.sa(0).diagnosis.icv_bits == 96);
}
