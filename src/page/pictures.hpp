// The pictures of a page, as SVG: what is drawn is evidence, and all of it is said in words as well.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <espdump/decoder.hpp>
#include <espdump/report.hpp>

#include "analysis/path_mtu.hpp"
#include "page/sa_track.hpp"

namespace espdump {

// All that a page is made of, once the last packet was seen.
struct PageFacts {
  const Decoder& decoder;
  const std::vector<SaStatistics>& sas;
  const std::vector<const IkeSa*>& ike_sas;
  const std::vector<Conclusion>& conclusions;
  const FindingLog& log;
  const Summary& summary;
  const Tracks& tracks;
  const PathMtus& mtus;

  [[nodiscard]] bool many_files() const { return summary.files.size() > 1; }
  // In seconds since the first frame.
  [[nodiscard]] double seconds(Timestamp time) const {
    return static_cast<double>(time.nanoseconds - summary.first.nanoseconds) / 1e9;
  }
};

// Peers, NATs, and SAs as arrows between them.
std::string draw_network(const PageFacts& facts);
// The numbers of an SA over time, with the receiver's window and what came outside of it. Empty: nothing to draw.
std::string draw_numbers(const PageFacts& facts, const SaStatistics& sa);
// How large an SA's packets are, and what of that fits through the path.
std::string draw_sizes(const PageFacts& facts, const SaStatistics& sa);
// Bytes over time, around ESP and inside.
std::string draw_bytes(const PageFacts& facts);
// When IKE SAs and SAs lived.
std::string draw_lives(const PageFacts& facts);
// The messages of an IKE SA, time running down.
std::string draw_ladder(const PageFacts& facts, const IkeSa& sa);

// How bad the worst is that happened to it: "bad", "warn" or "good", as classes name it.
std::string_view verdict_class(const SaStatistics& sa);

}  // namespace espdump
