// Runs a command and appends to a file what it took: microseconds of user and of system time, microseconds from start
// to end, KiB of memory at the peak.   measure FILE COMMAND [ARGUMENT]...
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdio>
#include <cstring>

extern char** environ;

namespace {

long long microseconds(const timeval& time) { return time.tv_sec * 1'000'000LL + time.tv_usec; }

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) {
    std::fprintf(stderr, "measure FILE COMMAND [ARGUMENT]...\n");
    return 2;
  }
  const auto began = std::chrono::steady_clock::now();
  pid_t child = 0;
  if (const int error = posix_spawnp(&child, arguments[2], nullptr, nullptr, arguments + 2, environ); error != 0) {
    std::fprintf(stderr, "measure: %s: %s\n", arguments[2], std::strerror(error));
    return 127;
  }
  int status = 0;
  rusage usage{};
  if (wait4(child, &status, 0, &usage) != child) return 127;
  const std::chrono::duration<double, std::micro> wall = std::chrono::steady_clock::now() - began;
  std::FILE* const out = std::fopen(arguments[1], "a");
  if (out == nullptr) return 127;
  std::fprintf(out, "%lld %lld %.0f %ld\n", microseconds(usage.ru_utime), microseconds(usage.ru_stime), wall.count(),
               usage.ru_maxrss);
  if (std::fclose(out) != 0) return 127;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
