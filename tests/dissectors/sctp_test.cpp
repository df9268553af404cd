#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

TEST_CASE("sctp: the common header is named") {
  const auto it = dissect_hex("0b59 0b5a 12345678 9abcdef0 0100", as_protocol(132));
  CHECK(it.names() == "sctp");
  CHECK(it.field("sctp", "source_port") == "2905 @0+2");
  CHECK(it.field("sctp", "destination_port") == "2906 @2+2");
  CHECK(it.field("sctp", "verification_tag") == "0x12345678 @4+4");
  CHECK(it.field("sctp", "checksum") == "0x9abcdef0 @8+4");
  CHECK(it.brief("sctp") == "SCTP");
}

TEST_CASE("sctp: eleven bytes are no header") {
  CHECK(dissect_hex("0b59 0b5a 12345678 9abcde", as_protocol(132)).names().empty());
}
