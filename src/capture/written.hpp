// How a packet is spelled in the formats that we write: nanoseconds, link type RAW, little-endian.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include <espdump/capture.hpp>

namespace espdump::capture {

inline constexpr std::uint32_t written_snap_length = 262144;
// No packet takes more, whatever its header and comment.
inline constexpr std::size_t most_written = written_snap_length + 65536 + 64;

struct Written {
  Timestamp time;
  Bytes packet;
  std::size_t wire_length = 0;
  std::string_view comment{};

  [[nodiscard]] Bytes kept() const { return packet.first(std::min<std::size_t>(packet.size(), written_snap_length)); }
  [[nodiscard]] std::uint32_t wire() const { return static_cast<std::uint32_t>(std::max(wire_length, packet.size())); }
  // Since 1970; what was before cannot be said.
  [[nodiscard]] std::int64_t nanoseconds() const { return std::max<std::int64_t>(time.nanoseconds, 0); }
};

using Spelled = std::vector<std::uint8_t>;

void begin_pcap(Spelled& out, std::uint32_t link_type = link_type_raw);
void add_to_pcap(Spelled& out, const Written& packet);
void begin_pcapng(Spelled& out, std::uint32_t link_type = link_type_raw);
// A comment longer than an option can be loses its end.
void add_to_pcapng(Spelled& out, const Written& packet);

}  // namespace espdump::capture
