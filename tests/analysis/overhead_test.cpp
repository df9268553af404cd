// Sizes against the tables that were measured on Linux 6.1 and 6.12, and against packets of testdata.
#include "analysis/overhead.hpp"

#include <espdump/keystore.hpp>

#include <fmt/core.h>

#include <array>
#include <map>

#include "support/catch.hpp"
#include "support/decoding.hpp"
#include "support/frames.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

struct Suite {
  const char* name;
  std::size_t iv, block, icv;
};
// RFC 4106, 7634, 4309; 4106 with 8 bytes of ICV; 4543; and so on.
constexpr std::array<Suite, 10> suites{{{"gcm16", 8, 4, 16},
                                        {"gcm8", 8, 4, 8},
                                        {"gmac", 8, 4, 16},
                                        {"cbc-sha1", 16, 16, 12},
                                        {"cbc-sha256", 16, 16, 16},
                                        {"cbc-sha384", 16, 16, 24},
                                        {"cbc-sha512", 16, 16, 32},
                                        {"3des-sha1", 8, 8, 12},
                                        {"ctr-sha256", 8, 4, 16},
                                        {"null-sha256", 0, 4, 16}}};
constexpr std::array<std::size_t, 4> paths{1500, 1492, 1400, 1280};

using Row = std::array<std::size_t, 4>;
struct Expected {
  SaMode mode;
  Family outer;
  bool in_udp;
  std::array<Row, 10> largest;
};

// The largest inner packet for each suite and path MTU.
const std::array<Expected, 8> expected{{
    {SaMode::tunnel,
     Family::ipv4,
     false,
     {{{1446, 1438, 1346, 1226},
       {1454, 1446, 1354, 1234},
       {1446, 1438, 1346, 1226},
       {1438, 1422, 1342, 1214},
       {1438, 1422, 1326, 1214},
       {1422, 1422, 1326, 1198},
       {1422, 1406, 1310, 1198},
       {1446, 1438, 1350, 1230},
       {1446, 1438, 1346, 1226},
       {1454, 1446, 1354, 1234}}}},
    {SaMode::tunnel,
     Family::ipv4,
     true,
     {{{1438, 1430, 1338, 1218},
       {1446, 1438, 1346, 1226},
       {1438, 1430, 1338, 1218},
       {1422, 1422, 1326, 1214},
       {1422, 1422, 1326, 1198},
       {1422, 1406, 1310, 1198},
       {1406, 1406, 1310, 1182},
       {1438, 1430, 1342, 1222},
       {1438, 1430, 1338, 1218},
       {1446, 1438, 1346, 1226}}}},
    {SaMode::tunnel,
     Family::ipv6,
     false,
     {{{1426, 1418, 1326, 1206},
       {1434, 1426, 1334, 1214},
       {1426, 1418, 1326, 1206},
       {1422, 1406, 1310, 1198},
       {1406, 1406, 1310, 1198},
       {1406, 1390, 1310, 1182},
       {1390, 1390, 1294, 1182},
       {1430, 1422, 1326, 1206},
       {1426, 1418, 1326, 1206},
       {1434, 1426, 1334, 1214}}}},
    {SaMode::tunnel,
     Family::ipv6,
     true,
     {{{1418, 1410, 1318, 1198},
       {1426, 1418, 1326, 1206},
       {1418, 1410, 1318, 1198},
       {1406, 1406, 1310, 1182},
       {1406, 1390, 1310, 1182},
       {1390, 1390, 1294, 1182},
       {1390, 1374, 1294, 1166},
       {1422, 1414, 1318, 1198},
       {1418, 1410, 1318, 1198},
       {1426, 1418, 1326, 1206}}}},
    {SaMode::transport,
     Family::ipv4,
     false,
     {{{1466, 1458, 1366, 1246},
       {1474, 1466, 1374, 1254},
       {1466, 1458, 1366, 1246},
       {1458, 1442, 1362, 1234},
       {1458, 1442, 1346, 1234},
       {1442, 1442, 1346, 1218},
       {1442, 1426, 1330, 1218},
       {1466, 1458, 1370, 1250},
       {1466, 1458, 1366, 1246},
       {1474, 1466, 1374, 1254}}}},
    {SaMode::transport,
     Family::ipv4,
     true,
     {{{1458, 1450, 1358, 1238},
       {1466, 1458, 1366, 1246},
       {1458, 1450, 1358, 1238},
       {1442, 1442, 1346, 1234},
       {1442, 1442, 1346, 1218},
       {1442, 1426, 1330, 1218},
       {1426, 1426, 1330, 1202},
       {1458, 1450, 1362, 1242},
       {1458, 1450, 1358, 1238},
       {1466, 1458, 1366, 1246}}}},
    {SaMode::transport,
     Family::ipv6,
     false,
     {{{1466, 1458, 1366, 1246},
       {1474, 1466, 1374, 1254},
       {1466, 1458, 1366, 1246},
       {1462, 1446, 1350, 1238},
       {1446, 1446, 1350, 1238},
       {1446, 1430, 1350, 1222},
       {1430, 1430, 1334, 1222},
       {1470, 1462, 1366, 1246},
       {1466, 1458, 1366, 1246},
       {1474, 1466, 1374, 1254}}}},
    {SaMode::transport,
     Family::ipv6,
     true,
     {{{1458, 1450, 1358, 1238},
       {1466, 1458, 1366, 1246},
       {1458, 1450, 1358, 1238},
       {1446, 1446, 1350, 1222},
       {1446, 1430, 1350, 1222},
       {1430, 1430, 1334, 1222},
       {1430, 1414, 1334, 1206},
       {1462, 1454, 1358, 1238},
       {1458, 1450, 1358, 1238},
       {1466, 1458, 1366, 1246}}}},
}};

Overhead overhead(const Suite& suite, SaMode mode, Family outer, Family inner, bool in_udp = false) {
  Overhead out;
  out.mode = mode, out.outer = outer, out.inner = inner;
  out.encapsulation = in_udp ? Encapsulation::udp : Encapsulation::none;
  out.iv = suite.iv, out.block = suite.block, out.icv = suite.icv;
  return out;
}

}  // namespace

TEST_CASE("overhead: every cell of the measured tables, and Linux computes the same") {
  for (const Expected& table : expected)
    for (std::size_t s = 0; s < suites.size(); ++s)
      for (std::size_t p = 0; p < paths.size(); ++p) {
        const Overhead it = overhead(suites[s], table.mode, table.outer, table.outer, table.in_udp);
        INFO(suites[s].name << " " << to_string(table.mode) << " " << paths[p] << " udp " << table.in_udp);
        CHECK(largest_inner(it, paths[p]) == table.largest[s][p]);
        CHECK(linux_mtu(it, paths[p]) == table.largest[s][p]);
        CHECK(safe_mtu(it, paths[p]) == table.largest[s][p]);
      }
}

TEST_CASE("overhead: BEET as Linux computes it, and what really fits") {
  struct Pair {
    Family inner, outer;
  };
  constexpr std::array<Pair, 4> pairs{{{Family::ipv4, Family::ipv4},
                                       {Family::ipv6, Family::ipv6},
                                       {Family::ipv6, Family::ipv4},
                                       {Family::ipv4, Family::ipv6}}};
  constexpr std::array<Row, 10> linux_1500{{{1458, 1466, 1466, 1438},
                                            {1466, 1474, 1474, 1446},
                                            {1458, 1466, 1466, 1438},
                                            {1442, 1462, 1458, 1430},
                                            {1442, 1446, 1458, 1430},
                                            {1442, 1446, 1442, 1414},
                                            {1426, 1430, 1442, 1414},
                                            {1458, 1470, 1466, 1438},
                                            {1458, 1466, 1466, 1438},
                                            {1466, 1474, 1474, 1446}}};
  for (std::size_t s = 0; s < suites.size(); ++s)
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      const Overhead it = overhead(suites[s], SaMode::beet, pairs[i].outer, pairs[i].inner);
      INFO(suites[s].name << " pair " << i);
      CHECK(linux_mtu(it, 1500) == linux_1500[s][i]);
      // The transport mode value with the other IP header in place.
      const std::size_t transport =
          largest_inner(overhead(suites[s], SaMode::transport, pairs[i].outer, pairs[i].outer), 1500);
      const std::size_t outer = pairs[i].outer == Family::ipv6 ? 40 : 20,
                        inner = pairs[i].inner == Family::ipv6 ? 40 : 20;
      CHECK(largest_inner(it, 1500) == transport - outer + inner);
    }
  // IPv4 in IPv6 with CBC and SHA-256: Linux lets 1430 through, which leaves as fragments.
  const Overhead fragments = overhead(suites[4], SaMode::beet, Family::ipv6, Family::ipv4);
  CHECK(linux_mtu(fragments, 1500) == 1430);
  CHECK(largest_inner(fragments, 1500) == 1426);
  CHECK(safe_mtu(fragments, 1500) == 1426);
}

TEST_CASE("overhead: the largest packet fits, one byte more does not, for every path MTU") {
  for (const Suite& suite : suites)
    for (const SaMode mode : {SaMode::tunnel, SaMode::transport, SaMode::beet})
      for (const Family outer : {Family::ipv4, Family::ipv6})
        for (const Family inner : {Family::ipv4, Family::ipv6})
          for (std::size_t path = 68; path < 2000; ++path) {
            const Overhead it = overhead(suite, mode, outer, inner, path % 2 == 0);
            const std::size_t largest = largest_inner(it, path);
            if (largest == 0) continue;
            const auto [least, most] = added_by(it);
            const std::size_t added = outer_size(it, largest) - largest;
            if (outer_size(it, largest) > path || outer_size(it, largest + 1) <= path || added < least || added > most)
              FAIL(suite.name << " " << to_string(mode) << " path " << path << " largest " << largest);
          }
}

TEST_CASE("overhead: AH as Linux pads it, as RFC 4302 wants it, and under IPv6") {
  Overhead it;
  it.protocol = IpsecProtocol::ah;
  it.icv = 16;
  it.align4 = false;
  CHECK(largest_inner(it, 1500) == 1448);
  it.align4 = true;
  CHECK(largest_inner(it, 1500) == 1452);
  it.outer = Family::ipv6;
  CHECK(largest_inner(it, 1500) == 1500 - 40 - 32);
  it.mode = SaMode::transport;
  CHECK(largest_inner(it, 1500) == 1500 - 32);
  CHECK(linux_mtu(it, 1500) == 1500 - 32);
  CHECK(largest_inner(it, 20) == 0);
}

TEST_CASE("overhead: a path too small for anything") {
  const Overhead it = overhead(suites[4], SaMode::tunnel, Family::ipv6, Family::ipv4, true);
  for (std::size_t path = 0; path <= 96; ++path) {
    CHECK(largest_inner(it, path) == 0);
    CHECK(linux_mtu(it, path) == 0);
  }
  CHECK(mss_of(40, Family::ipv4) == 0);
  CHECK(mss_of(41, Family::ipv4) == 1);
  CHECK(mss_of(60, Family::ipv6) == 0);
  CHECK(mss_of(1386, Family::ipv6) == 1326);
}

TEST_CASE("overhead: packets that kernels sealed have the size that is computed") {
  const auto name = GENERATE("algos-aead-gcm128-icv64", "algos-aead-gcm256-icv96", "algos-aead-gcm192-icv128",
                             "algos-aead-chacha20poly1305", "algos-enc-aes128cbc-sha1", "algos-enc-aes192cbc-sha384",
                             "algos-enc-aes256cbc-sha512", "algos-enc-des-sha1", "algos-enc-null-sha256",
                             "beet-manual-4in4", "beet-manual-4in6", "beet-manual-6in4", "beet-natt-chacha20",
                             "transport-esp-v6", "transport-udpencap-v4", "manual-tunnel-cbc-sha256");
  INFO(name);
  Keystore store;
  REQUIRE(store.import_file(testdata(fmt::format("captures/{}/xfrm-state.txt", name))));
  store.seal();
  Rig rig(std::move(store));
  std::size_t compared = 0;
  for (const TestFrame& frame : frames_of(testdata(fmt::format("captures/{}/wire.pcap", name))))
    for (const OpenRecord& record : rig.feed(frame.bytes).ipsec()) {
      if (!record.decrypted || record.tfc_padding != 0) continue;
      const Keystore& keys = rig.decoder().keystore();
      const auto it = overhead_of(keys.associations()[keys.find(IpsecProtocol::esp, record.spi).front()]);
      REQUIRE(it);
      // What was handed to ESP, by the pad length that the sender chose; and the IP header that ESP does not carry.
      const std::size_t handed = record.length - 8 - it->iv - it->icv - 2 - record.pad_length;
      const std::size_t ip = it->outer == Family::ipv6 ? 40 : 20;
      const std::size_t replaced = it->mode == SaMode::tunnel ? 0
                                   : it->mode == SaMode::beet ? (it->inner == Family::ipv6 ? 40 : 20)
                                                              : ip;
      const std::size_t in_udp = it->encapsulation == Encapsulation::udp ? 8 : 0;
      CHECK(outer_size(*it, handed + replaced) == record.length + ip + in_udp);
      ++compared;
    }
  CHECK(compared > 4);
}
