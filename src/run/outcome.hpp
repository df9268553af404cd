// What came of a command; the exit status is made of this in one place (cli/main.cpp).
#pragma once

namespace espdump::run {

struct Outcome {
  bool unusable_input = false;  // a file could not be opened or parsed at all
  bool damaged_input = false;   // a file ended early
  bool fail_on_met = false;
  bool output_failed = false;  // results could not be written
  int signal = 0;              // that ended it before its input did; 0: none

  // Takes the errno of a write that failed, or 0. Whoever closed the pipe has seen enough; anything else that
  // keeps results back is an error, and is told.
  void written(int error);
};

}  // namespace espdump::run
