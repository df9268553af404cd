// The packet of transport mode without its ESP (RFC 4303 section 3.1.1): the outer header, then what ESP carried.
// Fragments of the outer packet were joined before, so nothing of the result is one.
#include "decode/transport.hpp"

#include <espdump/assert.hpp>

#include <algorithm>

#include "base/checksum.hpp"

namespace espdump {
namespace {

constexpr std::size_t largest_length = 65'535;
constexpr std::size_t v4_size = 20, v6_size = 40;
constexpr std::uint16_t dont_fragment = 0x4000, reserved_flag = 0x8000;

}  // namespace

std::optional<std::size_t> rebuild_transport_packet(Bytes outer_headers, std::size_t next_header_offset,
                                                    std::uint8_t next_header, Bytes payload, MutableBytes out) {
  const std::size_t header_size = outer_headers.size(), size = header_size + payload.size();
  ESPDUMP_ASSERT(out.size() >= size);
  if (next_header_offset >= header_size) return std::nullopt;
  const int version = outer_headers[0] >> 4;
  const bool v4 = version == 4 && header_size >= v4_size && size <= largest_length;
  const bool v6 = version == 6 && header_size >= v6_size && size - v6_size <= largest_length;
  if (!v4 && !v6) return std::nullopt;
  const auto behind = std::copy(outer_headers.begin(), outer_headers.end(), out.begin());
  std::copy(payload.begin(), payload.end(), behind);
  out[next_header_offset] = next_header;
  if (v6) {
    write_u16(out, 4, static_cast<std::uint16_t>(size - v6_size));
    return size;
  }
  write_u16(out, 2, static_cast<std::uint16_t>(size));
  write_u16(out, 6, read_u16(out, 6) & (dont_fragment | reserved_flag));
  write_u16(out, 10, 0);
  write_u16(out, 10, internet_checksum(out.first(header_size)));
  return size;
}

}  // namespace espdump
