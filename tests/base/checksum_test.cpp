#include "base/checksum.hpp"

#include <espdump/address.hpp>

#include "support/catch.hpp"
#include "support/craft.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;

TEST_CASE("checksum: the example of RFC 1071 section 3") {
  CHECK(checksum_add(unhex("0001 f203 f4f5 f6f7")) == 0x2ddf0);
  CHECK(internet_checksum(unhex("0001 f203 f4f5 f6f7")) == 0x220d);
}

TEST_CASE("checksum: over a right header it is 0, and an odd byte counts as the high one") {
  CHECK(internet_checksum(unhex("45b80024111140003d0117fc0a0900010a090002")) == 0);
  CHECK(internet_checksum(unhex("ab")) == 0x54ff);
  CHECK(internet_checksum({}) == 0xffff);
}

TEST_CASE("checksum: sums of even pieces add up, without a carry lost in large ones") {
  const std::vector<std::uint8_t> ones(200'000, 0xff);
  CHECK(internet_checksum(ones) == 0);
  const auto whole = unhex("0102030405060708ff");
  CHECK(checksum_fold(checksum_add(Bytes{whole}.subspan(4), checksum_add(Bytes{whole}.first(4)))) ==
        internet_checksum(whole));
}

TEST_CASE("checksum: with the pseudo header that of UDP and TCP is right, of either family and of any size") {
  const auto sum = [](const std::string& source, const std::string& destination, const Octets& upper,
                      std::uint8_t protocol) {
    const auto from = IpAddress::parse(source), to = IpAddress::parse(destination);
    REQUIRE((from && to));
    return checksum_fold(checksum_add(upper, pseudo_header_sum(from->bytes(), to->bytes(), protocol, upper.size())));
  };
  for (const std::size_t size : {0U, 1U, 40U, 60'001U}) {
    CHECK(sum("192.0.2.1", "198.51.100.2", udp_datagram("192.0.2.1", "198.51.100.2", 5, 6, Octets(size, 7)), 17) == 0);
    CHECK(sum("2001:db8::1", "2001:db8::2", tcp_segment("2001:db8::1", "2001:db8::2", 5, 6, Octets(size, 7)), 6) == 0);
    CHECK(sum("192.0.2.9", "198.51.100.2", udp_datagram("192.0.2.1", "198.51.100.2", 5, 6, Octets(size, 7)), 17) != 0);
  }
}
