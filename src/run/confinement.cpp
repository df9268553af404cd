#include "run/confinement.hpp"

#include <espdump/crypto.hpp>

#include "run/message.hpp"

namespace espdump::run {

void confine(bool unwanted, bool verbose) {
  load_ciphers();  // at the same place with and without
  if (unwanted) return;
  for (const std::string& lacking : confine())
    if (verbose) say("sandbox: " + lacking);
}

}  // namespace espdump::run
