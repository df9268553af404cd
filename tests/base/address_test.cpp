#include <espdump/address.hpp>

#include "support/catch.hpp"

using namespace espdump;

TEST_CASE("address: text to bytes and back") {
  for (const char* text : {"0.0.0.0", "192.0.2.1", "::", "2001:db8::1", "::ffff:192.0.2.1"})
    CHECK(IpAddress::parse(text)->to_string() == text);
  for (const char* text : {"", "1.2.3", "1.2.3.4.5", "2001:db8:::1", "host", "1.2.3.4/8",
                           "01234567890123456789012345678901234567890123456789"})
    CHECK_FALSE(IpAddress::parse(text));
  CHECK(IpAddress{}.to_string() == "-");
}

TEST_CASE("prefix: contains what its bits say, in its own family") {
  const auto prefix = Prefix::parse("10.32.0.0/11");
  REQUIRE(prefix);
  CHECK(prefix->contains(*IpAddress::parse("10.63.255.255")));
  CHECK_FALSE(prefix->contains(*IpAddress::parse("10.64.0.0")));
  CHECK_FALSE(prefix->contains(*IpAddress::parse("::a20:0")));
  CHECK(Prefix::parse("0.0.0.0/0")->contains(*IpAddress::parse("255.1.2.3")));
  CHECK(Prefix::parse("2001:db8::1")->is_host());
  for (const char* text : {"1.2.3.4/33", "1.2.3.4/", "1.2.3.4/x", "1.2.3.4/-1"}) CHECK_FALSE(Prefix::parse(text));
}

TEST_CASE("timestamp: nine digits behind the point, also before 1970") {
  CHECK(Timestamp{1'700'000'000'000'000'005}.to_string() == "1700000000.000000005");
  CHECK(Timestamp{-1}.to_string() == "-1.999999999");
}
