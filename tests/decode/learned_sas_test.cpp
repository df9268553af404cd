#include "decode/learned_sas.hpp"

#include "support/catch.hpp"
#include "support/decoding.hpp"
#include "support/sa_builder.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

Keystore store_of(const std::string& text) {
  Keystore store;
  REQUIRE(store.import_text("keys.txt", bytes_of(text)));
  store.seal();
  return store;
}

}  // namespace

TEST_CASE("learned SAs: one that the keystore has with its mode teaches nothing") {
  const Keystore store = store_of(dump_text(SaText{}));
  LearnedSas learned;
  CHECK(learned.add(store.associations()[0], store) == nullptr);
  CHECK(learned.size() == 0);
}

TEST_CASE("learned SAs: under other keys it is another SA, known once") {
  const Keystore store = store_of(dump_text(SaText{}));
  const Keystore other = store_of(dump_text(SaText{.algorithms = other_gcm}));
  LearnedSas learned;
  const SecurityAssociation* added = learned.add(other.associations()[0], store);
  REQUIRE(added != nullptr);
  CHECK(learned.add(other.associations()[0], store) == nullptr);
  CHECK(learned.find(IpsecProtocol::esp, 0x1001).size() == 1);
  CHECK(learned.find(IpsecProtocol::ah, 0x1001).empty());
  CHECK(learned.original(*added) == nullptr);
  CHECK(&learned.instead_of(store.associations()[0]) == &store.associations()[0]);
  CHECK(added->encryption.key_group >= 0x80000000);  // apart from all of the keystore's
}

TEST_CASE("learned SAs: what a key file leaves open is filled in, and what it says stays") {
  const Keystore store = store_of(
      "\"IPv4\",\"192.0.2.1\",\"192.0.2.2\",\"0x1001\",\"AES-GCM with 16 octet ICV [RFC4106]\","
      "\"0x3d9f1c7ae4405b86d2a17f0c95be68e3014c7d92\",\"NULL\",\"\"\n");
  REQUIRE(store.associations()[0].mode == SaMode::unknown);
  const Keystore negotiated =
      store_of(dump_text(SaText{.mode = "beet", .window = 0, .selector = "src 10.0.0.1/32 dst 10.0.0.2/32"}));
  LearnedSas learned;
  const SecurityAssociation* added = learned.add(negotiated.associations()[0], store);
  REQUIRE(added != nullptr);
  CHECK(added->mode == SaMode::beet);
  REQUIRE(added->selector);
  CHECK(added->selector->source.to_string() == "10.0.0.1/32");
  CHECK(added->file == store.associations()[0].file);
  CHECK(learned.original(*added) == &store.associations()[0]);
  CHECK(&learned.instead_of(store.associations()[0]) == added);
}

TEST_CASE("learned SAs: of one SPI no more are kept than every packet of it can try") {
  const Keystore none = store_of(dump_text(SaText{.spi = 1}));
  SecurityAssociation sa = none.associations()[0];
  sa.spi = 0x2001;
  LearnedSas learned;
  for (std::uint32_t i = 0; i < 100; ++i) {
    sa.destination = *IpAddress::parse("10.0.0." + std::to_string(i + 1));
    CHECK((learned.add(sa, none) != nullptr) == (i < 64));
  }
  CHECK(learned.find(IpsecProtocol::esp, 0x2001).size() == 64);
  CHECK(learned.left_out() == 36);
}
