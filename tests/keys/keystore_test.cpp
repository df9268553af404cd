// The store: merging of snapshots, generations, lookups.
#include <fmt/core.h>

#include "keys/xfrm_text.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

struct Sa {
  std::string source = "192.0.2.1", destination = "198.51.100.7";
  std::uint32_t spi = 0x1001;
  std::string key = "0x01080f161d242b323940474e555c636a71787f86";
  unsigned window = 32, seen = 1;
  std::string more = {};
};

std::string text(const Sa& sa) {
  return fmt::format(
      "src {} dst {}\n\tproto esp spi {:#010x} reqid 1 mode tunnel\n\treplay-window {}\n\taead rfc4106(gcm(aes)) {} "
      "128\n"
      "\tanti-replay context: seq {:#x}, oseq 0x0, bitmap 0x00000000\n{}",
      sa.source, sa.destination, sa.spi, sa.window, sa.key, sa.seen, sa.more);
}

std::vector<std::uint32_t> list(std::span<const std::uint32_t> span) { return {span.begin(), span.end()}; }
using Indices = std::vector<std::uint32_t>;

const IpAddress peer = *IpAddress::parse("198.51.100.7");

}  // namespace

TEST_CASE("keystore: snapshots of one SA are one SA") {
  Sa later;
  later.window = 64;
  later.seen = 9;
  later.more = "\tencap type espinudp sport 4500 dport 4501 addr 0.0.0.0\n\tsel src 10.0.0.0/8 dst 10.1.0.0/16\n";
  const Loaded out = load(text({}) + text(later));
  CHECK((out.report.records == 2 && out.report.usable == 2));
  REQUIRE(out.store.associations().size() == 1);
  const auto& sa = out.sa();
  REQUIRE(sa.positions.size() == 2);
  CHECK((sa.positions[0].received == 1 && sa.positions[1].received == 9));
  CHECK(sa.replay_window == 64);
  CHECK((sa.encapsulation == Encapsulation::udp && sa.destination_port == 4501));
  REQUIRE(sa.selector);
  CHECK(sa.selector_family == Family::ipv4);
  CHECK(sa.line == 1);
}

TEST_CASE("keystore: another key or another ESN flag is another generation") {
  Sa rekeyed;
  rekeyed.key = "0x02080f161d242b323940474e555c636a71787f86";
  const std::string esn = replace_all(text({}), "replay-window 32", "replay-window 32 flag esn");
  const Loaded out = load(text({}) + text(rekeyed) + esn + text({}));
  CHECK(out.store.associations().size() == 3);
  CHECK(list(out.store.find(peer, IpsecProtocol::esp, 0x1001)) == Indices{0, 1, 2});
  CHECK(out.sa(0).positions.size() == 2);
}

TEST_CASE("keystore: the two ends of a NAT are two entries under one SPI") {
  Sa behind;
  behind.destination = "10.0.0.7";
  Sa other_source;
  other_source.source = "10.9.9.9";
  const Loaded out = load(text({}) + text(behind) + text(other_source));
  CHECK(out.store.associations().size() == 2);
  CHECK(list(out.store.find(peer, IpsecProtocol::esp, 0x1001)) == Indices{0});
  CHECK(list(out.store.find(IpsecProtocol::esp, 0x1001)) == Indices{0, 1});
  CHECK(out.sa(0).source.to_string() == "192.0.2.1");
}

TEST_CASE("keystore: lookups find nothing where there is nothing") {
  const Loaded out = load(text({}));
  CHECK(out.store.find(peer, IpsecProtocol::esp, 0x1002).empty());
  CHECK(out.store.find(peer, IpsecProtocol::ah, 0x1001).empty());
  CHECK(out.store.find(IpAddress{}, IpsecProtocol::esp, 0x1001).empty());
  CHECK(out.store.find(IpsecProtocol::ah, 0x1001).empty());
  Keystore empty;
  empty.seal();
  CHECK(empty.find(IpsecProtocol::esp, 1).empty());
  CHECK(empty.associations().empty());
}

TEST_CASE("keystore: several files fill one store, and it can be moved") {
  Keystore store;
  Sa second;
  second.spi = 0x1002;
  REQUIRE(store.import_text("a", bytes_of(text({}))));
  REQUIRE(store.import_text("b", bytes_of(text(second))));
  Keystore moved = std::move(store);
  moved.seal();
  moved.seal();
  REQUIRE(moved.associations().size() == 2);
  CHECK(moved.associations()[1].file == "b");
  CHECK(key_bytes(moved.associations()[1].encryption.key).size() == 20);
}

TEST_CASE("keystore: ports of UDP and TCP encapsulation are listed once") {
  Sa one, two, tcp;
  one.more = "\tencap type espinudp sport 4500 dport 4501 addr 0.0.0.0\n";
  two.spi = 2;
  two.more = "\tencap type espinudp sport 0 dport 4500 addr 0.0.0.0\n";
  tcp.spi = 3;
  tcp.more = "\tencap type espintcp sport 80 dport 81 addr 0.0.0.0\n";
  const Loaded out = load(text(one) + text(two) + text(tcp));
  CHECK(out.store.udp_encapsulation_ports() == std::vector<std::uint16_t>{4500, 4501});
  CHECK(out.store.tcp_encapsulation_ports() == std::vector<std::uint16_t>{80, 81});
}

TEST_CASE("keystore: lookups agree with a plain search among many SAs") {
  std::string all;
  for (std::uint32_t i = 0; i < 2000; ++i) {
    Sa sa;
    sa.spi = i % 700 + 1;
    sa.destination = fmt::format("10.0.0.{}", i % 3 + 1);
    sa.key = fmt::format("0x{:08x}1d242b323940474e555c636a71787f86", i % 1400);
    all += text(sa);
  }
  const Loaded out = load(all);
  const auto sas = out.store.associations();
  for (std::uint32_t spi = 0; spi < 702; ++spi) {
    Indices by_spi;
    for (std::uint32_t i = 0; i < sas.size(); ++i)
      if (sas[i].spi == spi) by_spi.push_back(i);
    REQUIRE(list(out.store.find(IpsecProtocol::esp, spi)) == by_spi);
    for (const char* name : {"10.0.0.1", "10.0.0.2", "10.0.0.3"}) {
      const IpAddress destination = *IpAddress::parse(name);
      Indices full;
      for (const std::uint32_t i : by_spi)
        if (sas[i].destination == destination) full.push_back(i);
      REQUIRE(list(out.store.find(destination, IpsecProtocol::esp, spi)) == full);
    }
  }
}
