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
  explicit CaptureAnalyzer(const PathFacts& paths) : Analyzer(signs::found), paths_(paths) {}

  void on_packet(const Packet& packet, const Decoder&, Findings&) override {
    for (const Finding& finding : packet.findings()) {
      Gathered& gathered = codes_[finding.info->code];
      gathered.info = finding.info;
      if (gathered.frames.count() == 0) gathered.first = finding.message;
      gathered.frames.add(packet.frame, packet.file);
      if (finding.sa != 0 && gathered.sas.size() < 64) add_sa(gathered.sas, finding.sa);
    }
  }

  void finish(const Decoder& decoder, Findings& out, std::vector<Conclusion>& conclusions) override {
    for (const auto& [code, gathered] : codes_)
      conclusions.push_back(
          {gathered.info,
           gathered.sas,
           fmt::format("{}, {}", count_of(gathered.frames.count(), "frame"), gathered.frames.to_string()),
           fmt::format("First, frame {}: {}.", gathered.frames.first(), gathered.first),
           {}});
    add_missing(decoder.reassembly(), conclusions);
    add_limits(decoder, out, conclusions);
  }

 private:
  // Word on what never became whole.
  void add_missing(const ReassemblyStatistics& pieces, std::vector<Conclusion>& conclusions) const {
    const auto add = [&](std::uint64_t count, std::string_view unit, std::string_view what, std::string remedy) {
      if (count != 0)
        conclusions.push_back({&codes::capture_truncated,
                               {},
                               fmt::format("{} {}", count_of(count, unit), what),
                               "What they carried was not looked at.",
                               std::move(remedy)});
    };
    add(pieces.datagrams.count(), "datagram", "with fragments missing",
        paths_.captures > 1
            ? "Capture where all fragments pass, from before they begin. Captures that have different fragments of the "
              "same packets become one by `mergecap`."
            : "Capture where all fragments pass, from before they begin.");
    add(pieces.streams.count(), "gap", "in TCP connections that carry ESP: bytes that were sent are not in the capture",
        "Capture without losses (`tcpdump` counts packets dropped by kernel), and whole packets.");
    add(pieces.aggfrag, "inner packet", "of which AGGFRAG pieces are missing: an ESP packet was lost, or not opened",
        "See seq.lost: each ESP packet that is lost takes with it the inner packets that reach into it.");
  }

  // Word on what there was too much of.
  void add_limits(const Decoder& decoder, Findings& out, std::vector<Conclusion>& conclusions) const {
    const auto add = [&](std::uint64_t count, std::string_view unit, std::string_view what, std::string consequence,
                         std::string remedy = {}) {
      if (count == 0) return;
      std::string text = fmt::format("{} {}", count_of(count, unit), what);
      out.push_back({&codes::limit_reached, 0, 0, 0, text + ": " + consequence, remedy});
      conclusions.push_back({&codes::limit_reached, {}, std::move(text), std::move(consequence), std::move(remedy)});
    };
    const LeftOut left = decoder.left_out();
    add(decoder.untracked_packets(), "packet", "of ESP or AH on further SPIs, or from further addresses, than are kept",
        "they are counted together, as of unknown SPIs");
    add(left.untried_sas, "SA", "beyond the first 64 of their SPI", "packets of that SPI were not tried with them",
        "Give the SAs of this capture alone.");
    add(left.learned_sas, "SA", "of IKE exchanges beyond those that are kept", "their packets were not opened");
    add(decoder.untracked_ike_messages(), "IKE message", "of further IKE SAs than are followed",
        "nothing is told about these");
    add(left.ike_messages, "IKE message", "in more or larger fragments than are kept", "they were not put together");
    add(paths_.left_out.connections, "TCP segment", "inside tunnels, of further connections than are followed",
        "black holes in these are not seen");
    add(paths_.left_out.openings, "SYN", "of further connections than are compared", "their MSS was not judged");
    add(paths_.left_out.pieces, "first fragment", "between further hosts than are followed",
        "whether the rest of their datagrams arrived is not told");
    add(paths_.left_out.senders, "packet", "that cannot be opened, of further SAs than are followed",
        "whether these are sent again and again is not told");
  }

  struct Gathered {
    const FindingInfo* info = nullptr;
    FrameList frames;
    std::vector<SaNumber> sas;
    std::string first;
  };
  const PathFacts& paths_;
  std::map<std::string_view, Gathered> codes_;
};

}  // namespace

std::unique_ptr<Analyzer> make_capture_analyzer(const PathFacts& paths) {
  return std::make_unique<CaptureAnalyzer>(paths);
}

}  // namespace espdump
