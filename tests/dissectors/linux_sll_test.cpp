#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {
const std::string header = "0004 0001 0006 020000000001 0000";
}

TEST_CASE("linux_sll: fields are named and the protocol leads on") {
  const auto it = dissect_hex(header + "0800" + ipv4_hex(50, "00001000 00000001"), as_link(113));
  CHECK(it.names() == "sll ipv4 esp");
  CHECK(it.field("sll", "packet_type") == "4 (sent by us) @0+2");
  CHECK(it.field("sll", "device_type") == "1 @2+2");
  CHECK(it.field("sll", "source") == "02:00:00:00:00:01 @6+6");
  CHECK(it.field("sll", "protocol") == "0x0800 (IPv4) @14+2");
  CHECK(it.brief("sll") == "Linux cooked, protocol 0x0800");
}

TEST_CASE("linux_sll: an address length above 8 shows the 8 bytes there are") {
  const auto it = dissect_hex("0000 ffff ffff 0102030405060708 88cc", as_link(113));
  CHECK(it.field("sll", "source") == "01:02:03:04:05:06:07:08 @6+8");
}

TEST_CASE("linux_sll: the protocol of a netlink device is no ether type") {
  CHECK(dissect_hex("0004 0338 0000 0000000000000000 0800" + ipv4_hex(50, ""), as_link(113)).names() == "sll");
}

TEST_CASE("linux_sll: a protocol below 0x0600 ends the chain") {
  CHECK(dissect_hex(header + "0004 4242", as_link(113)).names() == "sll");
}

TEST_CASE("linux_sll: 15 bytes are no header") { CHECK(dissect_hex(header + "08", as_link(113)).names().empty()); }
