// What `espdump mtu` prints: sizes, and the commands that set them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <espdump/sa.hpp>

#include "analysis/overhead.hpp"

namespace espdump {

// An SA, or just a suite that is asked for, and a path.
struct MtuQuestion {
  std::string suite;                        // as reports name it
  const SecurityAssociation* sa = nullptr;  // null: a suite alone
  std::size_t number = 0;                   // of the SA in its files
  Overhead overhead;
  std::size_t path_mtu = 0;
};

// All about one, commands included.
std::string mtu_text(const MtuQuestion& question);
// A table of SAs; `width` as that of a TableFold.
std::string mtu_table(const std::vector<MtuQuestion>& questions, std::size_t width = 0);
// One JSON line.
std::string mtu_json(const MtuQuestion& question);

}  // namespace espdump
