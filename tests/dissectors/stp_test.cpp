#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {
constexpr Claim bpdu{Space::internal, internal_claim::spanning_tree};
const std::string rest = "01 8000020000000001 00000004 8001020000000002 8003 0000 1400 0200 0f00";
}  // namespace

TEST_CASE("stp: configuration and rapid BPDUs name root and bridge") {
  const auto it = dissect_hex("0000 00 00" + rest, bpdu);
  CHECK(it.names() == "stp");
  CHECK(it.field("stp", "type") == "0x00 (configuration) @3+1");
  CHECK(it.field("stp", "root") == "32768/02:00:00:00:00:01 @5+8");
  CHECK(it.field("stp", "root_path_cost") == "4 @13+4");
  CHECK(it.field("stp", "bridge") == "32769/02:00:00:00:00:02 @17+8");
  CHECK(it.field("stp", "port") == "0x8003 @25+2");
  CHECK(it.brief("stp") == "STP configuration root 32768/02:00:00:00:00:01 cost 4");
  CHECK(dissect_hex("0000 02 02" + rest + "00", bpdu).brief("stp").find("STP rapid root") == 0);
}

TEST_CASE("stp: a topology change is four bytes") {
  CHECK(dissect_hex("0000 00 80", bpdu).brief("stp") == "STP topology change");
}

TEST_CASE("stp: another protocol, another type and a short BPDU are malformed") {
  CHECK(dissect_hex("0001 00 00" + rest, bpdu).findings() ==
        "packet.malformed: Spanning Tree Protocol at byte 0: protocol is 1, not 0");
  CHECK(dissect_hex("0000 00 77", bpdu).layer("stp").malformed);
  CHECK(dissect_hex("0000 00 00 01", bpdu).findings().find("packet.malformed") == 0);
}
