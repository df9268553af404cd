// The Internet checksum, RFC 1071.
// Sums of pieces may be added as long as every piece but the last has an even length.
#include "base/checksum.hpp"

namespace espdump {

std::uint64_t checksum_add(Bytes bytes, std::uint64_t sum) noexcept {
  std::size_t offset = 0;
  for (; offset + 2 <= bytes.size(); offset += 2) sum += read_u16(bytes, offset);
  if (offset < bytes.size()) sum += static_cast<std::uint64_t>(bytes[offset]) << 8;
  return sum;
}

std::uint16_t checksum_fold(std::uint64_t sum) noexcept {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

std::uint64_t pseudo_header_sum(Bytes source, Bytes destination, std::uint8_t protocol, std::size_t length) noexcept {
  return checksum_add(destination, checksum_add(source)) + (length >> 16) + (length & 0xffff) + protocol;
}

}  // namespace espdump
