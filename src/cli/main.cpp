// Parse, run, and turn the outcome into an exit status.
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <string_view>

#include "cli/options.hpp"
#include "run/message.hpp"

namespace {

enum ExitStatus : int { done = 0, fail_on_met = 1, unusable = 2, ended_early = 3 };

int exit_status(const espdump::run::Outcome& outcome) {
  constexpr int by_signal = 128;  // as shells say it
  if (outcome.unusable_input || outcome.output_failed) return unusable;
  if (outcome.signal != 0) return by_signal + outcome.signal;
  if (outcome.fail_on_met) return fail_on_met;
  return outcome.damaged_input ? ended_early : done;
}

// What --help and --version print. Whoever closed the pipe has seen enough.
int answer(const std::string& text) {
  const bool written = std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
  if (written || errno == EPIPE) return done;
  espdump::run::say(std::string{"cannot write results: "} + std::strerror(errno));
  return unusable;
}

// Nobody goes on without memory: not a thread, and nothing that promised to throw nothing. Files that are not whole are
// removed by their keepers.
[[noreturn]] void end_without_memory() noexcept {
  constexpr std::string_view text = "espdump: out of memory\n";
  if (::write(STDERR_FILENO, text.data(), text.size()) < 0) _exit(unusable);  // told or not
  _exit(unusable);
}

}  // namespace

int main(int argc, char** argv) {
  std::set_new_handler(end_without_memory);
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is a write error, and that ends the run quietly
  try {
    const espdump::cli::Parsed parsed = espdump::cli::parse(argc, argv);
    if (parsed.error) {
      std::fputs(parsed.error->c_str(), stderr);
      return unusable;
    }
    if (parsed.answer) return answer(*parsed.answer);
    return exit_status(parsed.command->run(parsed.options));
  } catch (const std::bad_alloc&) {
    espdump::run::say("out of memory");
  } catch (const std::exception& error) {
    espdump::run::say(error.what());
  }
  return unusable;
}
