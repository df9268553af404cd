// Numbers in the byte order of whoever wrote the capture. `offset + width` must lie inside `bytes`.
#pragma once

#include <array>
#include <vector>

#include <espdump/bytes.hpp>

namespace espdump::capture {

enum class Order : std::uint8_t { little, big };

inline std::uint16_t load_u16(Bytes bytes, std::size_t offset, Order order) {
  const std::size_t high = order == Order::big ? 0 : 1;
  return static_cast<std::uint16_t>(bytes[offset + high] << 8 | bytes[offset + 1 - high]);
}

inline std::uint32_t load_u32(Bytes bytes, std::size_t offset, Order order) {
  const std::uint32_t big = read_u32(bytes, offset);
  return order == Order::big ? big : __builtin_bswap32(big);
}

inline std::uint64_t load_u64(Bytes bytes, std::size_t offset, Order order) {
  const std::uint64_t big = read_u64(bytes, offset);
  return order == Order::big ? big : __builtin_bswap64(big);
}

// What we write is little-endian, whatever the machine.
template <std::size_t N>
void append(std::vector<std::uint8_t>& out, const std::uint32_t (&words)[N]) {
  std::array<std::uint8_t, 4 * N> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(words[i / 4] >> i % 4 * 8);
  out.insert(out.end(), bytes.begin(), bytes.end());
}

inline void append(std::vector<std::uint8_t>& out, Bytes bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

}  // namespace espdump::capture
