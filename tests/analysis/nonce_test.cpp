#include <espdump/codes.hpp>

#include "support/catch.hpp"
#include "support/decoding.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

const SaText there{};
const Octets first_iv{1, 2, 3, 4, 5, 6, 7, 8}, second_iv{1, 2, 3, 4, 5, 6, 7, 9};

Octets frame_with(const SaText& sa, std::uint64_t sequence, const Octets& iv, const Octets& inner = inner_v4()) {
  return ethernet_frame(outer_packet(sa, 50, seal_esp(seal_of(sa), sa.spi, sequence, 4, inner, iv)));
}

}  // namespace

TEST_CASE("nonce: one IV for two numbers of an SA is reuse, told with the first frame") {
  Rig rig{{there}};
  rig.feed(frame_with(there, 1, first_iv));
  rig.feed(frame_with(there, 2, second_iv));
  rig.feed(frame_with(there, 3, first_iv, inner_v4(3)));
  rig.finish();
  const Findings found = rig.found(codes::nonce_reuse);
  REQUIRE(found.size() == 1);
  CHECK(found[0].frame == 3);
  CHECK(found[0].info->severity == Severity::error);
  CHECK(found[0].message == "the IV is that of frame 1, under the same key, for another packet");
  REQUIRE(rig.concluded(codes::nonce_reuse).size() == 1);
  CHECK(rig.concluded(codes::nonce_reuse)[0].what == "1 packet, frame 3");
}

TEST_CASE("nonce: a decoder that is to note none finds none again") {
  Rig rig{std::vector<SaText>{there}, DecoderOptions{.note_nonces = false}};
  rig.feed(frame_with(there, 1, first_iv));
  rig.feed(frame_with(there, 2, first_iv, inner_v4(3)));
  rig.finish();
  CHECK(rig.sa(0).icv_ok == 2);
  CHECK(rig.found(codes::nonce_reuse).empty());
}

TEST_CASE("nonce: a replayed packet has its IV by right") {
  Rig rig{{there}};
  const Octets frame = frame_with(there, 1, first_iv);
  rig.feed(frame);
  rig.feed(frame, {.gap = 3'000'000'000});
  rig.finish();
  REQUIRE(rig.found(codes::replay_duplicate).size() == 1);
  CHECK(rig.found(codes::nonce_reuse).empty());
}

TEST_CASE("nonce: SAs that share a key must not share IVs") {
  SaText back{.source = "192.0.2.2", .destination = "192.0.2.1", .spi = 0x2002};
  Rig rig{{there, back}};
  rig.feed(frame_with(there, 1, first_iv));
  rig.feed(frame_with(back, 1, first_iv));
  rig.finish();
  const Findings found = rig.found(codes::nonce_reuse);
  REQUIRE(found.size() == 1);
  CHECK(found[0].sa == 2);
  CHECK(found[0].message == "the IV is that of frame 1 of #1, under the same key, for another packet");
  CHECK(rig.concluded(codes::nonce_reuse)[0].sas == std::vector<SaNumber>{1, 2});
}

TEST_CASE("nonce: under different keys, and in CBC, equal IVs are nobody's fault") {
  SaText back{.source = "192.0.2.2", .destination = "192.0.2.1", .spi = 0x2002, .algorithms = other_gcm};
  SaText cbc{.source = "192.0.2.3", .spi = 0x3003, .algorithms = cbc_sha256};
  Rig rig{{there, back, cbc}};
  const Octets block_iv(16, 7);
  rig.feed(frame_with(there, 1, first_iv));
  rig.feed(frame_with(back, 1, first_iv));
  rig.feed(frame_with(cbc, 1, block_iv));
  rig.feed(frame_with(cbc, 2, block_iv));
  rig.finish();
  CHECK(rig.found(codes::nonce_reuse).empty());
}

TEST_CASE("nonce: a forged packet reuses nothing") {
  Rig rig{{there}};
  rig.feed(frame_with(there, 1, first_iv));
  rig.feed(forged(frame_with(there, 2, first_iv)));
  rig.finish();
  CHECK(rig.found(codes::nonce_reuse).empty());
}

TEST_CASE("nonce: AES-CTR is a counter mode, too") {
  SaText ctr{.algorithms =
                 "enc rfc3686(ctr(aes)) 0xc4179be2605dfa38917fe3044ab86d1575a1c902 / auth-trunc hmac(sha256) "
                 "0x61d0a7f3182bc94e75fa06e8b39d5c24e1077ac3d95f4b8620bd93fe68154ca7 128"};
  Rig rig{{ctr}};
  rig.feed(frame_with(ctr, 1, first_iv));
  rig.feed(frame_with(ctr, 2, first_iv, inner_v4(2)));
  rig.finish();
  CHECK(rig.found(codes::nonce_reuse).size() == 1);
}
