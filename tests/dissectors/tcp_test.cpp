#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {
const std::string syn = "e0ea 0050 00000c8e 00000000 a002 faf0 abcd 0000";
const std::string syn_options = "020405b4 0402 080a 00000001 00000000 01 030307";
}  // namespace

TEST_CASE("tcp: a SYN shows number, window and segment size") {
  const auto it = dissect_hex(syn + syn_options, as_protocol(6));
  CHECK(it.brief("tcp") == "TCP [S] seq 3214 win 64240 mss 1460");
  CHECK(it.field("tcp", "source_port") == "57578 @0+2");
  CHECK(it.field("tcp", "destination_port") == "80 @2+2");
  CHECK(it.field("tcp", "sequence") == "3214 @4+4");
  CHECK(it.field("tcp", "acknowledgment") == "0 @8+4");
  CHECK(it.field("tcp", "header_length") == "40 @12+1");
  CHECK(it.field("tcp", "flags") == "0x02 (S) @13+1");
  CHECK(it.field("tcp", "window") == "64240 @14+2");
  CHECK(it.field("tcp", "checksum") == "0xabcd @16+2");
  CHECK(it.field("tcp", "urgent") == "0 @18+2");
  CHECK(it.field("tcp", "mss") == "1460 @20+4");
  CHECK(it.field("tcp", "option") == "selective acknowledgment permitted @24+2");
}

TEST_CASE("tcp: flags are spelled as tcpdump does, numbers only where they matter") {
  const auto brief = [](const std::string& flags, const std::string& payload) {
    return dissect_hex("e0ea 0050 00000001 00000002 50" + flags + "0010 0000 0000" + payload, as_protocol(6))
        .brief("tcp");
  };
  CHECK(brief("12", "") == "TCP [S.] seq 1 ack 2 win 16");
  CHECK(brief("10", "") == "TCP [.] ack 2");
  CHECK(brief("18", "aa") == "TCP [P.] seq 1 ack 2");
  CHECK(brief("11", "") == "TCP [F.] seq 1 ack 2");
  CHECK(brief("04", "") == "TCP [R] seq 1");
  CHECK(brief("00", "") == "TCP [none]");
}

TEST_CASE("tcp: each way to be malformed is told") {
  CHECK(dissect_hex("e0ea 0050 00000c8e 00000000 4002 faf0 abcd 0000", as_protocol(6)).findings() ==
        "packet.malformed: TCP at byte 12: header length is 16, less than 20");
  CHECK(dissect_hex("e0ea 0050 00000c8e 00000000 6002 faf0 abcd 0000 020505b4", as_protocol(6)).findings() ==
        "packet.malformed: TCP at byte 20: an option does not fit into the header");
}

TEST_CASE("tcp: 19 bytes, and options that are not there, are shortfalls") {
  CHECK(dissect_hex(syn.substr(0, syn.size() - 2), as_protocol(6)).names().empty());
  CHECK(dissect_hex(syn + "020405b4", as_protocol(6)).names().empty());
}
