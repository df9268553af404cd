// The report's word on findings that decoding itself made: cut, malformed and reassembled packets.
#include <fmt/core.h>

#include <espdump/codes.hpp>

#include <map>
#include <utility>

#include "analysis/analyzers.hpp"

namespace espdump {
namespace {

class CaptureAnalyzer final : public Analyzer {
 public:
  CaptureAnalyzer() : Analyzer(signs::found) {}

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
    add_missing(decoder.reassembly(), conclusions);
  }

 private:
  // Word on what never became whole.
  static void add_missing(const ReassemblyStatistics& pieces, std::vector<Conclusion>& conclusions) {
    const auto add = [&](std::uint64_t count, std::string_view unit, std::string_view what, std::string remedy) {
      if (count != 0)
        conclusions.push_back({&codes::capture_truncated,
                               {},
                               fmt::format("{} {}", count_of(count, unit), what),
                               "What they carried was not looked at.",
                               std::move(remedy)});
    };
    add(pieces.incomplete + pieces.evicted, "datagram", "with fragments missing",
        "Capture where all fragments pass, from before they begin.");
    add(pieces.stream_gaps + pieces.streams_evicted, "gap",
        "in TCP connections that carry ESP: bytes that were sent are not in the capture",
        "Capture without losses (`tcpdump` counts packets dropped by kernel), and whole packets.");
    add(pieces.aggfrag, "inner packet", "of which AGGFRAG pieces are missing: an ESP packet was lost, or not opened",
        "See seq.lost: each ESP packet that is lost takes with it the inner packets that reach into it.");
  }

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
