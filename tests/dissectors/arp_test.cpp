#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {
constexpr Claim as_arp{Space::ether_type, 0x0806};
const std::string who_has = "0001 0800 06 04 0001 020000000001 0a000002 000000000000 0a000001";
}  // namespace

TEST_CASE("arp: a request says who asks for whom") {
  const auto it = dissect_hex(who_has + "000000", as_arp);
  CHECK(it.brief("arp") == "ARP who-has 10.0.0.1 tell 10.0.0.2");
  CHECK(it.field("arp", "hardware_type") == "1 @0+2");
  CHECK(it.field("arp", "protocol_type") == "0x0800 (IPv4) @2+2");
  CHECK(it.field("arp", "operation") == "1 (request) @6+2");
  CHECK(it.field("arp", "sender_hardware") == "02:00:00:00:00:01 @8+6");
  CHECK(it.field("arp", "sender_protocol") == "10.0.0.2 @14+4");
  CHECK(it.field("arp", "target_hardware") == "00:00:00:00:00:00 @18+6");
  CHECK(it.field("arp", "target_protocol") == "10.0.0.1 @24+4");
  CHECK(it.findings().empty());
}

TEST_CASE("arp: a reply says where it is") {
  const auto it = dissect_hex("0001 0800 06 04 0002 020000000001 0a000002 020000000002 0a000001", as_arp);
  CHECK(it.brief("arp") == "ARP 10.0.0.2 is-at 02:00:00:00:00:01");
}

TEST_CASE("arp: address sizes are those the header says") {
  const auto it = dissect_hex("0001 0800 01 02 0008 aa bbcc dd eeff", as_arp);
  CHECK(it.field("arp", "target_protocol") == "ee:ff @12+2");
  CHECK(it.brief("arp") == "ARP operation 8");
}

TEST_CASE("arp: addresses that are not there are a shortfall") {
  CHECK(dissect_hex(who_has.substr(0, who_has.size() - 2), as_arp).names().empty());
  CHECK(dissect_hex("0001 0800 ff ff 0001", as_arp).names().empty());
}
