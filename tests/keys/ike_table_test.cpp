// Keys of IKE SAs as they are loaded: which are the same, and how many there may be.
#include "keys/ike_table.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "support/catch.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;
using keys::IkeTable;

namespace {

struct Maker {
  SecretArena arena;
  Secret secret(std::string_view text) { return arena.store(bytes_of(text)); }
  IkeKeys set(std::string_view ei, std::uint64_t initiator = 0, std::uint64_t responder = 0) {
    IkeKeys out;
    out.initiator_spi = initiator, out.responder_spi = responder;
    out.sk_ei = secret(ei), out.sk_er = secret("the other way");
    return out;
  }
};

const AlgorithmInfo* sha1() { return find_algorithm(AlgorithmKind::integrity, "hmac(sha1)"); }
const AlgorithmInfo* sha256() { return find_algorithm(AlgorithmKind::integrity, "hmac(sha256)"); }

}  // namespace

TEST_CASE("IKE table: the same keys stand once and take over what each lacks") {
  Maker make;
  IkeTable table;
  CHECK(table.add(make.set("one")) == 0U);
  IkeKeys more = make.set("one", 1, 2);
  more.sk_d = make.secret("d"), more.sk_ai = make.secret("a"), more.prf = Prf::hmac_sha1;
  more.names_algorithms = true, more.integrity = {sha1(), 96, 20};
  CHECK(table.add(more) == 0U);
  CHECK(table.add(make.set("one", 1, 2)) == 0U);
  REQUIRE(table.keys().size() == 1);
  const IkeKeys& one = table.keys()[0];
  CHECK((one.initiator_spi == 1 && one.responder_spi == 2 && one.prf == Prf::hmac_sha1));
  CHECK((one.names_algorithms && one.integrity.info == sha1()));
  CHECK(same_secret(one.sk_d, make.secret("d")));
  CHECK(same_secret(one.sk_ai, make.secret("a")));
}

TEST_CASE("IKE table: what differs in anything that both have stands apart") {
  Maker make;
  IkeTable table;
  IkeKeys base = make.set("one", 1, 2);
  base.sk_d = make.secret("d"), base.sk_ai = make.secret("a"), base.prf = Prf::hmac_sha1;
  base.names_algorithms = true, base.integrity = {sha1(), 96, 20};
  CHECK(table.add(base) == 0U);
  IkeKeys other = base;
  other.sk_ei = make.secret("two");  // another generation under one pair of SPIs (RFC 9370)
  CHECK(table.add(other) == 1U);
  other = base, other.sk_d = make.secret("d'");  // RFC 8784
  CHECK(table.add(other) == 2U);
  other = base, other.sk_ai = make.secret("b");
  CHECK(table.add(other) == 3U);
  other = base, other.responder_spi = 3;
  CHECK(table.add(other) == 4U);
  other = base, other.integrity = {sha256(), 128, 32};
  CHECK(table.add(other) == 5U);
  other = base, other.prf = Prf::hmac_sha256;
  CHECK(table.add(other) == 6U);
  CHECK(table.add(base) == 0U);
}

TEST_CASE("IKE table: one pair of SPIs is given to an entry without, once") {
  Maker make;
  IkeTable table;
  CHECK(table.add(make.set("one")) == 0U);
  table.set_spis(0, 5, 6);
  table.set_spis(0, 7, 8);
  CHECK((table.keys()[0].initiator_spi == 5 && table.keys()[0].responder_spi == 6));
}

TEST_CASE("IKE table: keys that many SAs share are bounded") {
  Maker make;
  IkeTable table;
  for (std::uint64_t spi = 1; spi <= 100000; ++spi)
    CHECK(table.add(make.set("one", spi, spi)).has_value() == (spi <= 8));
  CHECK(table.keys().size() == IkeTable::most_alike);
}

TEST_CASE("IKE table: with the NULL cipher, SAs are told apart by the keys of their integrity") {
  Maker make;
  IkeTable table;
  for (std::uint64_t spi = 1; spi <= 100; ++spi) {
    IkeKeys keys;
    keys.initiator_spi = keys.responder_spi = spi;
    keys.sk_ai = make.secret("a" + std::to_string(spi)), keys.sk_ar = make.secret("b" + std::to_string(spi));
    CHECK(table.add(keys) == spi - 1);
  }
}

TEST_CASE("IKE table: no more entries than it says") {
  Maker make;
  IkeTable table;
  for (std::size_t i = 0; i < IkeTable::most + 10; ++i) {
    CHECK_FALSE(table.full() != (i >= IkeTable::most));
    (void)table.add(make.set(std::to_string(i)));
  }
  CHECK(table.keys().size() == IkeTable::most);
  CHECK(table.add(make.set("0")) == 0U);
}

TEST_CASE("IKE table: the result of a key exchange stands once, and with other nonces again") {
  Maker make;
  IkeTable table;
  CHECK(table.add(SharedSecret{make.secret("g^ir"), {}, {}, 1}) == 0U);
  CHECK(table.add(SharedSecret{make.secret("g^ir"), make.secret("Ni Nr"), {}, 2}) == 0U);
  CHECK(table.add(SharedSecret{make.secret("g^ir"), make.secret("others"), {}, 3}) == 1U);
  CHECK(table.add(SharedSecret{make.secret("other"), {}, {}, 4}) == 2U);
  REQUIRE(table.secrets().size() == 3);
  CHECK(same_secret(table.secrets()[0].nonces, make.secret("Ni Nr")));
  CHECK(table.secrets()[0].line == 1);
}
