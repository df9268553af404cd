// How far a long run is, in one line on standard error that is written over.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include <espdump/capture.hpp>

namespace espdump::run {

// " 37 % [#######             ]  1.2 M packets/s, 14 s left", in at most `columns` characters. Where nobody knows how
// much there is to read: "120000 packets, 1.2 M packets/s".
std::string progress_text(std::uint64_t frames, ReadProgress progress, double seconds, std::size_t columns);

class Progress {
 public:
  // `captures` must outlive it.
  Progress(bool on, const CaptureSet& captures) : on_(on), captures_(captures) {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { end(); }

  // Another frame was read. Something is told after a second, then ten times a second.
  void frame() {
    if (on_ && (++frames_ & 0x3ffU) == 0) tell();
  }
  // Takes the line away.
  void end();

 private:
  using Clock = std::chrono::steady_clock;
  void tell();

  bool on_, told_ = false;
  const CaptureSet& captures_;
  std::uint64_t frames_ = 0;
  Clock::time_point start_ = Clock::now(), last_ = start_;
};

}  // namespace espdump::run
