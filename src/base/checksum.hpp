// The Internet checksum, RFC 1071.
#pragma once

#include <espdump/bytes.hpp>

namespace espdump {

// The one's complement sum of 16-bit words, 0 as the odd byte's partner, on top of `sum`.
std::uint64_t checksum_add(Bytes bytes, std::uint64_t sum = 0) noexcept;
// Folded and complemented: what a header field holds. Over a header with its checksum in place: 0 where it is right.
std::uint16_t checksum_fold(std::uint64_t sum) noexcept;
// The sum of what UDP and TCP put in front for their checksums (RFC 768, RFC 8200 section 8.1). `length` in bytes.
std::uint64_t pseudo_header_sum(Bytes source, Bytes destination, std::uint8_t protocol, std::size_t length) noexcept;
inline std::uint16_t internet_checksum(Bytes bytes) noexcept { return checksum_fold(checksum_add(bytes)); }

}  // namespace espdump
