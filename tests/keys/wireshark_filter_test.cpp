// Stars in addresses and SPIs.
#include "keys/wireshark_filter.hpp"

#include <string>

#include "support/catch.hpp"

using namespace espdump;

namespace {

std::string spell_filter(std::string_view text, Family family = Family::ipv4) {
  const auto filter = keys::read_address_filter(text, family);
  if (!filter) return "none";
  const std::string prefix = filter->prefix.address.family() == Family::none ? "any" : filter->prefix.to_string();
  return prefix + (filter->wider ? " wider" : "");
}

std::string spell_spi(std::string_view text) {
  const auto filter = keys::read_spi_filter(text);
  return filter ? std::to_string(filter->spi) + "/" + std::to_string(filter->mask) : "none";
}

}  // namespace

TEST_CASE("wireshark filter: addresses") {
  CHECK(spell_filter("*") == "any");
  CHECK(spell_filter("192.0.2.1") == "192.0.2.1/32");
  CHECK(spell_filter("192.0.2.0/24") == "192.0.2.0/24");
  CHECK(spell_filter("192.0.*.*") == "192.0.0.0/16");
  CHECK(spell_filter("192.0.2.*") == "192.0.2.0/24");
  CHECK(spell_filter("*.*.*.*") == "any");
  CHECK(spell_filter("192.*.2.1") == "192.0.0.0/8 wider");
  CHECK(spell_filter("192.0.2.1*") == "192.0.2.0/24 wider");
  CHECK(spell_filter("2001:db8:*", Family::ipv6) == "2001:db8::/32");
  CHECK(spell_filter("1:2:3:4:5:6:7:*", Family::ipv6) == "1:2:3:4:5:6:7:0/112");
  CHECK(spell_filter("*", Family::ipv6) == "any");
}

TEST_CASE("wireshark filter: what is no address of the family") {
  for (const char* text : {"", "gateway", "2001:db8::1", "300.*", "1.2.3.4.*", "1.2.3.4.5", "x.*"})
    CHECK(spell_filter(text) == "none");
  for (const char* text : {"192.0.2.1", "2001:db8::*", "g:*", "1:2:3:4:5:6:7:8:*"})
    CHECK(spell_filter(text, Family::ipv6) == "none");
}

TEST_CASE("wireshark filter: SPIs") {
  CHECK(spell_spi("*") == "0/0");
  CHECK(spell_spi("4097") == "4097/4294967295");
  CHECK(spell_spi("0x1001") == "4097/4294967295");
  CHECK(spell_spi("0xC1a2****") == "3248619520/4294901760");
  CHECK(spell_spi("0x********") == "0/0");
  CHECK(spell_spi("0x1*") == "16/4294967280");
  for (const char* text : {"", "0x", "0x123456789", "12*", "0xg", "-1"}) CHECK(spell_spi(text) == "none");
}
