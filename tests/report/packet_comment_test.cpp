#include "report/packet_comment.hpp"

#include <string>

#include "support/catch.hpp"
#include "support/layers.hpp"
#include "support/reporting.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

// Decodes the frames; the packet is that of the last.
struct Decoded {
  Decoded(const std::string& keys, std::vector<Octets> given, bool keep_inner = true) : frames(std::move(given)) {
    REQUIRE(keystore.import_text("xfrm.txt", bytes_of(keys)));
    keystore.seal();
    for (const Octets& frame : frames) {
      const auto number = static_cast<FrameNumber>(&frame - frames.data()) + 1;
      decoder.decode(
          {number, 0, 0, Timestamp{static_cast<std::int64_t>(number) * 1'000'000'000}, 1, frame, frame.size()}, packet);
    }
    CHECK(keep_inner == !packet.inner().empty());
  }
  [[nodiscard]] std::string comment(const std::string& capture = "") const {
    return packet_comment(packet, packet.inner().back(), decoder, capture);
  }
  std::vector<Octets> frames;
  Keystore keystore;
  Decoder decoder{keystore, {false, true}};
  Packet packet;
};

const std::string first_line =
    "frame 1, ESP SA #1 0x00001001 10.9.1.1 -> 10.9.1.2 tunnel AES-GCM-16-128, seq 7, ICV ok, new";

}  // namespace

TEST_CASE("packet comment: frame, SA, number and verdicts stand in one line") {
  const Decoded it{state_text({}), {sealed_frame(7, inner_ping(1))}};
  CHECK(it.comment() == first_line);
}

TEST_CASE("packet comment: with several captures the file is named, control characters escaped") {
  const Decoded it{state_text({}), {sealed_frame(7, inner_ping(1))}};
  CHECK(it.comment("g\u00fc\x1b[1m.pcap").find("frame 1 of g\u00fc\\x1b[1m.pcap, ESP SA #1") == 0);
}

TEST_CASE("packet comment: what became of the number is said in words") {
  const auto frame = [](std::uint64_t number) { return sealed_frame(number, inner_ping(1)); };
  const auto end_of = [&](std::vector<Octets> frames) {
    const std::string comment = Decoded{state_text({}), std::move(frames)}.comment();
    return comment.substr(comment.find("ICV"));
  };
  CHECK(end_of({frame(7), frame(8)}) == "ICV ok, new");
  CHECK(end_of({frame(7), frame(9), frame(8)}) == "ICV ok, out of order");
  CHECK(end_of({frame(7), frame(100), frame(8)}) == "ICV ok, too late");
  CHECK(end_of({frame(7), frame(8), frame(7)}) == "ICV ok, replay of frame 1");
}

TEST_CASE("packet comment: findings about the packet follow, those of other SAs do not") {
  Decoded it{state_text({}), {sealed_frame(7, inner_ping(1))}};
  const FindingInfo info{"some.code", Severity::info, "", ""};
  it.packet.add_finding(info, "of it\n", 1);
  it.packet.add_finding(info, "of no SA");
  it.packet.add_finding(info, "of another", 2);
  CHECK(it.comment() == first_line + "\nsome.code: of it\\x0a\nsome.code: of no SA");
}

TEST_CASE("packet comment: every header that the packet was in has a line, the outermost first") {
  Decoded it{state_text({}), {sealed_frame(7, inner_ping(1))}};
  OpenRecord record = it.packet.ipsec()[0];
  record.protocol = IpsecProtocol::ah, record.mode = SaMode::transport, record.sa = 0, record.spi = 0x77;
  it.packet.ipsec().push_back(record);
  it.packet.add_inner({it.packet.inner()[0].buffer, 1, 0});
  CHECK(it.comment() == first_line + "\ninside it AH 0x00000077 10.9.1.1 -> 10.9.1.2 transport, seq 7, ICV ok, new");
  it.packet.add_inner({it.packet.inner()[0].buffer, 1, 1});  // IPComp inside it
  CHECK(it.comment() == packet_comment(it.packet, it.packet.inner()[1], it.decoder, ""));
  CHECK(packet_comment(it.packet, it.packet.inner().front(), it.decoder, "") == first_line);
}
