#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

TEST_CASE("ipcomp: fields are named, the rest is for the decoder") {
  const auto it = dissect_hex("0600 0002 aabb", as_protocol(108));
  CHECK(it.names() == "ipcomp");
  CHECK(it.field("ipcomp", "next_header") == "6 (TCP) @0+1");
  CHECK(it.field("ipcomp", "flags") == "0x00 @1+1");
  CHECK(it.field("ipcomp", "cpi") == "0x0002 (DEFLATE) @2+2");
  CHECK(it.brief("ipcomp") == "IPComp cpi 0x0002 DEFLATE");
  CHECK(it.layer("ipcomp").payload.size() == 2);
}

TEST_CASE("ipcomp: three bytes are no header") { CHECK(dissect_hex("060000", as_protocol(108)).names().empty()); }
