// The list of analysers, and what they share.
#include "analysis/analyzers.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace espdump {

void FrameList::add(FrameNumber frame, std::uint16_t file) {
  if (frame == last_ && file == last_file_ && count_ != 0) return;
  ++count_;
  many_files_ = many_files_ || file != 0;
  const bool follows = !ranges_.empty() && ranges_.back().file == file && ranges_.back().last + 1 == frame;
  if (follows)
    ranges_.back().last = frame;
  else if (ranges_.size() < most_ranges)
    ranges_.push_back({frame, frame, file});
  last_ = frame;
  last_file_ = file;
}

std::string FrameList::to_string(std::size_t ranges) const {
  std::string out = count_ == 1 ? "frame " : "frames ";
  std::uint64_t told = 0;
  for (std::size_t i = 0; i < ranges_.size() && i < ranges; ++i) {
    const Range& range = ranges_[i];
    if (i != 0) out += ", ";
    if (many_files_) out += fmt::format("{}:", range.file + 1);
    out += range.first == range.last ? fmt::format("{}", range.first) : fmt::format("{}-{}", range.first, range.last);
    told += range.last - range.first + 1;
  }
  return told < count_ ? out + fmt::format(" … (+{})", count_ - told) : out;
}

std::string ranges_to_string(const std::vector<std::pair<std::uint64_t, std::uint64_t>>& ranges, std::size_t most,
                             std::uint64_t total) {
  std::string out;
  std::uint64_t told = 0;
  for (std::size_t i = 0; i < ranges.size() && i < most; ++i) {
    const auto [first, last] = ranges[i];
    if (i != 0) out += ", ";
    out += first == last ? fmt::format("{}", first) : fmt::format("{}-{}", first, last);
    told += last - first + 1;
  }
  if (told < total) out += fmt::format(" … (+{})", total - told);
  return out;
}

std::string count_of(std::uint64_t count, std::string_view thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

std::string duration(std::int64_t nanoseconds) {
  const double value = static_cast<double>(nanoseconds), size = std::abs(value);
  const auto in = [&](double unit, std::string_view name) {
    return size / unit < 999.5 ? fmt::format("{:.3g} {}", value / unit, name)
                               : fmt::format("{:.0f} {}", value / unit, name);
  };
  if (size < 1e6) return in(1e3, "us");
  if (size < 1e9) return in(1e6, "ms");
  return in(1e9, "s");
}

void add_sa(std::vector<SaNumber>& list, SaNumber number) {
  const auto place = std::lower_bound(list.begin(), list.end(), number);
  if (place == list.end() || *place != number) list.insert(place, number);
}

namespace {

Signs signs_of(const Packet& packet) {
  Signs out = signs::any;
  if (packet.may_have(ProtocolKind::tcp)) out |= signs::tcp;
  if (!packet.findings().empty()) out |= signs::found;
  for (const OpenRecord& record : packet.ipsec()) {
    out |= signs::ipsec;
    const bool regular = record.icv == IcvVerdict::ok && record.replay == ReplayVerdict::fresh && record.decrypted &&
                         record.nonce_frame == 0;
    if (!regular) out |= signs::irregular;
  }
  return out;
}

}  // namespace

void show_to(const std::vector<std::unique_ptr<Analyzer>>& analyzers, const Packet& packet, const Decoder& decoder,
             Findings& out) {
  const Signs signs = signs_of(packet);
  for (const auto& owner : analyzers)
    if (Analyzer* analyzer = owner.get(); analyzer->looks_for(signs)) analyzer->on_packet(packet, decoder, out);
}

std::vector<std::unique_ptr<Analyzer>> make_analyzers(PathFacts& paths) {
  std::vector<std::unique_ptr<Analyzer>> out;
  out.push_back(make_ike_analyzer());
  out.push_back(make_icv_analyzer());
  out.push_back(make_replay_analyzer());
  out.push_back(make_sequence_analyzer());
  out.push_back(make_exhaustion_analyzer());
  out.push_back(make_nonce_analyzer());
  out.push_back(make_contents_analyzer());
  out.push_back(make_selector_analyzer());
  out.push_back(make_expiry_analyzer());
  out.push_back(make_sa_use_analyzer());
  out.push_back(make_path_mtu_analyzer(paths));
  out.push_back(make_crossing_analyzer(paths));
  out.push_back(make_black_hole_analyzer(paths));
  out.push_back(make_mss_analyzer(paths));
  out.push_back(make_key_quality_analyzer());
  out.push_back(make_capture_analyzer(paths));
  return out;
}

}  // namespace espdump
