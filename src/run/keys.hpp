// `espdump keys`: what key files hold, or the same in another program's format.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "run/outcome.hpp"

namespace espdump::run {

enum class KeyFormat : std::uint8_t { listing, wireshark, wireshark_ike, xfrm, json };

struct KeysOptions {
  std::vector<std::string> files;
  std::vector<std::string> policies;
  KeyFormat to = KeyFormat::listing;
  bool show_secrets = false;  // tables of Wireshark and commands are nothing without, and need no leave
  bool verbose = false;
  bool no_sandbox = false;
};

// Prints on standard output; problems, and what the other format cannot say, on standard error.
Outcome show_keys(const KeysOptions& options);

}  // namespace espdump::run
