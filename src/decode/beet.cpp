// The inner packet of BEET mode (draft-nikander-esp-beet-mode), rebuilt as a Linux receiver does it.
// The family comes from the selector alone; IPv4 options travel in a pseudo header, protocol 94.
#include "decode/beet.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "base/checksum.hpp"

namespace espdump {
namespace {

constexpr std::uint8_t beet_pseudo_header = 94;
constexpr std::uint16_t dont_fragment = 0x4000;
constexpr std::size_t largest_length = 65'535;
constexpr std::size_t v4_size = 20, v6_size = 40;

struct Upper {
  std::uint8_t protocol = 0;
  Bytes options, payload;
};

//  0        1        2        3
// | next   | hdrlen | padlen |reserved| then padlen bytes of NOP, then the options
// hdrlen counts 8 bytes beyond the first 8. Linux does not write the reserved byte.
Result<Upper> read_pseudo_header(Bytes payload) {
  constexpr std::size_t fixed = 4;
  if (payload.size() < fixed)
    return fail(fmt::format("BEET pseudo header of {} bytes, at least 4 needed", payload.size()));
  const std::size_t total = payload[1] * std::size_t{8} + 8, before = fixed + payload[2];
  if (before > total || (total - before) % 4 != 0 || total - before > 40)
    return fail(
        fmt::format("BEET pseudo header of {} bytes with {} of padding holds no IPv4 options", total, payload[2]));
  if (total > payload.size())
    return fail(fmt::format("BEET pseudo header of {} bytes in a payload of {}", total, payload.size()));
  return Upper{payload[0], payload.subspan(before, total - before), payload.subspan(total)};
}

std::ptrdiff_t at(std::size_t offset) { return static_cast<std::ptrdiff_t>(offset); }

std::size_t write_v4(const IpAddress& source, const IpAddress& destination, const OuterFacts& outer, const Upper& upper,
                     MutableBytes out) {
  const std::size_t header_size = v4_size + upper.options.size(), size = header_size + upper.payload.size();
  out[0] = static_cast<std::uint8_t>(0x40 | header_size / 4);
  out[1] = outer.tos;
  write_u16(out, 2, static_cast<std::uint16_t>(size));
  write_u16(out, 4, outer.v4 ? outer.id : 0);
  write_u16(out, 6, outer.v4 ? outer.flags_and_offset : dont_fragment);
  out[8] = outer.ttl;
  out[9] = upper.protocol;
  write_u16(out, 10, 0);
  std::copy_n(source.bytes().begin(), 4, out.begin() + at(12));
  std::copy_n(destination.bytes().begin(), 4, out.begin() + at(16));
  std::copy(upper.options.begin(), upper.options.end(), out.begin() + at(v4_size));
  write_u16(out, 10, internet_checksum(out.first(header_size)));
  std::copy(upper.payload.begin(), upper.payload.end(), out.begin() + at(header_size));
  return size;
}

std::size_t write_v6(const IpAddress& source, const IpAddress& destination, const OuterFacts& outer,
                     std::uint8_t next_header, Bytes payload, MutableBytes out) {
  const std::uint32_t flow_label = outer.v4 ? 0 : outer.flow_label & 0xfffff;
  write_u32(out, 0, 6U << 28 | std::uint32_t{outer.tos} << 20 | flow_label);
  write_u16(out, 4, static_cast<std::uint16_t>(payload.size()));
  out[6] = next_header;
  out[7] = outer.ttl;
  std::copy_n(source.bytes().begin(), 16, out.begin() + at(8));
  std::copy_n(destination.bytes().begin(), 16, out.begin() + at(24));
  std::copy(payload.begin(), payload.end(), out.begin() + at(v6_size));
  return v6_size + payload.size();
}

}  // namespace

std::optional<OuterFacts> outer_facts(Bytes header) {
  if (header.size() >= v4_size && header[0] >> 4 == 4)
    return OuterFacts{true, header[1], header[8], read_u16(header, 4), read_u16(header, 6), 0};
  if (header.size() < v6_size || header[0] >> 4 != 6) return std::nullopt;
  const std::uint32_t first = read_u32(header, 0);
  return OuterFacts{false, static_cast<std::uint8_t>(first >> 20), header[7], 0, 0, first & 0xfffff};
}

Result<std::size_t> rebuild_beet_packet(Family selector_family, const IpAddress& source, const IpAddress& destination,
                                        const OuterFacts& outer, std::uint8_t next_header, Bytes payload,
                                        MutableBytes out) {
  ESPDUMP_ASSERT(out.size() >= payload.size() + beet_growth);
  if (selector_family == Family::none)
    return fail("the SA's selector has no address family: Linux drops every packet of such a BEET SA");
  if (source.family() != selector_family || destination.family() != selector_family)
    return fail("the addresses of the SA's selector are not of its family");
  if (selector_family == Family::ipv6) {  // where Linux leaves a pseudo header as it is
    if (payload.size() > largest_length) return fail("the inner packet would be longer than IPv6 can say");
    return write_v6(source, destination, outer, next_header, payload, out);
  }
  Upper upper{next_header, {}, payload};
  if (next_header == beet_pseudo_header) {
    auto read = read_pseudo_header(payload);
    if (!read) return Unexpected{read.error()};
    upper = *read;
  }
  if (v4_size + upper.options.size() + upper.payload.size() > largest_length)
    return fail("the inner packet would be longer than IPv4 can say");
  return write_v4(source, destination, outer, upper, out);
}

}  // namespace espdump
