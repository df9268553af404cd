// pcap: https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcap/
#include <algorithm>
#include <limits>

#include "capture/byte_order.hpp"
#include "capture/written.hpp"

namespace espdump::capture {

void begin_pcap(Spelled& out, std::uint32_t link_type) {
  constexpr std::uint32_t nanosecond_magic = 0xa1b23c4d, version_2_4 = 2 | 4 << 16;
  append(out, {nanosecond_magic, version_2_4, 0, 0, written_snap_length, link_type});
}

void add_to_pcap(Spelled& out, const Written& packet) {
  constexpr std::int64_t billion = 1'000'000'000, last_second = std::numeric_limits<std::uint32_t>::max();
  const Bytes kept = packet.kept();
  append(out, {static_cast<std::uint32_t>(std::min(packet.nanoseconds() / billion, last_second)),
               static_cast<std::uint32_t>(packet.nanoseconds() % billion), static_cast<std::uint32_t>(kept.size()),
               packet.wire()});
  append(out, kept);
}

}  // namespace espdump::capture
