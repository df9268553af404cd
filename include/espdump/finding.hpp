// What can be wrong, and one instance of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace espdump {

enum class Severity : std::uint8_t { info, warning, error };
std::string_view to_string(Severity) noexcept;

// One row of the table of codes; the rows are constants named in codes.hpp.
struct FindingInfo {
  std::string_view code;  // "icv.bad"; never changes its meaning
  Severity severity;
  std::string_view when;    // one sentence: when it is raised
  std::string_view remedy;  // what to do when nothing more exact is known
};

using FrameNumber = std::uint64_t;  // counts from 1, as Wireshark counts
using SaNumber = std::uint32_t;     // #1, #2 … in the order of first frames; 0: none
using IkeSaNumber = std::uint32_t;  // likewise of IKE SAs; reports write letters: #A; 0: none

struct Finding {
  const FindingInfo* info = nullptr;
  FrameNumber frame = 0;   // 0: about the whole capture
  std::uint16_t file = 0;  // which of the captures, from 0
  SaNumber sa = 0;         // 0: about no SA
  std::string message;     // what is wrong here, with numbers
  std::string remedy{};    // empty: that of `info`
  IkeSaNumber ike_sa = 0;  // 0: about no IKE SA
};

using Findings = std::vector<Finding>;

}  // namespace espdump
