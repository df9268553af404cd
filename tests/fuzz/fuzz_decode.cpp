// Any bytes as frames of one capture, each behind its length in two bytes, decoded with keys and reported in full.
#include <espdump/analysis.hpp>
#include <espdump/dissector.hpp>
#include <espdump/report.hpp>

#include <algorithm>

using namespace espdump;

namespace {

// Between 192.0.2.1 and 192.0.2.2. Some have neither cipher nor integrity, or none that
// can be checked: what they carry is fuzzed, too.
constexpr std::string_view dump = R"(src 192.0.2.1 dst 192.0.2.2
	proto esp spi 0x00001001 reqid 1 mode tunnel
	replay-window 32
	aead rfc4106(gcm(aes)) 0x000102030405060708090a0b0c0d0e0f10111213 128
	sel src 0.0.0.0/0 dst 0.0.0.0/0
src 192.0.2.1 dst 192.0.2.2
	proto esp spi 0x00001002 reqid 1 mode transport
	replay-window 32
	auth-trunc hmac(sha1) 0x000102030405060708090a0b0c0d0e0f10111213 96
	enc cbc(aes) 0x00112233445566778899aabbccddeeff
src 192.0.2.1 dst 192.0.2.2
	proto esp spi 0x00001003 reqid 1 mode beet
	replay-window 32
	aead rfc4106(gcm(aes)) 0x000102030405060708090a0b0c0d0e0f10111213 128
	sel src 10.0.0.1/32 dst 10.0.0.2/32
src 192.0.2.1 dst 192.0.2.2
	proto esp spi 0x00001004 reqid 1 mode tunnel
	replay-window 32
	auth-trunc hmac(sha1) 0x000102030405060708090a0b0c0d0e0f10111213 96
	enc ecb(cipher_null) 
src 192.0.2.1 dst 192.0.2.2
	proto esp spi 0x00001005 reqid 1 mode tunnel
	replay-window 0 flag esn
	aead rfc4106(gcm(aes)) 0x000102030405060708090a0b0c0d0e0f10111213 128
	anti-replay esn context:
	 seq-hi 0x0, seq 0x0, oseq-hi 0x0, oseq 0x0
	 replay_window 128, bitmap-length 4
	 00000000 00000000 00000000 00000000
src 192.0.2.1 dst 192.0.2.2
	proto esp spi 0x00001006 reqid 1 mode tunnel
	replay-window 32
	enc ecb(cipher_null) 
src 192.0.2.1 dst 192.0.2.2
	proto esp spi 0x00001007 reqid 1 mode beet
	replay-window 32
	enc ecb(cipher_null) 
	sel src fd00::1/128 dst fd00::2/128
src 192.0.2.1 dst 192.0.2.2
	proto esp spi 0x00001008 reqid 1 mode tunnel
	replay-window 32
	auth-trunc hmac(sha1) <<Keys hidden>> 96
	enc ecb(cipher_null) 
src 192.0.2.1 dst 192.0.2.2
	proto esp spi 0x00001009 reqid 1 mode tunnel
	replay-window 32
	auth-trunc hmac(sha1) 0x000102030405060708090a0b0c0d0e0f10111213 96
src 192.0.2.1 dst 192.0.2.2
	proto ah spi 0x0000100a reqid 1 mode tunnel
	replay-window 32
	auth-trunc hmac(sha1) 0x000102030405060708090a0b0c0d0e0f10111213 96
)";

Keystore sealed_store() {
  Keystore keys;
  const auto report = keys.import_text("fuzz", {reinterpret_cast<const std::uint8_t*>(dump.data()), dump.size()});
  ESPDUMP_ASSERT(report && report->usable == 9);
  keys.seal();
  return keys;
}

void describe_all(const Packet& packet) {
  std::string brief;
  for (const Layer& layer : packet.layers()) {
    FieldSink fields;
    const Dissector& dissector = dissector_of(layer);
    if (dissector.describe != nullptr) dissector.describe(layer, fields);
    if (dissector.brief != nullptr) dissector.brief(layer, brief);
  }
}

// One run over the frames, as the program makes it. Every third is of a second capture.
class Run {
 public:
  explicit Run(const Keystore& keys)
      : decoder_(keys, {false, true}),
        analyzers_(make_analyzers(summary_.paths)),
        text_(make_text_reporter(output_, {false, 2, true, true, true, false})),
        brief_(make_text_reporter(output_, {false, 1, false, false, false, false})),
        json_(make_json_reporter(output_, false, {"fuzz", "second"})) {
    summary_.paths.captures = 2;
  }

  void frame(Bytes bytes, std::size_t cut) {
    ++number_;
    const auto file = static_cast<std::uint16_t>(number_ % 3 == 0 ? 1 : 0);
    decoder_.decode(
        {number_, file, 0, Timestamp{static_cast<std::int64_t>(number_) * 1'000'000}, 1, bytes, bytes.size() + cut},
        packet_);
    Findings found;
    for (const auto& analyzer : analyzers_) analyzer->on_packet(packet_, decoder_, found);
    for (const Finding& finding : found) packet_.findings().push_back(finding);
    describe_all(packet_);
    for (Reporter* reporter : {text_.get(), brief_.get(), json_.get()}) {
      reporter->packet(packet_);
      for (const Finding& finding : packet_.findings()) reporter->finding(finding);
    }
    for (const Finding& finding : packet_.findings()) log_.add(finding);
  }

  void finish() {
    Findings found;
    std::vector<Conclusion> conclusions;
    for (const auto& analyzer : analyzers_) analyzer->finish(decoder_, found, conclusions);
    summary_.files = {"fuzz", "second"};
    summary_.frames = number_;
    summary_.keys_given = true;
    for (Reporter* reporter : {text_.get(), brief_.get(), json_.get()}) {
      for (const Finding& finding : found) reporter->finding(finding);
      reporter->end(decoder_, conclusions, log_, summary_);
    }
    output_.flush();
    for (const char c : memory_) ESPDUMP_ASSERT(c == '\n' || c == '\x1b' || static_cast<unsigned char>(c) >= 0x20);
  }

 private:
  Decoder decoder_;
  Summary summary_;
  std::vector<std::unique_ptr<Analyzer>> analyzers_;
  std::string memory_;
  Output output_{&memory_};
  std::unique_ptr<Reporter> text_, brief_, json_;
  FindingLog log_;
  Packet packet_;
  FrameNumber number_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Keystore keys = sealed_store();
  Run run{keys};
  ByteReader in{Bytes{data, size}};
  // The highest bit of a length says that the capture cut seven bytes off.
  for (int frames = 0; frames < 32 && in.remaining() > 2; ++frames) {
    const std::uint16_t length = in.u16();
    const Bytes bytes = in.take(std::min<std::size_t>(length & 0x7fff, in.remaining()));
    const std::vector<std::uint8_t> exact(bytes.begin(),
                                          bytes.end());  // so that a sanitizer sees a read behind the end
    run.frame(exact, (length & 0x8000) != 0 ? 7 : 0);
  }
  run.finish();
  return 0;
}
