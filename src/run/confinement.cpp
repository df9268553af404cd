#include "run/confinement.hpp"

#include "run/message.hpp"

namespace espdump::run {

void confine(bool unwanted, bool verbose) {
  if (unwanted) return;
  for (const std::string& lacking : confine())
    if (verbose) say("sandbox: " + lacking);
}

}  // namespace espdump::run
