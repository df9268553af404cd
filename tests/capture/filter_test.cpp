#include <espdump/capture.hpp>

#include "support/capture_bytes.hpp"
#include "support/catch.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

// ESP from 192.0.2.1 to 192.0.2.2.
ByteVector ip_packet() { return unhex("45000020 00010000 4032b6c8 c0000201 c0000202 00000001 00000001 00000000"); }

ByteVector behind(std::string_view header) {
  ByteVector frame = unhex(header);
  const auto packet = ip_packet();
  frame.insert(frame.end(), packet.begin(), packet.end());
  return frame;
}

bool matches(const std::string& expression, std::uint32_t link_type, const ByteVector& frame) {
  auto filter = PacketFilter::compile(expression);
  REQUIRE(filter);
  return filter->matches(link_type, frame, frame.size());
}

constexpr std::string_view ethernet = "000000000001 000000000002 0800";

}  // namespace

TEST_CASE("filter: one expression fits every link type") {
  auto filter = PacketFilter::compile("esp and dst host 192.0.2.2");
  auto other = PacketFilter::compile("dst host 192.0.2.1");
  REQUIRE(filter);
  REQUIRE(other);
  const std::vector<std::pair<std::uint32_t, ByteVector>> frames{
      {1, behind(ethernet)},     {101, ip_packet()},
      {12, ip_packet()},         {14, ip_packet()},
      {228, ip_packet()},        {113, behind("0000 0001 0006 0000000000010000 0800")},
      {0, behind("02000000")},   {0, behind("00000002")},
      {108, behind("00000002")}, {276, behind("0800 0000 00000001 0001 00 06 0000000000010000")}};
  for (int round = 0; round < 2; ++round) {
    for (const auto& [link_type, frame] : frames) {
      CAPTURE(link_type);
      CHECK(filter->matches(link_type, frame, frame.size()));
      CHECK_FALSE(other->matches(link_type, frame, frame.size()));
    }
  }
}

TEST_CASE("filter: lengths are those on the wire, and cut or empty frames do not match") {
  auto filter = PacketFilter::compile("greater 1000");
  REQUIRE(filter);
  const auto frame = ip_packet();
  CHECK(filter->matches(101, frame, 1400));
  CHECK_FALSE(filter->matches(101, frame, frame.size()));
  CHECK_FALSE(matches("ip proto 50", 1, {}));
  CHECK_FALSE(matches("ip proto 50", 1, unhex(ethernet)));
}

TEST_CASE("filter: an expression without meaning for a link type matches none of its frames") {
  CHECK(matches("ether src 00:00:00:00:00:02", 1, behind(ethernet)));
  CHECK_FALSE(matches("ether src 00:00:00:00:00:02", 101, ip_packet()));
  CHECK_FALSE(matches("ip", 65000, ip_packet()));
  CHECK(matches("", 101, ip_packet()));
}

TEST_CASE("filter: errors carry the words of libpcap") {
  const auto nonsense = PacketFilter::compile("port and");
  REQUIRE_FALSE(nonsense);
  CHECK_THAT(nonsense.error().text, Catch::Contains("filter expression \"port and\": ") && Catch::Contains("syntax"));
  CHECK(PacketFilter::compile("ether host 00:00:00:00:00:01"));
  CHECK_FALSE(PacketFilter::compile("ether host 00:00:00:00:00:01", link_type_raw));
  CHECK(PacketFilter::compile("tcp port 80", link_type_raw));
}

TEST_CASE("link types: names are libpcap's, and unknown numbers stay numbers") {
  CHECK(link_type_name(1) == "EN10MB");
  CHECK(link_type_name(101) == "RAW");
  CHECK(link_type_name(113) == "LINUX_SLL");
  CHECK(link_type_name(65000) == "linktype 65000");
}
