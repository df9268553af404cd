#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {
constexpr Claim port_53{Space::udp_port, 53};
const std::string name = "03777777 076578616d706c65 03636f6d 00";
}  // namespace

TEST_CASE("dns: a query names type and question") {
  const auto it = dissect_hex("1234 0100 0001 0000 0000 0000" + name + "0001 0001", port_53);
  CHECK(it.brief("dns") == "DNS query 0x1234 A www.example.com");
  CHECK(it.field("dns", "id") == "0x1234 @0+2");
  CHECK(it.field("dns", "flags") == "0x0100 (query) @2+2");
  CHECK(it.field("dns", "rcode") == "0 (NOERROR) @3+1");
  CHECK(it.field("dns", "questions") == "1 @4+2");
  CHECK(it.field("dns", "answers") == "0 @6+2");
  CHECK(it.field("dns", "authorities") == "0 @8+2");
  CHECK(it.field("dns", "additionals") == "0 @10+2");
  CHECK(it.field("dns", "name") == "www.example.com @12+17");
  CHECK(it.field("dns", "type") == "1 (A) @29+2");
  CHECK(it.field("dns", "class") == "1 @31+2");
}

TEST_CASE("dns: a response tells answers and failure") {
  CHECK(dissect_hex("1234 8180 0001 0001 0000 0000" + name + "001c 0001 aabb", port_53).brief("dns") ==
        "DNS response 0x1234 AAAA www.example.com 1 answer");
  CHECK(dissect_hex("1234 8183 0001 0000 0000 0000" + name + "1234 0001", port_53).brief("dns") ==
        "DNS response 0x1234 TYPE4660 www.example.com 0 answers NXDOMAIN");
}

TEST_CASE("dns: the root, no question, and hostile letters are shown safely") {
  CHECK(dissect_hex("1234 0100 0001 0000 0000 0000 00 0002 0001", port_53).brief("dns") == "DNS query 0x1234 NS .");
  CHECK(dissect_hex("0000 8400 0000 0002 0000 0000", {Space::udp_port, 5353}).brief("dns") ==
        "DNS response 0x0000 2 answers");
  CHECK(dissect_hex("1234 0100 0001 0000 0000 0000 041b5b5c0a 00 0001 0001", port_53).brief("dns") ==
        "DNS query 0x1234 A \\x1b[\\x5c\\x0a");
}

TEST_CASE("dns: a compression pointer in the first question, and a long name, are malformed") {
  const auto pointer = dissect_hex("1234 0100 0001 0000 0000 0000 c00c 0001 0001", port_53);
  CHECK(pointer.layer("dns").malformed);
  CHECK(pointer.field("dns", "name") == "-");
  std::string labels;
  for (int i = 0; i < 5; ++i) labels += "3f" + std::string(126, '6');
  CHECK(dissect_hex("1234 0100 0001 0000 0000 0000" + labels + "00 0001 0001", port_53).layer("dns").malformed);
}

TEST_CASE("dns: a name, type or header that breaks off is a shortfall") {
  CHECK(dissect_hex("1234 0100 0001 0000 0000 0000 0377", port_53).names().empty());
  CHECK(dissect_hex("1234 0100 0001 0000 0000 0000" + name + "0001 00", port_53).names().empty());
  CHECK(dissect_hex("1234 0100 0001 0000 0000 00", port_53).names().empty());
}
