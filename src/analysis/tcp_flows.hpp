// The TCP connections inside SAs, each direction for itself: what was sent, what the other end has acknowledged, and
// the segment at that edge.
#pragma once

#include <espdump/path_facts.hpp>
#include <espdump/wire/tcp.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>

namespace espdump {

struct TcpSegment {
  std::uint32_t sequence = 0;
  std::uint32_t length = 0;  // of the payload; 0: none
  std::uint32_t outer = 0;   // the packet on the wire
  bool in_pieces = false;    // some of it was sent again in a smaller segment: which of the two arrived is not known
  [[nodiscard]] std::uint32_t end() const { return sequence + length; }
};

// The segment at the edge of what is acknowledged, and what was seen since it was first sent.
struct TcpEdge {
  TcpSegment segment;
  std::size_t inner = 0;   // its IP packet
  std::uint32_t sent = 0;  // times, with this length; 0: it was not seen
  FrameList frames;
  FrameNumber last_frame = 0;
  std::uint16_t file = 0;
  Timestamp first, last;
  std::size_t shrunk_to = 0;    // the same number, sent shorter
  bool heard = false;           // the other end, after the third try
  bool smaller_passed = false;  // it has smaller ones from behind the edge (SACK)
  bool larger_passed = false;   // or others of the size
};

// What was seen behind the edge while the edge itself was not: bytes that never came by here.
struct TcpHole {
  std::uint32_t end = 0;         // the lowest number seen behind it
  std::uint64_t esp_number = 0;  // of the packet that showed it first
  FrameNumber frame = 0;
  std::uint16_t file = 0;
  Timestamp since;
  std::int64_t silence = 0;  // between that packet and the one before it in this direction
};

struct TcpDirection {
  FlowSizes sizes;
  std::uint64_t number = 0;  // counts directions in the order of their first packets
  bool has_acknowledged = false;
  std::uint32_t acknowledged = 0;
  std::size_t largest_passed = 0;          // the largest segment that may have been acknowledged
  Timestamp acknowledged_at, repeated_at;  // when that number was first seen, and last
  TcpEdge edge;
  std::optional<TcpHole> hole;
  Timestamp last_sent, last_seen;
  std::array<TcpSegment, 16> recent;  // the latest that were sent
  std::size_t next = 0;

  // Bytes between the edge and the end of the hole.
  [[nodiscard]] std::uint32_t missing() const { return hole ? hole->end - acknowledged : 0; }
};

class TcpFlows {
 public:
  static constexpr std::size_t most_flows = 32'768;  // directions; then quiet ones make room

  // Takes the segment inside the packet, where it holds one only, opened, and no replay. Calls `passed` for a direction
  // whose edge was acknowledged, before it is forgotten.
  void take(const Packet& packet, const std::function<void(const TcpDirection&)>& passed);
  // Segments for whose direction there was no room.
  [[nodiscard]] std::uint64_t left_out() const { return left_out_; }
  // All directions, in no particular order.
  void each(const std::function<void(const TcpDirection&)>& look) const;

 private:
  struct Key {
    IpAddress source, destination;
    std::uint16_t from = 0, to = 0;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const noexcept;
  };
  struct Met {
    Key key;
    wire::Tcp tcp;
    TcpSegment segment;
    std::size_t inner = 0;
    const OpenRecord* record = nullptr;
  };
  static std::optional<Met> segment_in(const Packet& packet);
  // Null where there is no room for a new one.
  TcpDirection* direction(const Key& key, Timestamp now);
  void make_room(Timestamp now);
  static void take_segment(const Packet& packet, const Met& met, TcpDirection& sending);
  static void remember(const TcpSegment& segment, TcpDirection& sending);
  static void take_edge(const Packet& packet, const Met& met, TcpDirection& sending);
  static void take_acknowledgment(const Packet& packet, const Met& met, TcpDirection& sending,
                                  const std::function<void(const TcpDirection&)>& passed);
  static void take_blocks(const wire::Tcp& tcp, TcpDirection& sending);

  static constexpr std::size_t marks = 16 * most_flows;

  std::unordered_map<Key, TcpDirection, Hash> flows_;
  // By a part of the hash, whether some flow may have it: when there are as many as there may be, most that are asked
  // for are new, and to find that out among the flows themselves is a wait for memory.
  std::vector<bool> marked_ = std::vector<bool>(marks);
  Timestamp room_made_;
  std::uint64_t met_ = 0, left_out_ = 0;
};

// Whether a sequence number comes behind another one.
inline bool is_after(std::uint32_t one, std::uint32_t other) { return static_cast<std::int32_t>(one - other) > 0; }

}  // namespace espdump
