// A run over fuzzed frames, as the program makes it, with everything that it can print of them.
#pragma once

#include <espdump/analysis.hpp>
#include <espdump/assert.hpp>
#include <espdump/dissector.hpp>
#include <espdump/report.hpp>

#include <memory>
#include <string>
#include <vector>

namespace espdump::fuzz {

inline void describe_all(const Packet& packet) {
  std::string brief;
  for (const Layer& layer : packet.layers()) {
    FieldSink fields;
    const Dissector& dissector = dissector_of(layer);
    if (dissector.describe != nullptr) dissector.describe(layer, fields);
    if (dissector.brief != nullptr) dissector.brief(layer, brief);
  }
}

class Run {
 public:
  enum class Captures : std::uint8_t { one, two };  // two: every third frame is of the second
  explicit Run(const Keystore& keys, Captures captures = Captures::two, Taping taping = Taping::none)
      : captures_(captures),
        decoder_(keys, {false, true, CryptoBackend::automatic, true, taping}),
        analyzers_(make_analyzers(summary_.paths)),
        text_(make_text_reporter(output_, {false, 2, true, true, true, false})),
        brief_(make_text_reporter(output_, narrow())),
        json_(make_json_reporter(lines_, false, {"fuzz", "second"})) {
    summary_.paths.captures = 2;
  }

  // Lines that are cut, in a narrow terminal.
  static TextOptions narrow() {
    TextOptions out;
    out.columns = out.width = 60;
    out.rows = 24;
    return out;
  }

  void frame(Bytes bytes, std::size_t cut) {
    frame(bytes, cut, captures_ == Captures::two && number_ % 3 == 2 ? 1 : 0);
  }
  void frame(Bytes bytes, std::size_t cut, std::uint16_t file) {
    ++number_;
    decoder_.decode(
        {number_, file, 0, Timestamp{static_cast<std::int64_t>(number_) * 1'000'000}, 1, bytes, bytes.size() + cut},
        packet_);
    take();
  }
  // What was noted of one.
  void replay(const FrameRecord& record) {
    ++number_;
    decoder_.replay(record, packet_);
    take();
  }

  void take() {
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
    for (const auto& analyzer : analyzers_) analyzer->finish(decoder_, found, conclusions_);
    summary_.files = {"fuzz", "second"};
    summary_.frames = number_;
    summary_.keys_given = true;
    for (Reporter* reporter : {text_.get(), brief_.get(), json_.get()}) {
      for (const Finding& finding : found) reporter->finding(finding);
      reporter->end(decoder_, conclusions_, log_, summary_);
    }
    output_.flush();
    lines_.flush();
    for (const char c : memory_) ESPDUMP_ASSERT(c == '\n' || c == '\x1b' || static_cast<unsigned char>(c) >= 0x20);
  }

  [[nodiscard]] const Packet& packet() const { return packet_; }  // the last one
  [[nodiscard]] const Decoder& decoder() const { return decoder_; }
  [[nodiscard]] const FindingLog& log() const { return log_; }
  // Complete after finish().
  [[nodiscard]] const std::string& json() const { return json_text_; }
  [[nodiscard]] const std::vector<Conclusion>& conclusions() const { return conclusions_; }
  [[nodiscard]] const Summary& summary() const { return summary_; }

 private:
  Captures captures_;
  Decoder decoder_;
  Summary summary_;
  std::vector<std::unique_ptr<Analyzer>> analyzers_;
  std::string memory_, json_text_;
  Output output_{&memory_}, lines_{&json_text_};
  std::unique_ptr<Reporter> text_, brief_, json_;
  FindingLog log_;
  std::vector<Conclusion> conclusions_;
  Packet packet_;
  FrameNumber number_ = 0;
};

}  // namespace espdump::fuzz
