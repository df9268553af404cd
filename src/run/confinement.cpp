#include "run/confinement.hpp"

#include <espdump/crypto.hpp>
#include <espdump/secret.hpp>

#include "run/message.hpp"

namespace espdump::run {

void confine(bool unwanted, bool verbose) {
  forbid_core_dumps();  // keys are to come, and what they open
  load_ciphers();       // at the same place with and without
  if (unwanted) return;
  for (const std::string& lacking : confine())
    if (verbose) say("sandbox: " + lacking);
  forbid_core_dumps();  // another user's process is what that system makes of it
}

}  // namespace espdump::run
