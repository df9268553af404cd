// Numbers in the byte order of whoever wrote the capture. `offset + width` must lie inside `bytes`.
#pragma once

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

}  // namespace espdump::capture
