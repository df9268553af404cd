// Nothing of what packets carry is told any more, and everything else is.
#include "report/redaction.hpp"

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

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::string json_of(const Packet& packet) {
  static const std::vector<std::string> files{"wire.pcap"};
  JsonRenderer json{false, files};
  json.packet(packet);
  return json.take();
}

std::string tree_text(const Packet& packet) {
  std::string out;
  Output output{&out};
  print_tree(packet, output, Palette{false});
  return out;
}

// Shows `look` every packet of a capture.
template <typename Look>
void each_packet(const std::string& capture, const std::string& keys, Look look) {
  Keystore store;
  REQUIRE(store.import_file(testdata("captures/" + keys)));
  store.seal();
  Decoder decoder{store, {}};
  auto reader = CaptureReader::open(testdata("captures/" + capture));
  REQUIRE(reader);
  Packet packet;
  while (const auto frame = reader->next()) {
    decoder.decode(*frame, packet);
    look(packet);
  }
}

bool is_header(const Packet& packet, const std::uint8_t* byte) {
  for (const Layer& layer : packet.layers())
    if (byte >= layer.header.data() && byte < layer.header.data() + layer.header.size()) return true;
  return false;
}

}  // namespace

TEST_CASE("redaction: every byte that is left is one of a header, and the JSON stays the same") {
  std::size_t packets = 0, taken = 0;
  for (const auto& [capture, keys] : {std::pair{"replay-and-icv/wire.pcap", "replay-and-icv/xfrm-state.txt"},
                                      std::pair{"nested-esp-in-esp/wire.pcap", "nested-esp-in-esp/xfrm-state.txt"},
                                      std::pair{"mss-mtu-a-blackhole/wire.pcap", "mss-mtu-a-blackhole/xfrm-state.txt"},
                                      std::pair{"ah-tunnel-v4/wire.pcap", "ah-tunnel-v4/xfrm-state.txt"}}) {
    INFO(capture);
    each_packet(capture, keys, [&](Packet& packet) {
      const std::string before = json_of(packet);
      std::vector<std::size_t> sizes;
      for (const Buffer& buffer : packet.buffers()) sizes.push_back(buffer.bytes.size());
      redact(packet);
      CHECK(json_of(packet) == before);
      for (std::size_t i = 0; i < sizes.size(); ++i) {
        const Buffer& buffer = packet.buffers()[i];
        CHECK(buffer.size() == sizes[i]);
        taken += buffer.left_out;
        if (!buffer.bytes.empty()) CHECK(is_header(packet, &buffer.bytes.back()));
      }
      for (const Layer& layer : packet.layers())
        for (const std::uint8_t& byte : layer.payload) REQUIRE(is_header(packet, &byte));
      ++packets;
    });
  }
  CHECK(packets > 400);
  CHECK(taken > 20'000);
}

TEST_CASE("redaction: of IKE, what proves an identity or makes keys goes") {
  bool seen = false;
  each_packet("beet-natt-chacha20/wire.pcap", "beet-natt-chacha20/charon.log", [&](Packet& packet) {
    const std::string before = tree_text(packet);
    redact(packet);
    const std::string after = tree_text(packet);
    if (!has(before, "CN=right") || !has(before, "signature ")) return;
    seen = true;
    CHECK(has(after, "CN=right"));
    CHECK(has(after, "CHACHA20_POLY1305"));
    CHECK(has(after, "10.254.0.1/32"));
    CHECK(has(after, "auth "));
    const std::size_t at = before.find("signature ");
    const std::string signature = before.substr(at + 20, 20);
    CHECK_FALSE(has(after, signature));
  });
  CHECK(seen);
}

TEST_CASE("redaction: names asked of DNS go") {
  std::vector<std::uint8_t> query{0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 6, 's', 'e', 'c', 'r', 'e', 't', 0, 0, 1, 0, 1};
  std::vector<std::uint8_t> frame{0x45, 0,
                                  0,    static_cast<std::uint8_t>(28 + query.size()),
                                  0,    1,
                                  0,    0,
                                  64,   17,
                                  0,    0,
                                  10,   0,
                                  0,    1,
                                  10,   0,
                                  0,    2,
                                  0x30, 0x39,
                                  0,    53,
                                  0,    static_cast<std::uint8_t>(8 + query.size()),
                                  0,    0};
  frame.insert(frame.end(), query.begin(), query.end());
  const Keystore store;
  Decoder decoder{store, {}};
  Packet packet;
  decoder.decode({1, 0, 0, {}, link_type_raw, frame, frame.size()}, packet);
  REQUIRE(has(words_of(packet, {}).rest, "secret"));
  redact(packet);
  CHECK_FALSE(has(words_of(packet, {}).rest, "secret"));
  CHECK_FALSE(has(tree_text(packet), "secret"));
  CHECK(has(json_of(packet), "\"dns\""));
  CHECK(packet.buffers()[0].bytes.size() == 28);
}
