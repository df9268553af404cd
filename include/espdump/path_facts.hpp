// What a capture shows of sizes: how large the packets of each SA were, what of the TCP connections inside got through,
// and, where packets were captured in two places, which of them arrived. Sizes are bytes of whole IP packets; those of
// segments are bytes of TCP payload.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include <espdump/analysis.hpp>

namespace espdump {

inline constexpr std::size_t ethernet_mtu = 1500;

// Of the packets of one SA outside all other tunnels.
struct SaSizes {
  std::size_t largest_outer = 0;  // that came in one piece
  std::size_t largest_inner = 0;  // of the packets inside, where they were opened
  std::uint64_t ipv4_packets = 0, with_df = 0;
  // Packets no Ethernet carries: jumbo frames, or captured before the network card cut them (segmentation offload).
  std::uint64_t beyond_ethernet = 0;

  // ICMP "fragmentation needed" and "packet too big" that quote them.
  FrameList told;
  Timestamp first_told;
  IpAddress router;                // of the first
  std::uint32_t told_mtu = 0;      // the least; 0: none tells a number (before RFC 1191)
  std::size_t largest_quoted = 0;  // the largest packet that was too large
  std::size_t largest_after = 0;   // of the packets that were sent once the first was told
  FrameList too_large_after;       // of these, the ones larger than told_mtu

  FrameList in_pieces;  // packets that came as IP fragments, by the frame that completed them
  std::size_t smallest_in_pieces = 0, largest_in_pieces = 0;
  using InOne = std::bitset<2048>;
  InOne in_one;  // sizes of packets and first fragments that were met

  [[nodiscard]] bool heeded() const { return told.count() != 0 && too_large_after.count() == 0; }
};

// One direction of a TCP connection inside an SA.
struct FlowSizes {
  IpAddress source, destination;
  std::uint16_t source_port = 0, destination_port = 0;
  SaNumber sa = 0;
  std::optional<std::uint16_t> mss;  // that the destination announced
  std::size_t largest_sent = 0;
  std::optional<std::size_t> largest_acknowledged;  // none: no acknowledgment was seen
  std::uint64_t segments = 0;
  std::uint64_t sent_again = 0, full_sent_again = 0;  // of these, as large as largest_sent
  std::size_t shrunk_to = 0;                          // segments were sent again in pieces so small (RFC 4821); 0: none
  std::uint64_t probes = 0;                           // larger ones sent after that

  // Full segments were sent again, and nothing of their size came through.
  [[nodiscard]] bool in_trouble() const {
    return shrunk_to != 0 || (full_sent_again != 0 && largest_acknowledged && *largest_acknowledged < largest_sent);
  }
};

// What became of the packets of one SA between two captures. Only numbers between the first and the last that the
// second capture has are counted, so that neither clocks nor the ends of the captures matter.
struct Crossing {
  static constexpr std::size_t bucket_width = 64, buckets = 26;  // the last holds all that is larger
  struct Bucket {
    std::uint64_t arrived = 0, lost = 0;
    std::size_t least = 0, most = 0;  // sizes met
  };
  SaNumber sa = 0;
  std::uint16_t from = 0, to = 0;  // captures, from 0
  std::uint64_t arrived = 0, lost = 0;
  std::uint64_t missing_before = 0;  // packets that only the second capture has
  std::uint64_t after_last = 0;      // packets of the first behind the last number that the second has
  std::size_t largest_arrived = 0, smallest_lost = 0, largest_lost = 0;
  std::uint64_t lost_tcp = 0, lost_sealed = 0;  // of the lost: segments of TCP, and packets that were not opened
  std::array<Bucket, buckets> sizes{};

  // Everything lost is larger than everything that arrived.
  [[nodiscard]] bool by_size() const { return lost != 0 && smallest_lost > largest_arrived; }
};

struct PathFacts {
  std::size_t captures = 1;  // set before the first packet
  std::map<SaNumber, SaSizes> sas;
  std::vector<FlowSizes> flows;  // that carried data, those in trouble first; at most most_flows
  std::vector<Crossing> crossings;
  bool crossings_bounded = false;  // there were more packets than could be compared
  // Packets of what was too much to keep.
  struct LeftOut {
    std::uint64_t connections = 0;  // TCP inside tunnels
    std::uint64_t openings = 0;     // SYNs of further connections
    std::uint64_t pieces = 0;       // first fragments between further hosts
    std::uint64_t senders = 0;      // that cannot be opened, of further SAs
  } left_out;

  static constexpr std::size_t most_flows = 1024;
};

}  // namespace espdump
