// Any bytes as frames of one capture, each behind its length in two bytes, decoded with keys and reported in full.
#include <espdump/analysis.hpp>
#include <espdump/dissector.hpp>
#include <espdump/report.hpp>

#include <algorithm>

#include "fuzz_keys.hpp"

using namespace espdump;

namespace {

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
    show_to(analyzers_, packet_, decoder_, found);
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
  static const Keystore keys = fuzz::sealed_store();
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
