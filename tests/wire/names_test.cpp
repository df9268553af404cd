#include <espdump/wire/names.hpp>

#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

TEST_CASE("names: IP protocols and ether types have the names of their registries") {
  CHECK(wire::ip_protocol_name(6) == "TCP");
  CHECK(wire::ip_protocol_name(50) == "ESP");
  CHECK(wire::ip_protocol_name(51) == "AH");
  CHECK(wire::ip_protocol_name(94) == "BEET pseudo header");
  CHECK(wire::ip_protocol_name(255).empty());
  CHECK(wire::ether_type_name(0x0800) == "IPv4");
  CHECK(wire::ether_type_name(0x86dd) == "IPv6");
  CHECK(wire::ether_type_name(0x8863) == "PPPoE discovery");
  CHECK(wire::ether_type_name(0x1234).empty());
}

TEST_CASE("names: every number that a dissector claims has one") {
  for (const Dissector* dissector : all_dissectors())
    for (const Claim& claim : dissector->claims) {
      INFO(dissector->name << " claims " << claim.value);
      if (claim.space == Space::ip_protocol)
        CHECK_FALSE(wire::ip_protocol_name(static_cast<std::uint8_t>(claim.value)).empty());
      if (claim.space == Space::ether_type)
        CHECK_FALSE(wire::ether_type_name(static_cast<std::uint16_t>(claim.value)).empty());
    }
}

TEST_CASE("names: hardware addresses of any length are hexadecimal with colons") {
  CHECK(wire::hardware_address(unhex("02000000000a")) == "02:00:00:00:00:0a");
  CHECK(wire::hardware_address(unhex("ff")) == "ff");
  CHECK(wire::hardware_address({}).empty());
}
