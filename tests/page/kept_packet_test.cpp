// A packet that was kept says what it said when it was new.
#include "page/kept_packet.hpp"

#include <espdump/capture.hpp>
#include <espdump/decoder.hpp>
#include <espdump/report.hpp>

#include <filesystem>

#include "report/json_packets.hpp"
#include "report/text.hpp"
#include "support/catch.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

std::string told(const Packet& packet) {
  static const std::vector<std::string> files{"wire.pcap"};
  std::string out;
  Output output{&out};
  print_tree(packet, output, Palette{false});
  print_hex(packet, output, Palette{false});
  JsonRenderer json{false, files};
  json.packet(packet);
  json.print(output);
  return out;
}

}  // namespace

TEST_CASE("kept packets: tree, bytes and JSON are the same, in any capture of testdata") {
  namespace fs = std::filesystem;
  std::size_t packets = 0, opened = 0;
  for (const fs::directory_entry& scenario : fs::directory_iterator{testdata("captures")}) {
    const fs::path keys = scenario.path() / "xfrm-state.txt", wire = scenario.path() / "wire.pcap";
    if (!fs::exists(keys) || !fs::exists(wire)) continue;
    INFO(scenario.path().filename().string());
    Keystore store;
    if (!store.import_file(keys)) continue;
    store.seal();
    Decoder decoder{store, {}};
    auto reader = CaptureReader::open(wire);
    REQUIRE(reader);
    KeptPacket kept;
    Packet packet, again;
    while (const auto frame = reader->next()) {
      decoder.decode(*frame, packet);
      kept.keep(packet);
      const std::string before = told(packet);
      opened += packet.inner().size();
      packet.reset();
      kept.restore(again);
      REQUIRE(told(again) == before);
      ++packets;
    }
  }
  CHECK(packets > 2000);
  CHECK(opened > 1000);
}
