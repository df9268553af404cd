// The report's word on findings that decoding itself made: cut, malformed and reassembled packets.
#include <fmt/format.h>

#include <espdump/codes.hpp>

#include <map>

#include "analysis/analyzers.hpp"

namespace espdump {
namespace {

class CaptureAnalyzer final : public Analyzer {
 public:
  void on_packet(const Packet& packet, const Decoder&, Findings&) override {
    for (const Finding& finding : packet.findings()) {
      Gathered& gathered = codes_[finding.info->code];
      gathered.info = finding.info;
      if (gathered.frames.count() == 0) gathered.first = finding.message;
      gathered.frames.add(packet.frame, packet.file);
      if (finding.sa != 0 && gathered.sas.size() < 64) add_sa(gathered.sas, finding.sa);
    }
  }

  void finish(const Decoder& decoder, Findings&, std::vector<Conclusion>& conclusions) override {
    for (const auto& [code, gathered] : codes_)
      conclusions.push_back(
          {gathered.info,
           gathered.sas,
           fmt::format("{}, {}", count_of(gathered.frames.count(), "frame"), gathered.frames.to_string()),
           fmt::format("First, frame {}: {}.", gathered.frames.first(), gathered.first),
           {}});
    const ReassemblyStatistics pieces = decoder.reassembly();
    const std::uint64_t unfinished = pieces.incomplete + pieces.evicted;
    if (unfinished != 0)
      conclusions.push_back({&codes::capture_truncated,
                             {},
                             fmt::format("{} with fragments missing", count_of(unfinished, "datagram")),
                             "What they carried was not looked at.",
                             "Capture where all fragments pass, from before they begin."});
  }

 private:
  struct Gathered {
    const FindingInfo* info = nullptr;
    FrameList frames;
    std::vector<SaNumber> sas;
    std::string first;
  };
  std::map<std::string_view, Gathered> codes_;
};

}  // namespace

std::unique_ptr<Analyzer> make_capture_analyzer() { return std::make_unique<CaptureAnalyzer>(); }

}  // namespace espdump
