#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

TEST_CASE("no_next_header: ends the packet with a header of no bytes") {
  const auto it = dissect_hex("", as_protocol(59));
  CHECK(it.names() == "no_next_header");
  CHECK(it.layer("no_next_header").header.empty());
  CHECK(it.brief("no_next_header") == "no next header");
  CHECK(it.end.kind == Step::Kind::end);
  CHECK(it.findings().empty());
}

TEST_CASE("no_next_header: bytes behind it stay unread") {
  const auto it = dissect_hex(ipv6_hex(59, "45000014"), as_ipv6);
  CHECK(it.names() == "ipv6 no_next_header");
  CHECK(it.layer("no_next_header").payload.size() == 4);
  CHECK(it.findings().empty());
}
