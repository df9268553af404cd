#include "decode/tcp_encap.hpp"

#include "support/catch.hpp"
#include "support/craft.hpp"
#include "support/decoding.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

constexpr std::uint8_t fin = 0x01, syn = 0x02, ack = 0x10;
const Octets prefix{'I', 'K', 'E', 'T', 'C', 'P'};

Keystore store_of(const std::string& dump) {
  Keystore store;
  REQUIRE(store.import_text("test", {reinterpret_cast<const std::uint8_t*>(dump.data()), dump.size()}));
  store.seal();
  return store;
}

Octets message(std::uint32_t number, std::size_t body = 40, std::uint32_t spi = 0x1001) {
  Octets out(2 + 8 + body, 0x5a);
  write_u16(out, 0, static_cast<std::uint16_t>(out.size()));
  write_u32(out, 2, spi);
  write_u32(out, 6, number);
  return out;
}

// Two hosts, and the port of one of them.
struct Wire {
  Keystore store = store_of(dump_text({}));
  TcpEncapsulation tcp;
  std::uint16_t client = 40000, server = 4500;
  std::uint32_t numbers[2] = {5000, 9000};
  Timestamp time{1'000'000'000};
  Octets bytes{};

  explicit Wire(const TcpEncapsulation::Limits& limits = {}) : tcp(store, limits) {}
  // The number of messages that a segment completes.
  std::size_t send(int side, const Octets& payload, std::uint8_t flags = ack, std::uint8_t scope = 0) {
    TcpOptions options{numbers[side], numbers[1 - side], flags};
    const std::size_t count = put(side, payload, options, scope);
    numbers[side] += static_cast<std::uint32_t>(payload.size()) + ((flags & (syn | fin)) != 0 ? 1 : 0);
    return count;
  }
  std::size_t put(int side, const Octets& payload, const TcpOptions& options, std::uint8_t scope = 0) {
    const std::string_view hosts[2] = {"192.0.2.1", "192.0.2.2"};
    const std::uint16_t ports[2] = {client, server};
    bytes = tcp_segment(hosts[side], hosts[1 - side], ports[side], ports[1 - side], payload, options);
    time.nanoseconds += 1'000'000;
    const auto outcome = tcp.add({*IpAddress::parse(hosts[side]), *IpAddress::parse(hosts[1 - side]),
                                  wire::Tcp::over(bytes), Bytes{bytes}.subspan(20), payload.size(), scope, time});
    return outcome.messages.size();
  }
  void open() {
    send(0, {}, syn);
    send(1, {}, syn | ack);
    CHECK(send(0, prefix) == 1);
  }
};

Octets joined(Octets first, const Octets& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace

TEST_CASE("tcp encapsulation: both directions of port 4500, the answers without a prefix") {
  Wire wire;
  wire.open();
  CHECK(wire.send(1, message(1)) == 1);
  CHECK(wire.send(0, joined(message(1), message(2))) == 2);
  CHECK(wire.tcp.connections() == 1);
}

TEST_CASE("tcp encapsulation: on any port from the prefix on, and not before") {
  Wire wire;
  wire.server = 443;
  CHECK(wire.send(0, message(1)) == 0);
  CHECK(wire.tcp.connections() == 0);
  CHECK(wire.send(0, joined(prefix, message(2))) == 2);
  CHECK(wire.send(0, message(3)) == 1);
  CHECK(wire.send(1, joined(message(1), message(2))) == 2);
}

TEST_CASE("tcp encapsulation: on the ports of loaded SAs") {
  SaText sa;
  sa.line = "encap type espintcp sport 40000 dport 7777 addr 0.0.0.0";
  const Keystore store = store_of(dump_text(sa));
  CHECK(store.tcp_encapsulation_ports() == std::vector<std::uint16_t>{7777, 40000});
  CHECK(store.udp_encapsulation_ports().empty());
  TcpEncapsulation tcp{store};
  Octets bytes = tcp_segment("192.0.2.1", "192.0.2.2", 7777, 9, {}, {1, 1, syn});
  tcp.add({*IpAddress::parse("192.0.2.1"), *IpAddress::parse("192.0.2.2"), wire::Tcp::over(bytes), {}, 0, 0, {}});
  CHECK(tcp.connections() == 1);
}

TEST_CASE("tcp encapsulation: what TCP repeats is one message") {
  Wire wire;
  wire.open();
  const TcpOptions here{wire.numbers[0], 1, ack};
  CHECK(wire.put(0, message(1), here) == 1);
  CHECK(wire.put(0, message(1), here) == 0);
  CHECK(wire.put(0, joined(message(1), message(2)), here) == 1);
}

TEST_CASE("tcp encapsulation: TLS, or anything else, on the port is left alone") {
  Wire wire;
  wire.send(0, {}, syn);
  wire.send(1, {}, syn | ack);
  CHECK(wire.send(0, unhex("1603010200010001fc0303")) == 0);
  CHECK(wire.send(1, Octets(1000, 0x20)) == 0);
  CHECK(wire.send(0, unhex("0000")) == 0);
  CHECK(wire.tcp.counters().gaps == 0);
}

TEST_CASE("tcp encapsulation: an SPI seen before helps to find messages in another connection") {
  Wire wire;
  wire.open();
  CHECK(wire.send(0, message(1, 40, 0xdddd0001)) == 1);
  wire.client = 40001;
  CHECK(wire.send(0, joined(Octets(7, 1), message(2, 40, 0xdddd0001))) == 1);
}

TEST_CASE("tcp encapsulation: nesting and ports keep connections apart, a new SYN begins one anew") {
  Wire wire;
  wire.open();
  wire.send(0, {0, 50});
  CHECK(wire.send(0, message(1), ack, 1) == 1);  // found by its SPI
  wire.numbers[0] = 77;
  wire.numbers[1] = 88;
  wire.open();
  CHECK(wire.send(0, message(1)) == 1);
  CHECK(wire.tcp.connections() == 2);
}

TEST_CASE("tcp encapsulation: connections, bytes and idle time are bounded") {
  SECTION("connections") {
    Wire wire{{.connections = 3}};
    for (std::uint16_t port = 1; port <= 9; ++port) {
      wire.client = port;
      wire.open();
      wire.send(0, {0, 100, 1});
    }
    CHECK(wire.tcp.connections() == 3);
    CHECK(wire.tcp.counters().evicted == 6);
  }
  SECTION("bytes") {
    Wire wire{{.bytes = 5000}};
    for (std::uint16_t port = 1; port <= 9; ++port) {
      wire.client = port;
      wire.open();
      wire.send(0, joined({0x10, 0}, Octets(1500, 1)));
      CHECK(wire.tcp.bytes() <= 5000);
    }
    CHECK(wire.tcp.connections() == 3);
  }
  SECTION("idle time") {
    Wire wire{{.idle = 1'000'000'000}};
    wire.open();
    wire.client = 1;
    wire.time.nanoseconds += 2'000'000'000;
    wire.open();
    CHECK(wire.tcp.connections() == 1);
    CHECK(wire.tcp.counters().evicted == 0);
  }
}

TEST_CASE("tcp encapsulation: gaps among messages are counted, given up or not") {
  Wire wire;
  wire.open();
  CHECK(wire.send(0, message(1)) == 1);
  wire.numbers[0] += 100;
  CHECK(wire.send(0, message(3)) == 0);
  CHECK(wire.tcp.waiting() == 1);
  wire.time.nanoseconds += 20'000'000'000;
  CHECK(wire.send(0, message(4)) == 2);
  CHECK(wire.tcp.counters().gaps == 1);
  CHECK(wire.tcp.waiting() == 0);
}
