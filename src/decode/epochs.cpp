// High halves worth trying for the first packet of an ESN session.
#include "decode/epochs.hpp"

#include <algorithm>

namespace espdump {
namespace {

constexpr std::uint32_t widest = 4096;

void add(std::vector<std::uint32_t>& halves, std::uint32_t high) {
  if (std::find(halves.begin(), halves.end(), high) == halves.end()) halves.push_back(high);
}

}  // namespace

std::vector<std::uint32_t> first_high_halves(const SecurityAssociation& association, bool wide) {
  constexpr std::size_t most_positions = 16;
  std::vector<std::uint32_t> halves;
  std::size_t positions = 0;
  for (const WindowPosition& position : association.positions) {
    if (++positions > most_positions) break;
    for (const std::uint64_t number : {position.received, position.sent}) {
      const auto high = static_cast<std::uint32_t>(number >> 32);
      add(halves, high);
      if (high != 0) add(halves, high - 1);
    }
  }
  add(halves, 0);
  add(halves, 1);
  if (wide)
    for (std::uint32_t high = 2; high <= widest; ++high) halves.push_back(high);
  return halves;
}

}  // namespace espdump
