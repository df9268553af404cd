#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {
const std::string rest = "0000 00000007 0001 04 06 020000000001 0000";
}

TEST_CASE("linux_sll2: fields are named and the protocol leads on") {
  const auto it = dissect_hex("0800" + rest + ipv4_hex(50, "00001000 00000001"), as_link(276));
  CHECK(it.names() == "sll2 ipv4 esp");
  CHECK(it.field("sll2", "protocol") == "0x0800 (IPv4) @0+2");
  CHECK(it.field("sll2", "interface") == "7 @4+4");
  CHECK(it.field("sll2", "device_type") == "1 @8+2");
  CHECK(it.field("sll2", "packet_type") == "4 (sent by us) @10+1");
  CHECK(it.field("sll2", "source") == "02:00:00:00:00:01 @12+6");
  CHECK(it.brief("sll2") == "Linux cooked, protocol 0x0800");
}

TEST_CASE("linux_sll2: the protocol of a netlink device is no ether type") {
  CHECK(dissect_hex("0800 0000 00000007 0338 04 00 0000000000000000" + ipv4_hex(50, ""), as_link(276)).names() ==
        "sll2");
}

TEST_CASE("linux_sll2: 19 bytes are no header") {
  CHECK(dissect_hex("0800 0000 00000007 0001 04 06 02000000000100", as_link(276)).names().empty());
}
