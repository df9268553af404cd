// Results that could not be written.
#include "run/outcome.hpp"

#include <cerrno>
#include <cstring>
#include <string>

#include "run/message.hpp"

namespace espdump::run {

void Outcome::written(int error) {
  if (error == 0 || error == EPIPE) return;
  say(std::string{"cannot write results: "} + std::strerror(error));
  output_failed = true;
}

}  // namespace espdump::run
