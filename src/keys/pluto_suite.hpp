// What algorithms the keys in pluto's log are for: those that it names, or else those that such keys fit.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include <espdump/packet.hpp>

#include "keys/intake.hpp"
#include "keys/pluto_line.hpp"

namespace espdump::keys {

// The keys of one SA, as hexadecimal columns. pluto does not say how many lines a dump has.
struct PlutoKeys {
  IpsecProtocol protocol = IpsecProtocol::esp;
  std::size_t line = 0;  // of their heading
  std::vector<std::string_view> cipher, integrity;
};

// The pairs of algorithms whose keys have these lengths, the likeliest first; 6 at most.
std::vector<PlutoSuite> fitting_suites(const PlutoKeys&);

// Problems are told, once for each key.
void set_pluto_keys(SecurityAssociation&, const PlutoKeys&, const PlutoSuite&, Intake&);

}  // namespace espdump::keys
