#include "crypto/ike_open.hpp"

#include <algorithm>

#include "support/catch.hpp"
#include "support/ike_vectors.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

using Octets = std::vector<std::uint8_t>;

// A row of sk.txt, cut where IkeOpener wants it. The keys live in `arena`.
struct Message {
  SecretArena arena;
  IkeSuite suite;
  IkeKeys keys;
  std::string name;
  Octets covered, body, inner;
  bool from_initiator = false;

  explicit Message(const IkeRow& row) : suite(ike_suite(row.text(1))), name(row.text(0)), inner(row.bytes(7)) {
    keys.sk_ei = arena.store(row.bytes(2));
    keys.sk_er = arena.store(row.bytes(3));
    keys.sk_ai = arena.store(row.bytes(4));
    keys.sk_ar = arena.store(row.bytes(5));
    const Octets message = row.bytes(6);
    from_initiator = (message.at(19) & 0x08) != 0;
    const auto cut = message.begin() + static_cast<std::ptrdiff_t>(start_of_sealed_body(message));
    covered.assign(message.begin(), cut);
    body.assign(cut, message.end());
  }
  [[nodiscard]] bool lies() const { return name.rfind("lie-", 0) == 0; }
};

// Those whose library is there.
std::vector<IkeRow> usable_rows() {
  auto rows = ike_rows("sk.txt");
  std::erase_if(rows, [](const IkeRow& row) { return !has_library_for(ike_suite(row.text(1))); });
  REQUIRE(rows.size() >= 50);
  return rows;
}

IkeOpener opener_of(const IkeSuite& suite, const IkeKeys& keys) {
  auto made = IkeOpener::make(suite, keys);
  INFO((made ? std::string{} : made.error().to_string()));
  REQUIRE(made);
  return std::move(*made);
}

struct Opened {
  std::optional<Octets> payloads;
  Octets out;
  [[nodiscard]] bool refused() const { return !payloads && std::count(out.begin(), out.end(), 0) == std::ssize(out); }
};

Opened open(IkeOpener& opener, bool from_initiator, Bytes covered, Bytes body) {
  Opened opened;
  opened.out.assign(opener.plaintext_size(body).value_or(0), 0xee);
  const auto payloads = opener.open(from_initiator, covered, body, opened.out);
  if (payloads) opened.payloads.emplace(payloads->begin(), payloads->end());
  return opened;
}

IkeRow row_named(std::string_view name) {
  for (IkeRow& row : ike_rows("sk.txt"))
    if (row.text(0) == name) return row;
  throw std::runtime_error("no such row: " + std::string{name});
}

std::string error_of(const IkeSuite& suite, const IkeKeys& keys) {
  auto made = IkeOpener::make(suite, keys);
  return made ? std::string{} : made.error().text;
}

}  // namespace

TEST_CASE("ike open: every message opens to its payloads, as often as one likes") {
  for (const IkeRow& row : usable_rows()) {
    CAPTURE(row.text(0));
    const Message message{row};
    IkeOpener opener = opener_of(message.suite, message.keys);
    for (int times = 0; times < 3; ++times) {
      const Opened opened = open(opener, message.from_initiator, message.covered, message.body);
      REQUIRE(opened.payloads);
      CHECK(*opened.payloads == message.inner);
      CHECK((opened.payloads->size() + 1 + opened.out.back() == opened.out.size()) == !message.lies());
    }
  }
}

TEST_CASE("ike open: no bit of a message can be changed") {
  for (const IkeRow& row : usable_rows()) {
    CAPTURE(row.text(0));
    Message message{row};
    IkeOpener opener = opener_of(message.suite, message.keys);
    const std::size_t cover = message.covered.size(), size = cover + message.body.size();
    const std::size_t step = size <= 128 ? 1 : 7;  // of long ones a bit here and there
    bool refused = true;
    for (std::size_t bit = 0; bit < size * 8; bit += step) {
      std::uint8_t& byte = bit / 8 < cover ? message.covered[bit / 8] : message.body[bit / 8 - cover];
      const auto flip = static_cast<std::uint8_t>(1U << bit % 8);
      byte ^= flip;
      refused = refused && open(opener, message.from_initiator, message.covered, message.body).refused();
      byte ^= flip;
    }
    CHECK(refused);
    CHECK(open(opener, message.from_initiator, message.covered, message.body).payloads);
  }
}

TEST_CASE("ike open: the keys of the other direction do not open") {
  for (const IkeRow& row : usable_rows()) {
    CAPTURE(row.text(0));
    const Message message{row};
    IkeOpener opener = opener_of(message.suite, message.keys);
    CHECK(open(opener, !message.from_initiator, message.covered, message.body).refused());
  }
}

TEST_CASE("ike open: no part of a message opens") {
  for (const IkeRow& row : usable_rows()) {
    CAPTURE(row.text(0));
    const Message message{row};
    IkeOpener opener = opener_of(message.suite, message.keys);
    const Bytes covered{message.covered}, body{message.body};
    bool refused = true;
    for (std::size_t size = 0; size < body.size(); ++size) {
      refused = refused && open(opener, message.from_initiator, covered, body.first(size)).refused();
      refused = refused && open(opener, message.from_initiator, covered, body.last(size)).refused();
    }
    for (std::size_t size = 0; size < covered.size(); ++size)
      refused = refused && open(opener, message.from_initiator, covered.last(size), body).refused();
    CHECK(refused);
  }
}

TEST_CASE("ike open: a body has IV, a whole number of blocks, at least the pad length, and ICV") {
  struct Case {
    const char* name;
    std::size_t iv, block, icv;
  };
  for (const Case& each :
       {Case{"aes128cbc-sha256", 16, 16, 16}, Case{"3des-sha1", 8, 8, 12}, Case{"camellia128-sha256", 16, 16, 16},
        Case{"aes128ctr-sha256", 8, 1, 16}, Case{"aes128ccm8", 8, 1, 8}, Case{"aes192gcm12", 8, 1, 12},
        Case{"chacha20", 8, 1, 16}, Case{"null-sha1", 0, 1, 12}}) {
    CAPTURE(each.name);
    const Message message{row_named(each.name)};
    const IkeOpener opener = opener_of(message.suite, message.keys);
    const Octets body(200);
    for (std::size_t size = 0; size <= body.size(); ++size) {
      const std::size_t around = each.iv + each.icv;
      std::optional<std::size_t> expected;
      if (size > around && (size - around) % each.block == 0) expected = size - around;
      CHECK(opener.plaintext_size(Bytes{body}.first(size)) == expected);
    }
  }
}

TEST_CASE("ike open: one direction alone can be opened, the other gives nothing") {
  for (const char* name : {"aes128cbc-sha256", "aes256cbc-sha384", "aes256gcm16", "null-sha256", "null-sha1"}) {
    CAPTURE(name);
    const Message message{row_named(name)};
    const bool from_initiator = message.from_initiator;
    IkeKeys one = message.keys, other = message.keys;
    (from_initiator ? one.sk_er : one.sk_ei) = (from_initiator ? one.sk_ar : one.sk_ai) = Secret{};
    (from_initiator ? other.sk_ei : other.sk_er) = (from_initiator ? other.sk_ai : other.sk_ar) = Secret{};
    IkeOpener opener = opener_of(message.suite, one), useless = opener_of(message.suite, other);
    CHECK(opener.opens(from_initiator));
    CHECK_FALSE(opener.opens(!from_initiator));
    CHECK(open(opener, from_initiator, message.covered, message.body).payloads == message.inner);
    CHECK(open(opener, !from_initiator, message.covered, message.body).refused());
    CHECK(open(useless, from_initiator, message.covered, message.body).refused());
  }
}

TEST_CASE("ike open: without the key of the integrity nothing is decrypted") {
  const Message message{row_named("aes128cbc-sha256")};
  IkeKeys keys = message.keys;
  keys.sk_ai = Secret{};
  IkeOpener opener = opener_of(message.suite, keys);
  CHECK(open(opener, true, message.covered, message.body).refused());
  keys.sk_ar = Secret{};
  CHECK(error_of(message.suite, keys) == "the keys of the IKE SA are missing");
}

TEST_CASE("ike open: algorithms of the keys serve where the suite names none, and only there") {
  const Message message{row_named("aes256gcm16")};
  IkeKeys keys = message.keys;
  keys.names_algorithms = true;
  keys.encryption = message.suite.encryption;
  IkeOpener opener = opener_of(IkeSuite{}, keys);
  CHECK(open(opener, true, message.covered, message.body).payloads == message.inner);
  keys.encryption = ike_suite("encr=18/256 prf=5").encryption;
  IkeOpener by_suite = opener_of(message.suite, keys);
  CHECK(open(by_suite, true, message.covered, message.body).payloads == message.inner);
  keys.names_algorithms = false;
  CHECK_THAT(error_of(IkeSuite{}, keys), Catch::Contains("not known"));
}

TEST_CASE("ike open: a choice without the length of its key takes every length of the table") {
  for (const char* name : {"aes192cbc-sha1", "aes256gcm16", "chacha20"}) {
    CAPTURE(name);
    const Message message{row_named(name)};
    IkeSuite suite = message.suite;
    suite.encryption.key_size = suite.integrity.key_size = 0;
    IkeOpener opener = opener_of(suite, message.keys);
    CHECK(open(opener, message.from_initiator, message.covered, message.body).payloads == message.inner);
  }
}

TEST_CASE("ike open: a key of a wrong length is an error, in either direction") {
  for (const char* name : {"aes128cbc-sha256", "aes256gcm16", "3des-sha1", "aes128ctr-sha256", "chacha20"}) {
    Message message{row_named(name)};
    for (Secret IkeKeys::*const key : {&IkeKeys::sk_ei, &IkeKeys::sk_er, &IkeKeys::sk_ai, &IkeKeys::sk_ar}) {
      if ((message.keys.*key).empty()) continue;
      for (const bool told : {true, false}) {
        CAPTURE(name, told);
        IkeKeys keys = message.keys;
        IkeSuite suite = message.suite;
        if (!told) suite.encryption.key_size = suite.integrity.key_size = 0;
        Octets longer = revealed(keys.*key);
        longer.push_back(1);
        keys.*key = message.arena.store(longer);
        CHECK_THAT(error_of(suite, keys), Catch::Contains("a key of"));
      }
    }
  }
}

TEST_CASE("ike open: what is not for IKE SAs is an error") {
  SecretArena arena;
  IkeKeys keys;
  keys.sk_ei = keys.sk_er = arena.store(Octets(36, 1));
  for (const char* text : {"encr=21/256", "encr=29/256", "encr=30/256", "encr=31"}) {
    CAPTURE(text);
    CHECK_THAT(error_of(ike_suite(text), keys), Catch::Contains("is for ESP only"));
  }
  CHECK_THAT(error_of(ike_suite("encr=12/256"), keys), Catch::Contains("needs an integrity algorithm"));
  CHECK_THAT(error_of(IkeSuite{}, keys), Catch::Contains("not known"));
  IkeSuite suite = ike_suite("encr=20/256 prf=5");
  suite.encryption.icv_bits = 72;
  CHECK_THAT(error_of(suite, keys), Catch::Contains("72 bits"));
  suite = ike_suite("encr=11 integ=2 prf=5");
  suite.integrity.icv_bits = 168;
  CHECK_THAT(error_of(suite, keys), Catch::Contains("168 bits"));
}

// Computed with python-cryptography 48: keys 00 01 02 …, IV 0001020304050607, a Delete payload and no padding. CCM
// writes lengths from 65280 on in another way (RFC 3610 section 2.2).
TEST_CASE("ike open: what is covered may be longer than any datagram") {
  struct Case {
    const char *suite, *sealed;
  };
  const Case cases[] = {{"encr=16/256 prf=5", "cff942f1739191ab51ec6b1765bfb6e718c87f6407222896f0"},
                        {"encr=20/256 prf=5", "7f42ae9fc7b01799e4a69e22b99c92dbfce657ea18635946a2"},
                        {"encr=28 prf=5", "e98eaaa0133bd71cc00ee10cbccf33c1eeac3090ea77e05350"}};
  Octets covered(66000);
  for (std::size_t i = 0; i < covered.size(); ++i) covered[i] = static_cast<std::uint8_t>(i % 251);
  for (const Case& each : cases) {
    CAPTURE(each.suite);
    SecretArena arena;
    const IkeSuite suite = ike_suite(each.suite);
    Octets key(suite.encryption.key_size);
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i);
    IkeKeys keys;
    keys.sk_ei = arena.store(key);
    IkeOpener opener = opener_of(suite, keys);
    const Octets body = unhex("0001020304050607" + std::string{each.sealed});
    CHECK(open(opener, true, covered, body).payloads == unhex("0000000801000000"));
    covered.back() ^= 1;
    CHECK(open(opener, true, covered, body).refused());
    covered.back() ^= 1;
  }
}

TEST_CASE("ike open: where nothing is covered, nothing opens") {
  for (const IkeRow& row : usable_rows()) {
    const Message message{row};
    IkeOpener opener = opener_of(message.suite, message.keys);
    CHECK(open(opener, message.from_initiator, {}, message.body).refused());
  }
}
