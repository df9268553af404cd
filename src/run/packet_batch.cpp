// Packets by the batch: dissected and opened side by side, decided in order, turned into lines side by side, printed in
// order.
#include "run/packet_batch.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <espdump/pre_decoder.hpp>

#include "run/analysis_run.hpp"
#include "run/pipeline.hpp"

namespace espdump::run {
namespace {

// So many frames that what all packets share seldom moves from one processor to the other, and so few that their
// packets stay in its cache.
constexpr std::size_t most_frames = 128, most_bytes = 256 * 1024;
constexpr std::size_t batches_per_thread = 2;

class PacketBatch final : public Batch {
 public:
  PacketBatch(AnalysisRun& run, std::vector<PreDecoder>& pre_decoders)
      : run_(run), pre_decoders_(pre_decoders), lines_(run.reporter().renderer()) {}

  bool take() override {
    frames_.clear();
    bytes_.clear();
    if (bytes_.capacity() > 4 * most_bytes) bytes_.shrink_to_fit();
    do {
      const std::optional<Frame> frame = run_.next_frame();
      if (!frame) break;
      frames_.push_back(*frame);
      bytes_.insert(bytes_.end(), frame->bytes.begin(), frame->bytes.end());
    } while (frames_.size() < most_frames && bytes_.size() < most_bytes && !(run_.is_live() && run_.would_block()));
    waits_behind_ = run_.is_live() && run_.would_block();
    own_bytes();
    return !frames_.empty();
  }

  void prepare(std::size_t worker) override {
    PreDecoder& pre_decoder = pre_decoders_[worker];
    pre_decoder.catch_up();
    if (packets_.size() < frames_.size()) packets_.resize(frames_.size());
    if (done_.size() < frames_.size()) done_.resize(frames_.size());
    for (std::size_t at = 0; at < frames_.size(); ++at) pre_decoder.prepare(frames_[at], packets_[at], done_[at]);
  }

  void decide() override {
    shown_.clear();
    for (std::size_t at = 0; at < frames_.size(); ++at) {
      if (at % Decoder::most_expected == 0 && run_.has_many_sas()) expect_from(at);
      run_.decoder().decode(done_[at], packets_[at]);
      if (!run_.settle(packets_[at])) continue;
      run_.reporter().expect(packets_[at]);
      shown_.push_back(at);
    }
  }

  void render() override {
    for (const std::size_t at : shown_) {
      lines_->packet(packets_[at]);
      for (const Finding& finding : packets_[at].findings()) lines_->finding(finding);
    }
    for (std::size_t at = 0; at < frames_.size(); ++at) packets_[at].reset();  // the next batch may be a smaller one
  }

  void print() override {
    run_.print(*lines_);
    if (waits_behind_) run_.flush();
  }

 private:
  void expect_from(std::size_t at) {
    run_.decoder().expect(std::span{done_}.subspan(at, std::min(frames_.size() - at, Decoder::most_expected)));
  }
  // The frames were the reader's until here.
  void own_bytes() {
    std::size_t begin = 0;
    for (Frame& frame : frames_) {
      frame.bytes = Bytes{bytes_}.subspan(begin, frame.bytes.size());
      begin += frame.bytes.size();
    }
  }

  AnalysisRun& run_;
  std::vector<PreDecoder>& pre_decoders_;  // by worker
  std::unique_ptr<Renderer> lines_;
  std::vector<std::uint8_t> bytes_;
  std::vector<Frame> frames_;
  std::vector<Packet> packets_;
  std::vector<PreDecoded> done_;
  std::vector<std::size_t> shown_;  // of the packets
  bool waits_behind_ = false;       // whoever takes the next batch may have to wait for its bytes
};

}  // namespace

void in_batches(AnalysisRun& run, std::size_t threads) {
  std::vector<PreDecoder> pre_decoders;
  pre_decoders.reserve(threads);
  for (std::size_t worker = 0; worker < threads; ++worker) pre_decoders.emplace_back(run.decoder());
  Pipeline{threads, batches_per_thread, [&] { return std::make_unique<PacketBatch>(run, pre_decoders); }}.run();
}

}  // namespace espdump::run
