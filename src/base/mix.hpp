// A hash of a few words for what nobody gains by aiming at: a tenth of the cost of packet_hash().
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <espdump/bytes.hpp>

namespace espdump {

inline std::uint64_t mix(std::uint64_t state, std::uint64_t word) {
  // A product carries bits upwards only; folding brings them down again, for the next one.
  word *= 0xff51afd7ed558ccdULL;
  state = (state ^ word ^ word >> 32U) * 0x9e3779b97f4a7c15ULL;
  return state ^ state >> 32U;
}

// Words of eight bytes in whatever order, since hashes are for this process alone. The last word overlaps the one
// before it. How many bytes there are does not count.
inline std::uint64_t mix(std::uint64_t state, Bytes bytes) {
  const auto word_at = [&](std::size_t offset) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + offset, 8);
    return word;
  };
  if (bytes.size() < 8) {
    for (const std::uint8_t byte : bytes) state = mix(state, byte);
    return state;
  }
  for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) state = mix(state, word_at(at));
  return bytes.size() % 8 == 0 ? state : mix(state, word_at(bytes.size() - 8));
}

}  // namespace espdump
