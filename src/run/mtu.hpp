// `espdump mtu`: what fits through an SA.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <espdump/address.hpp>
#include <espdump/packet.hpp>

#include "run/outcome.hpp"

namespace espdump::run {

struct MtuOptions {
  std::string suite;  // a proposal as swanctl.conf writes it; empty: the SAs of `keys`
  std::vector<std::string> keys;
  SaMode mode = SaMode::tunnel;
  Family outer = Family::ipv4;
  Family inner = Family::none;  // of BEET; none: as the selectors or, without, the outer one is
  bool nat_t = false;
  std::size_t mtu = 1500;
  bool json = false;
  bool verbose = false;
  bool no_sandbox = false;
};

// Prints on standard output, problems on standard error.
Outcome show_mtu(const MtuOptions& options);

}  // namespace espdump::run
