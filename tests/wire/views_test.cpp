#include <espdump/wire/ah.hpp>
#include <espdump/wire/arp.hpp>
#include <espdump/wire/beetph.hpp>
#include <espdump/wire/gre.hpp>
#include <espdump/wire/icmpv6.hpp>
#include <espdump/wire/ipv4.hpp>
#include <espdump/wire/ipv6_extension.hpp>
#include <espdump/wire/ipv6_fragment.hpp>
#include <espdump/wire/tcp.hpp>

#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

using namespace espdump::wire;

TEST_CASE("views: header lengths in the bytes are checked, not believed") {
  auto ip = unhex(ipv4_hex(59, ""));
  CHECK(Ipv4::from(ip));
  ip[0] = 0x46;
  CHECK_FALSE(Ipv4::from(ip));
  ip[0] = 0x44;
  CHECK_FALSE(Ipv4::from(ip));
  CHECK_FALSE(Tcp::from(unhex("00000000 00000000 00000000 60000000 00000000")));
  CHECK_FALSE(Tcp::from(unhex("00000000 00000000 00000000 40000000 00000000")));
  CHECK_FALSE(Ah::from(unhex("32000000 00001000 00000001")));
  CHECK_FALSE(Ah::from(unhex("32020000 00001000 00000001")));
  CHECK_FALSE(Gre::from(unhex("20000800")));
  CHECK_FALSE(Beetph::from(unhex("11000500 00000000")));
  CHECK_FALSE(Ipv6Extension::from(unhex("11010000 00000000")));
  CHECK_FALSE(Icmpv6::from(unhex("87000000 00000000")));
  CHECK_FALSE(Arp::from(unhex("0001080006040001")));
}

TEST_CASE("views: flags and offsets of fragments come in bytes") {
  const auto bytes = unhex("45000014 000060b9 40320000 0a000001 0a000002");
  const auto ip = Ipv4::over(bytes);
  CHECK(ip.fragment_offset() == 1480);
  CHECK(ip.dont_fragment());
  CHECK(ip.more_fragments());
  CHECK(ip.is_fragment());
  const auto fragment = unhex("3200 05a9 12345678");
  CHECK(Ipv6Fragment::over(fragment).offset() == 1448);
}

TEST_CASE("views: a segment size option of another length is not one") {
  const auto good = unhex("00000000 00000000 00000000 60020000 00000000 020405b4");
  CHECK(Tcp::over(good).mss() == 1460);
  const auto odd = unhex("00000000 00000000 00000000 60020000 00000000 02030501");
  CHECK_FALSE(Tcp::over(odd).mss());
}
