// replay.duplicate, replay.stale and capture.duplicate, from the verdicts that decoding made.
#include <fmt/core.h>

#include <espdump/codes.hpp>

#include <algorithm>

#include "analysis/analyzers.hpp"

namespace espdump {
namespace {

std::string frame_name(const Packet& packet, FrameNumber frame, std::uint16_t file) {
  if (file == packet.file) return fmt::format("frame {}", frame);
  return fmt::format("frame {} of capture {}", frame, file + 1);
}

// One code's findings, gathered for the report.
struct Gathered {
  FrameList frames;
  std::vector<SaNumber> sas;
  std::string first;  // the first one in words
  std::uint64_t left_of_window = 0, other_bytes = 0;
  // Of the very packets of another capture: how many, and how much later the least and the most.
  std::uint64_t across = 0;
  std::int64_t least_gap = 0, most_gap = 0;

  void add(const Packet& packet, const OpenRecord& record, std::string_view message) {
    if (frames.count() == 0)
      first = fmt::format("frame {}{}: {}", packet.file == 0 ? "" : fmt::format("{}:", packet.file + 1), packet.frame,
                          message);
    frames.add(packet.frame, packet.file);
    if (sas.size() < 64) add_sa(sas, record.sa);
    left_of_window += record.left_of_window ? 1 : 0;
    other_bytes += record.first_frame != 0 && !record.same_bytes ? 1 : 0;
    const bool copied = record.same_bytes || record.replay == ReplayVerdict::capture_duplicate;
    if (record.first_frame == 0 || record.first_file == packet.file || !copied) return;
    least_gap = across == 0 ? record.since_first : std::min(least_gap, record.since_first);
    most_gap = across == 0 ? record.since_first : std::max(most_gap, record.since_first);
    ++across;
  }
  [[nodiscard]] bool all_across() const { return across == frames.count(); }
  // Nobody replays everything at the same distance.
  [[nodiscard]] bool clocks_differ() const {
    constexpr std::int64_t at_most = 2'000'000'000;
    return all_across() && across >= 3 && most_gap - least_gap <= at_most;
  }
};

std::string duplicate_message(const Packet& packet, const OpenRecord& record) {
  const std::string_view where = record.old_cycle        ? "of the ESN cycle that the window has left"
                                 : record.left_of_window ? "left of the window"
                                                         : "inside the window";
  if (record.first_frame == 0)
    return fmt::format("repeats number {}, {}; the frame that had it first is long past", record.sequence, where);
  return fmt::format("repeats number {} of {}, {} later, {}, {}", record.sequence,
                     frame_name(packet, record.first_frame, record.first_file), duration(record.since_first),
                     record.same_bytes ? "same bytes" : "with other bytes: the sender used the number twice", where);
}

class ReplayAnalyzer final : public Analyzer {
 public:
  ReplayAnalyzer() : Analyzer(signs::irregular) {}

  void on_packet(const Packet& packet, const Decoder&, Findings& out) override {
    for (const OpenRecord& record : packet.ipsec()) {
      const auto emit = [&](const FindingInfo& info, Gathered& gathered, std::string message) {
        gathered.add(packet, record, message);
        out.push_back({&info, packet.frame, packet.file, record.sa, std::move(message), {}});
      };
      if (record.replay == ReplayVerdict::duplicate)
        emit(codes::replay_duplicate, duplicates_, duplicate_message(packet, record));
      else if (record.replay == ReplayVerdict::stale)
        emit(codes::replay_stale, stale_,
             fmt::format("number {} comes too late: {}", record.sequence,
                         record.old_cycle ? "the window has left its ESN cycle" : "it lies left of the window"));
      else if (record.replay == ReplayVerdict::capture_duplicate)
        emit(codes::capture_duplicate, copies_,
             fmt::format("the packet of {} captured again {} later",
                         frame_name(packet, record.first_frame, record.first_file), duration(record.since_first)));
    }
  }

  void finish(const Decoder& decoder, Findings&, std::vector<Conclusion>& conclusions) override {
    if (duplicates_.frames.count() != 0) conclusions.push_back(duplicates());
    if (stale_.frames.count() != 0) conclusions.push_back(stale(decoder));
    if (copies_.frames.count() != 0)
      conclusions.push_back({&codes::capture_duplicate,
                             {},
                             fmt::format("{} seen twice, {}; counted once", count_of(copies_.frames.count(), "frame"),
                                         copies_.frames.to_string(4)),
                             {},
                             copies_.all_across() ? "Nothing to do: they went past two captures." : ""});
  }

 private:
  Conclusion duplicates() const {
    Conclusion out{&codes::replay_duplicate, duplicates_.sas, {}, {}, {}};
    out.what = fmt::format("{}, {}", count_of(duplicates_.frames.count(), "packet"), duplicates_.frames.to_string());
    out.why = fmt::format("Authentic, and seen before: {} inside the window, {} left of it. First, {}.",
                          duplicates_.frames.count() - duplicates_.left_of_window, duplicates_.left_of_window,
                          duplicates_.first);
    if (duplicates_.other_bytes != 0)
      out.why += fmt::format(
          " {} carry other bytes than the packet that had the number first: the sender's counter was set back "
          "(restored "
          "snapshot, failover, the same keys loaded again).",
          duplicates_.other_bytes);
    if (duplicates_.clocks_differ()) {
      out.why += fmt::format(
          " All of them are packets of another capture, byte for byte and {} to {} later: most likely nothing was "
          "replayed, and the clocks of these captures differ.",
          duration(duplicates_.least_gap), duration(duplicates_.most_gap));
      out.remedy =
          fmt::format("Set the clock of the later capture back, and they count as copies: editcap -t {:.3f} IN OUT.",
                      -static_cast<double>(duplicates_.least_gap) / 1e9);
    }
    return out;
  }

  Conclusion stale(const Decoder& decoder) const {
    Conclusion out{&codes::replay_stale, stale_.sas, {}, {}, {}};
    std::uint32_t window = 0;
    for (const SaStatistics& sa : decoder.statistics())
      if (!stale_.sas.empty() && sa.number == stale_.sas.front()) window = sa.association->replay_window;
    out.what = fmt::format("{}, {}", count_of(stale_.frames.count(), "packet"), stale_.frames.to_string());
    out.why = fmt::format(
        "Authentic and never seen before, but overtaken by at least a whole window ({} packets on #{}). First, {}.",
        window, stale_.sas.empty() ? 0 : stale_.sas.front(), stale_.first);
    return out;
  }

  Gathered duplicates_, stale_, copies_;
};

}  // namespace

std::unique_ptr<Analyzer> make_replay_analyzer() { return std::make_unique<ReplayAnalyzer>(); }

}  // namespace espdump
