// The main job under way: each frame is decoded, judged, counted and shown, in order.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <espdump/analysis.hpp>
#include <espdump/capture.hpp>
#include <espdump/decoder.hpp>
#include <espdump/keystore.hpp>
#include <espdump/report.hpp>

#include "base/aside_file.hpp"
#include "page/page.hpp"
#include "partial/partial.hpp"
#include "run/analyze.hpp"
#include "run/frame_list.hpp"
#include "run/partial_set.hpp"
#include "run/progress.hpp"

namespace espdump::run {

// The files and filters of a run, opened before the first packet is looked at.
struct Inputs {
  CaptureSet captures;
  std::optional<PacketFilter> filter, inner_filter;
  std::optional<FrameList> frames;
  std::optional<CaptureWriter> writer;
  std::optional<AsideFile> page;
  std::optional<partial::Writer> partial;       // where a partial result of this run goes
  CaptureSet before;                            // what comes before the captures, for what began there
  std::optional<CaptureReader> shortly_before;  // of a range: what comes before it in the same capture
  std::optional<PartialSet> partials;           // what is to be joined, instead of captures
  std::shared_ptr<const KernelStats> kernel_stats;
};

class AnalysisRun {
 public:
  // All three must outlive it.
  AnalysisRun(const AnalyzeOptions& options, const Keystore& keystore, Inputs& inputs);

  // The whole of it, with as many threads as the options say.
  void packets();
  void finish(Outcome& outcome);

  // The steps of one packet, for those who do them on several threads; each is for one thread at a time.

  // The next frame that the filter lets through; nothing at the end, and where nobody would see what came of it.
  std::optional<Frame> next_frame();
  // Asking for it may have to wait: what is rendered should be printed before.
  [[nodiscard]] bool would_block() const { return inputs_.captures.would_block(); }
  // Analyses and counts a decoded packet, and writes what it carries where that is wanted. Whether it is to be shown.
  bool settle(Packet& packet);
  // In the order of settle(), for those that are to be shown.
  void print(Renderer& lines);
  void flush() { output_.flush(); }

  Decoder& decoder() { return decoder_; }
  // What is known of them all is in no cache: Decoder::expect() is worth its time.
  [[nodiscard]] bool has_many_sas() const { return has_many_sas_; }
  // Somebody may be looking at the lines as they come.
  [[nodiscard]] bool is_live() const { return is_live_; }
  Reporter& reporter() { return *reporter_; }

 private:
  void one_by_one();
  void joined();
  void by_the_handful();
  void show(Packet& packet);
  void judge(Packet& packet);
  void count(const Packet& packet);
  [[nodiscard]] bool is_wanted(const Packet& packet, const InnerPacket& inner) const;
  void write(const Packet& packet, const InnerPacket& inner);
  void write_page(const std::vector<Conclusion>& conclusions, Outcome& outcome);
  void close(Outcome& outcome);
  void tell_interruption(Outcome& outcome);
  void tell_damages(Findings& findings, std::vector<Conclusion>& conclusions, Outcome& outcome);
  void tell_nothing_shown() const;
  [[nodiscard]] bool worst_at_least(Severity least) const;

  const AnalyzeOptions& options_;
  Inputs& inputs_;
  Output output_;
  Decoder decoder_;
  Summary summary_;
  std::vector<std::unique_ptr<Analyzer>> analyzers_;
  std::unique_ptr<Reporter> reporter_;
  std::unique_ptr<Page> page_;
  FindingLog log_;
  Findings found_;
  std::uint64_t taken_ = 0, passed_over_ = 0, shown_ = 0;
  Progress progress_;
  bool has_many_sas_, is_live_, redacts_;
  std::vector<char> wanted_;           // of the inner packets, those to be written
  std::atomic<bool> unheard_ = false;  // nobody reads what is printed any more, and nothing is written
};

}  // namespace espdump::run
