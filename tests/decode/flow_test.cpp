#include "decode/flow.hpp"

#include <fmt/format.h>

#include "decode/tape.hpp"
#include "support/catch.hpp"
#include "support/decoding.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

Keystore store_of(const std::vector<SaText>& sas) {
  Keystore store;
  std::string text;
  for (const SaText& sa : sas) text += dump_text(sa);
  if (!sas.empty()) REQUIRE(store.import_text("keys.txt", bytes_of(text)));
  store.seal();
  return store;
}

IpAddress address(const std::string& text) { return IpAddress::parse(text).value(); }

FlowKey key(std::uint32_t spi, const std::string& source = "192.0.2.1", const std::string& destination = "192.0.2.2") {
  return {address(source), address(destination), spi, IpsecProtocol::esp};
}

IpAddress numbered(std::uint32_t n) {
  const std::uint8_t bytes[] = {10, static_cast<std::uint8_t>(n >> 16), static_cast<std::uint8_t>(n >> 8),
                                static_cast<std::uint8_t>(n)};
  return IpAddress{Bytes{bytes}};
}

}  // namespace

TEST_CASE("flow: SAs of the exact destination come first, then those of the SPI alone, each once") {
  SaText elsewhere{.destination = "198.51.100.9"}, marked{.algorithms = other_gcm, .line = "mark 0x2/0xff"};
  const Keystore store = store_of({elsewhere, SaText{}, marked, SaText{.spi = 7}});
  FlowTable flows{store};
  const Flow* flow = flows.find(key(0x1001));
  REQUIRE(flow != nullptr);
  REQUIRE(flow->candidates.size() == 3);
  CHECK(flow->candidates[1].association == &store.associations()[2]);
  CHECK(flow->candidates[2].association == &store.associations()[0]);
  CHECK_FALSE(flow->candidates[0].by_spi_alone);
  CHECK_FALSE(flow->candidates[1].by_spi_alone);
  CHECK(flow->candidates[2].by_spi_alone);
  CHECK(flow->candidates[0].association == &store.associations()[1]);
}

TEST_CASE("flow: AH and ESP of one SPI do not meet") {
  const Keystore store = store_of({SaText{}});
  FlowTable flows{store};
  FlowKey ah = key(0x1001);
  ah.protocol = IpsecProtocol::ah;
  CHECK(flows.find(ah)->candidates.empty());
}

TEST_CASE("flow: the same key gives the same flow, and looking for none makes none") {
  const Keystore store = store_of({});
  FlowTable flows{store};
  CHECK(flows.peek(key(1)) == nullptr);
  const Flow* flow = flows.find(key(1));
  CHECK(flows.find(key(2)) != flow);
  CHECK(flows.find(key(1)) == flow);
  CHECK(flows.find(key(1, "192.0.2.9")) != flow);
  CHECK(flows.peek(key(1)) == flow);
}

TEST_CASE("flow: at most 64 SAs are tried for one flow, and the others counted") {
  std::vector<SaText> sas;
  for (int n = 0; n < 70; ++n) {
    SaText& sa = sas.emplace_back();
    sa.line = fmt::format("mark 0x{:x}/0xff", n);
    sa.algorithms.replace(sa.algorithms.find("0x") + 2, 2, fmt::format("{:02x}", n + 1));
  }
  const Keystore store = store_of(sas);
  REQUIRE(store.associations().size() == 70);
  FlowTable flows{store};
  CHECK(flows.find(key(0x1001))->candidates.size() == 64);
  CHECK(flows.untried() == 6);
}

TEST_CASE("flow: after 1024 unknown flows further ones are only counted, known ones still kept") {
  const Keystore store = store_of({SaText{}});
  FlowTable flows{store};
  for (std::uint32_t spi = 1; spi <= 1024; ++spi) REQUIRE(flows.find(key(0x9000 + spi)) != nullptr);
  CHECK(flows.untracked() == 0);
  CHECK(flows.find(key(0x8000)) == nullptr);
  CHECK(flows.find(key(0x8000)) == nullptr);
  CHECK(flows.untracked() == 2);
  CHECK(flows.find(key(0x9001)) != nullptr);
  CHECK(flows.find(key(0x1001)) != nullptr);
}

TEST_CASE("flow: forged sources of a known SPI are bounded, and take nothing from unknown flows") {
  const Keystore store = store_of({SaText{}});
  FlowTable flows{store};
  FlowKey known = key(0x1001);
  for (std::uint32_t n = 0; n < 4096 + 4; ++n) {
    known.source = numbered(n);
    REQUIRE(flows.find(known) != nullptr);
  }
  known.source = numbered(10'000);
  CHECK(flows.find(known) == nullptr);
  CHECK(flows.untracked() == 1);
  CHECK(flows.find(key(0x9001)) != nullptr);
  known.source = numbered(0);
  CHECK(flows.find(known) != nullptr);
}

TEST_CASE("flow: sessions are numbered in the order of their first packets") {
  const Keystore store = store_of({SaText{}, SaText{.spi = 7}});
  FlowTable flows{store};
  Flow& later = *flows.find(key(0x1001));
  Flow& unknown = *flows.find(key(99));
  Flow& first = *flows.find(key(7));
  CHECK(flows.sessions().empty());
  CHECK(later.latest_session() == nullptr);
  CHECK(flows.session_of(first, first.candidates[0]).counts.number == 1);
  CHECK(flows.unknown_session_of(unknown).counts.number == 2);
  CHECK(flows.session_of(later, later.candidates[0]).counts.number == 3);
  CHECK(flows.session_of(first, first.candidates[0]).counts.number == 1);
  CHECK(&flows.session(2) == unknown.latest_session());
  CHECK(flows.session(2).counts.association == nullptr);
  CHECK(flows.session(3).counts.spi == 0x1001);
  CHECK(flows.session(3).counts.source == address("192.0.2.1"));
  CHECK(later.latest_session() == &flows.session(3));
}

TEST_CASE("flow: a candidate whose key cannot be used says so once prepared") {
  const Keystore store =
      store_of({SaText{.algorithms = "aead rfc4106(gcm(aes)) <<Keys hidden>> 128"}, SaText{.spi = 7}});
  FlowTable flows{store};
  const Tape tape{Taping::none};
  Openers openers{CryptoBackend::openssl, tape};
  Candidate& hidden = flows.find(key(0x1001))->candidates.at(0);
  hidden.prepare(openers);
  CHECK_FALSE(hidden.opener);
  CHECK_FALSE(hidden.error.empty());
  Candidate& good = flows.find(key(7))->candidates.at(0);
  good.prepare(openers);
  CHECK(good.opener);
  CHECK(good.error.empty());
}

TEST_CASE("flow: flows of one SA share its opener, but where packets may have to show what an SA is") {
  const Keystore store =
      store_of({SaText{}, SaText{.spi = 7, .algorithms = "enc cbc(aes) 0x000102030405060708090a0b0c0d0e0f"}});
  FlowTable flows{store};
  const Tape tape{Taping::none};
  Openers openers{CryptoBackend::openssl, tape};
  const auto opener = [&](std::uint32_t spi, const char* source) {
    Candidate& candidate = flows.find(key(spi, source))->candidates.at(0);
    candidate.prepare(openers);
    return candidate.opener;
  };
  CHECK(opener(0x1001, "192.0.2.1") == opener(0x1001, "198.51.100.1"));
  CHECK(opener(7, "192.0.2.1") != opener(7, "198.51.100.1"));
  CHECK(opener(7, "192.0.2.1") == opener(7, "192.0.2.1"));
}

TEST_CASE("flow: SAs that leave their addresses open come last, and those of an open SPI must prove themselves") {
  const std::string row = R"("IPv4","*","192.0.2.*","{}","NULL","","HMAC-MD5-96 [RFC2403]","0123456789abcde{}")";
  std::string text = dump_text(SaText{});
  for (const char* spi : {"*", "0x00001001"}) text += fmt::format(fmt::runtime(row), spi, spi[0] == '*' ? 1 : 2) + "\n";
  Keystore store;
  REQUIRE(store.import_text("keys.txt", bytes_of(text)));
  store.seal();
  FlowTable flows{store};
  const Flow* flow = flows.find(key(0x1001));
  REQUIRE(flow->candidates.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(flow->candidates[i].association == &store.associations()[i]);
  CHECK((flow->candidates[1].by_spi_alone && !flow->candidates[2].by_spi_alone));
  CHECK(flows.find(key(0x1001, "192.0.2.1", "198.51.100.1"))->candidates.size() == 1);
  CHECK(flows.find(key(7))->candidates.size() == 1);
}
