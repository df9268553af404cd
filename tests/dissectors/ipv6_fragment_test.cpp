#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

TEST_CASE("ipv6_fragment: fields are named, the piece is the decoder's") {
  const auto it = dissect_hex("3200 05a9 12345678 aabb", as_protocol(44));
  CHECK(it.names() == "ipv6_fragment");
  CHECK(it.end.kind == Step::Kind::partial);
  CHECK(it.field("ipv6_fragment", "next_header") == "50 (ESP) @0+1");
  CHECK(it.field("ipv6_fragment", "offset") == "1448 @2+2");
  CHECK(it.field("ipv6_fragment", "more") == "set @3+1");
  CHECK(it.field("ipv6_fragment", "id") == "0x12345678 @4+4");
  CHECK(it.brief("ipv6_fragment") == "IPv6 fragment offset 1448");
}

TEST_CASE("ipv6_fragment: an atomic fragment is whole") {
  CHECK(dissect_hex("3200 0000 12345678 00001000 00000001", as_protocol(44)).names() == "ipv6_fragment esp");
}

TEST_CASE("ipv6_fragment: seven bytes are no header") {
  CHECK(dissect_hex("3200 0000 123456", as_protocol(44)).names().empty());
}
