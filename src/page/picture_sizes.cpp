#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "analysis/overhead.hpp"
#include "page/markup.hpp"
#include "page/pictures.hpp"

namespace espdump {
namespace {

constexpr double width = 960, height = 230, left = 70, right = 945, top = 26, bottom = 185;

// Packets that another capture lacks, by buckets as wide as those of the track.
std::vector<std::uint64_t> lost_sizes(const PageFacts& facts, SaNumber sa) {
  std::vector<std::uint64_t> out(SaTrack::buckets);
  for (const Crossing& crossing : facts.summary.paths.crossings) {
    if (crossing.sa != sa) continue;
    for (const Crossing::Bucket& bucket : crossing.sizes)
      if (bucket.lost != 0) out[std::min(bucket.most / SaTrack::bucket, SaTrack::buckets - 1)] += bucket.lost;
  }
  return out;
}

// The packet around ESP that a full segment of a connection makes; nothing where that is not known.
std::optional<std::size_t> outer_of(const PageFacts& facts, SaNumber sa, const FlowSizes& flow, std::size_t segment) {
  const SecurityAssociation* keys = facts.decoder.association(sa);
  const auto overhead = keys == nullptr ? std::nullopt : overhead_of(*keys, flow.source.family());
  if (!overhead) return std::nullopt;
  const std::size_t headers = (flow.source.family() == Family::ipv6 ? 40U : 20U) + 20U;
  return outer_size(*overhead, segment + headers);
}

class Sizes {
 public:
  Sizes(const PageFacts& facts, const SaStatistics& sa, const SaTrack& track)
      : facts_(facts), sa_(sa), track_(track), lost_(lost_sizes(facts, sa.number)) {}

  std::string draw() {
    find_scales();
    axes();
    for (std::size_t i = 0; i < SaTrack::buckets; ++i) bar(i);
    const PathEvidence path = facts_.mtus.of(sa_.number);
    limit(path.mtu, fmt::format("path MTU {}", path.to_string()),
          path.kind == PathEvidence::Kind::assumed ? "limit dim" : "limit bad", 0);
    flow_limits();
    return svg_.end();
  }

 private:
  void find_scales() {
    std::size_t last = 0;
    std::uint64_t most = 1;
    for (std::size_t i = 0; i < SaTrack::buckets; ++i) {
      if (track_.sizes[i] + lost_[i] != 0) last = i + 1;
      most = std::max(most, track_.sizes[i] + lost_[i]);
    }
    const double to = std::max(static_cast<double>(last * SaTrack::bucket), 1650.0);
    x_ = {0, to, left, right};
    y_ = {0, std::log10(1 + static_cast<double>(most)) * 1.3, bottom, top};  // room for what limits say
  }

  // Counts stand on a scale of powers of ten, on which few lost ones are seen beside many that came.
  [[nodiscard]] double level(std::uint64_t count) const { return y_(std::log10(1 + static_cast<double>(count))); }

  void axes() {
    svg_.line(left, bottom, right, bottom, "axis");
    for (int size = 0; size <= x_.to; size += 200) {
      const double mark = size;
      svg_.line(x_(mark), bottom, x_(mark), bottom + 4, "axis");
      svg_.text(x_(mark), bottom + 17, fmt::format("{:.0f} B", mark), "label", Svg::Anchor::middle);
    }
    std::uint64_t count = 1;
    for (int i = 0; i < 19 && level(count) >= top - 1; ++i, count *= 10) {
      svg_.line(left, level(count), right, level(count), "grid");
      svg_.text(left - 6, level(count) + 4, short_number(static_cast<double>(count)), "label", Svg::Anchor::end);
    }
  }

  void bar(std::size_t bucket) {
    const std::uint64_t came = track_.sizes[bucket], lost = lost_[bucket];
    if (came + lost == 0) return;
    const std::size_t least = bucket * SaTrack::bucket;
    const std::string sizes = bucket + 1 == SaTrack::buckets
                                  ? fmt::format("{} B and more", least)
                                  : fmt::format("{} to {} B", least, least + SaTrack::bucket - 1);
    const double x = x_(static_cast<double>(least)), step = x_(SaTrack::bucket) - x_(0);
    svg_.rectangle(x + 1, level(came), step - 2, bottom - level(came), "good", fmt::format("{}: {}", sizes, came));
    if (bucket + 1 == SaTrack::buckets)
      svg_.text(x + step, level(std::max(came, lost)) - 4, "or more", "label", Svg::Anchor::end);
    if (lost != 0)
      svg_.rectangle(x + step / 2, level(lost), step / 2 - 1, bottom - level(lost), "bad",
                     fmt::format("{}: {} lost between the captures", sizes, lost));
  }

  void limit(std::size_t size, const std::string& what, std::string_view classes, double lower) {
    const double x = x_(static_cast<double>(size));
    if (x > right) return;
    svg_.line(x, top - 6 + lower, x, bottom, classes);
    svg_.text(x - 4, top - 8 + lower, what, "label", Svg::Anchor::end);
  }

  // What a connection in trouble sent, and what of that came through.
  void flow_limits() {
    for (const FlowSizes& flow : facts_.summary.paths.flows) {
      if (flow.sa != sa_.number || !flow.in_trouble()) continue;
      if (const auto sent = outer_of(facts_, sa_.number, flow, flow.largest_sent))
        limit(*sent, fmt::format("segments of {} B: sent again", flow.largest_sent), "limit bad", 14);
      if (flow.largest_acknowledged && *flow.largest_acknowledged != 0)
        if (const auto through = outer_of(facts_, sa_.number, flow, *flow.largest_acknowledged))
          limit(*through, fmt::format("of {} B: acknowledged", *flow.largest_acknowledged), "limit good", 28);
      return;
    }
  }

  const PageFacts& facts_;
  const SaStatistics& sa_;
  const SaTrack& track_;
  std::vector<std::uint64_t> lost_;
  Scale x_, y_;
  Svg svg_{width, height, fmt::format("Sizes of the packets of #{}", sa_.number),
           "Bars: packets by the bytes of the IP packet around ESP, on a logarithmic scale. Lines: what the path lets "
           "through."};
};

}  // namespace

std::string draw_sizes(const PageFacts& facts, const SaStatistics& sa) {
  const SaTrack* track = facts.tracks.of(sa.number);
  return track == nullptr ? std::string{} : Sizes{facts, sa, *track}.draw();
}

}  // namespace espdump
