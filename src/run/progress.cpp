#include "run/progress.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/write_all.hpp"
#include "run/terminal.hpp"

namespace espdump::run {
namespace {

std::string rate_text(double rate) {
  if (rate >= 1e6) return fmt::format("{:.1f} M packets/s", rate / 1e6);
  if (rate >= 1e4) return fmt::format("{:.0f} k packets/s", rate / 1e3);
  return fmt::format("{:.0f} packets/s", rate);
}

std::string time_text(double seconds) {
  if (seconds < 100) return fmt::format("{:.0f} s", seconds);
  if (seconds < 6000) return fmt::format("{:.0f} min", seconds / 60);
  return fmt::format("{:.1f} h", seconds / 3600);
}

}  // namespace

std::string progress_text(std::uint64_t frames, ReadProgress progress, double seconds, std::size_t columns) {
  const std::string rate = rate_text(static_cast<double>(frames) / std::max(seconds, 1e-3));
  if (progress.total == 0) return fmt::format("{} packets, {}", frames, rate).substr(0, columns);
  // A file that grows while it is read is longer than it was.
  const double part = std::min(1.0, static_cast<double>(progress.read) / static_cast<double>(progress.total));
  const std::string head = fmt::format("{:3.0f} %", part * 100),
                    tail = "  " + rate +
                           (part > 0 ? fmt::format(", {} left", time_text(seconds / part * (1 - part))) : "");
  constexpr std::size_t frame = 3, widest = 40, narrowest = 5;
  const std::size_t used = head.size() + tail.size() + frame;
  if (columns < used + narrowest) return (head + tail).substr(0, columns);
  const std::size_t width = std::min(columns - used, widest),
                    done = static_cast<std::size_t>(part * static_cast<double>(width));
  return head + " [" + std::string(done, '#') + std::string(width - done, ' ') + "]" + tail;
}

void Progress::tell() {
  using namespace std::chrono_literals;
  const Clock::time_point now = Clock::now();
  if (now - start_ < 1s || now - last_ < 100ms) return;
  last_ = now;
  told_ = true;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const std::size_t columns = terminal_size(STDERR_FILENO).value_or(TerminalSize{}).columns;
  // The last column stays free: some terminals go on in the next line once it is used.
  write_all(STDERR_FILENO, "\r" + progress_text(frames_, captures_.progress(), seconds, columns - 1) + "\x1b[K");
}

void Progress::end() {
  if (told_) write_all(STDERR_FILENO, "\r\x1b[K");
  told_ = false;
}

}  // namespace espdump::run
