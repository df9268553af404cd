#include "analysis/selector_index.hpp"

#include <algorithm>

namespace espdump {

IpAddress first_bits(const IpAddress& address, std::size_t bits) {
  std::array<std::uint8_t, 16> bytes{};
  std::copy(address.bytes().begin(), address.bytes().end(), bytes.begin());
  for (std::size_t i = 0; i < address.size(); ++i) {
    const std::size_t kept = std::clamp<std::size_t>(bits, 8 * i, 8 * i + 8) - 8 * i;
    bytes[i] = static_cast<std::uint8_t>(bytes[i] & (0xff00U >> kept));
  }
  return IpAddress{Bytes{bytes}.first(address.size())};
}

}  // namespace espdump
