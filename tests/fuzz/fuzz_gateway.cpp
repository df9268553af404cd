// Any bytes as frames in front of a gateway and behind it: judged, as a test in the making, and as a VPN gateway's.
// A byte of options, then each frame behind its length in two bytes.
#include <espdump/decoder.hpp>

#include <algorithm>
#include <vector>

#include "analysis/gateway.hpp"
#include "analysis/gateway_attack.hpp"
#include "analysis/gateway_protect.hpp"
#include "fuzz_keys.hpp"
#include "report/gateway_plants.hpp"
#include "report/gateway_report.hpp"
#include "report/protect_report.hpp"

using namespace espdump;

namespace {

struct Given {
  std::vector<std::uint8_t> bytes;
  std::size_t cut = 0;
  bool is_egress = false;
  std::int64_t time = 0;
};

// The highest bit of a length says that the capture cut seven bytes off, the next one that the frame is behind the
// gateway.
std::vector<Given> frames_of(ByteReader& in) {
  std::vector<Given> out;
  while (out.size() < 48 && in.remaining() > 2) {
    const std::uint16_t length = in.u16();
    const Bytes bytes = in.take(std::min<std::size_t>(length & 0x3fff, in.remaining()));
    const bool is_egress = (length & 0x4000) != 0;
    const auto time = static_cast<std::int64_t>(out.size()) * 1'000'000 + (is_egress ? 200'000 : 0);
    out.push_back({{bytes.begin(), bytes.end()}, (length & 0x8000) != 0 ? 7U : 0U, is_egress, time});
  }
  return out;
}

Frame frame_of(const Given& given, FrameNumber number) {
  return {number, 0, 0, Timestamp{given.time}, 1, given.bytes, given.bytes.size() + given.cut};
}

template <typename Side>
void read(const std::vector<Given>& frames, bool egress, Decoder& decoder, Side& side) {
  Packet packet;
  FrameNumber number = 0;
  for (const Given& given : frames) {
    if (given.is_egress != egress) continue;
    decoder.decode(frame_of(given, ++number), packet);
    side.take(packet, decoder);
  }
}

void check_text(const std::string& text) {
  for (const char c : text) ESPDUMP_ASSERT(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
}

void judge(const Keystore& keys, const std::vector<Given>& frames, std::uint8_t options) {
  GatewaySide ingress{true}, egress{true};
  Decoder in{keys, DecoderOptions{false, true}}, out{keys, DecoderOptions{false, true}};
  read(frames, false, in, ingress);
  read(frames, true, out, egress);
  GatewayOptions how;
  if (options != 0) how.window = options;
  how.allowed_loss = options / 255.0;
  const GatewayReport report = judge_gateway(ingress, egress, how);
  const GatewayView view{ingress, egress, report, {}, {}, {}, how.window, false, true};
  check_text(gateway_text(view));
  std::string json;
  Output lines{&json};
  gateway_json(view, lines);
  lines.flush();
  check_text(json);
}

void judge_protection(const Keystore& keys, const std::vector<Given>& frames) {
  ProtectSide plain{true}, outer{false};
  Decoder in{keys, DecoderOptions{false, true}}, out{keys, DecoderOptions{false, true}};
  read(frames, false, in, plain);
  read(frames, true, out, outer);
  const ProtectReport report = espdump::judge_protection(plain, outer, keys);
  for (const bool verbose : {false, true}) check_text(protect_text({report, {}, {}, false, verbose}));
  std::string json;
  Output lines{&json};
  protect_json({report, {}, {}, false, true}, lines);
  lines.flush();
  check_text(json);
}

void make_test(const Keystore& keys, const std::vector<Given>& frames) {
  Decoder decoder{keys, DecoderOptions{true, false}};
  AttackMaker maker;
  Packet packet;
  FrameNumber number = 0;
  for (const Given& given : frames) {
    decoder.decode(frame_of(given, ++number), packet);
    maker.learn(packet, decoder);
  }
  maker.plan();
  std::uint64_t written = 0;
  std::int64_t last = -1;
  const AttackMaker::Emit emit = [&](Timestamp time, Bytes bytes, std::size_t wire_length) {
    ESPDUMP_ASSERT(time.nanoseconds > last && bytes.size() <= wire_length);
    last = time.nanoseconds;
    ++written;
  };
  number = 0;
  for (const Given& given : frames) maker.make(frame_of(given, ++number), emit);
  maker.finish(emit);
  ESPDUMP_ASSERT(written == maker.frames());
  check_text(plants_json(maker));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Keystore keys = fuzz::sealed_store();
  ByteReader in{Bytes{data, size}};
  if (in.remaining() == 0) return 0;
  const std::uint8_t options = in.u8();
  const std::vector<Given> frames = frames_of(in);
  judge(keys, frames, options);
  judge_protection(keys, frames);
  make_test(keys, frames);
  return 0;
}
