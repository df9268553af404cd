#include "base/interruption.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>

namespace espdump {
namespace {

std::atomic<int> noted{0};
std::array<int, 2> wake{-1, -1};  // a pipe: a flag alone could be set between a look at it and a read that blocks

void note(int signal) {
  const int before = errno;
  noted.store(signal, std::memory_order_relaxed);
  const char byte = 0;
  if (::write(wake[1], &byte, 1) != 1) {  // full: one byte is enough
  }
  errno = before;
}

bool make_pipe() noexcept {
  if (::pipe(wake.data()) != 0) {
    wake = {-1, -1};
    return false;
  }
  for (const int end : wake) ::fcntl(end, F_SETFD, FD_CLOEXEC);
  ::fcntl(wake[1], F_SETFL, O_NONBLOCK);
  return true;
}

}  // namespace

void heed_interruption() noexcept {
  if (wake[0] >= 0 || !make_pipe()) return;
  for (const int signal : {SIGINT, SIGTERM}) {
    struct sigaction action {};
    if (sigaction(signal, nullptr, &action) != 0 || action.sa_handler == SIG_IGN) continue;
    action = {};
    action.sa_handler = note;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(signal, &action, nullptr);
  }
}

int interruption() noexcept { return noted.load(std::memory_order_relaxed); }

int interruption_descriptor() noexcept { return wake[0]; }

}  // namespace espdump
