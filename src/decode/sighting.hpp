// Recognises a packet that was captured twice: on `any`, on both sides of a router, by a mirror port.
#pragma once

#include <cstdint>

#include <espdump/address.hpp>
#include <espdump/packet.hpp>

#include "base/latest_table.hpp"

namespace espdump {

// One ESP or AH packet as it was met, with the evidence that tells a copy from a replay.
struct Sighting {
  std::uint64_t digest = 0;  // of the bytes from SPI to the end of the ICV, and their number
  std::uint64_t link = 0;    // of what stands before the IP header, and the interface
  FrameNumber frame = 0;
  std::int64_t time = 0;    // nanoseconds
  std::uint64_t files = 0;  // of the first 64 captures, those that have the packet
  std::uint32_t sequence = 0;
  SaNumber sa = 0;  // where the first sighting was counted
  std::uint16_t file = 0;
  std::uint16_t ip_id = 0;  // 0 under IPv6
  std::uint8_t ttl = 0;
  bool any_device = false;  // Linux cooked version 1, which does not tell interfaces apart
  bool in_stream = false;   // out of a TCP stream, which shows each byte once however often it was captured
};

// Where a sighting stands in the SightingLog of a run; 0: nowhere.
using SightingPlace = std::uint32_t;
class SightingLog;

// Where and when the bytes of a packet were met, as far as it tells one place of a path from another.
struct MetAt {
  std::int64_t time = 0;   // nanoseconds
  std::uint64_t link = 0;  // as in Sighting
  std::uint8_t ttl = 0;
  bool any_device = false;
};

// What the second of two meetings with the same bytes may be: of the same packet, at another place or at the same one,
// or of another packet.
enum class Nearness : std::uint8_t { other, elsewhere, same_place };
Nearness nearness(const MetAt& before, const MetAt& now, bool other_file) noexcept;

// Whether `now` is the very packet of `before`, captured again. The same bytes alone do not decide it: a replay has
// them too. A second capture point shows in another link header, TTL, interface or file, and in a gap of at most
// milliseconds; without any difference only a gap too short for a sender counts.
bool is_captured_again(const Sighting& before, const Sighting& now) noexcept;

// The same; where it is one, notes that the capture of `now` has the packet, too.
bool is_copy(Sighting& before, const Sighting& now) noexcept;

// The latest sightings of one flow, by sequence number; small while the flow is. They themselves stand in a log.
class SightingRing {
 public:
  // The sighting of which `now` is a second capture, or null. Valid until the log grows.
  // Of several captures the first sighting in each is taken for the same packet, any further one has to prove it.
  [[nodiscard]] const Sighting* find_copied(const Sighting& now, SightingLog& log) const noexcept;
  // Asks for what a packet with that number will look at.
  void expect(std::uint32_t sequence) const noexcept { latest_.expect(sequence); }
  // Adds it to the log, too, as counted under that SA.
  void remember(const Sighting& now, SaNumber sa, SightingLog& log);

 private:
  struct Slot {
    SightingPlace place = 0;
    std::uint32_t sequence = 0;
    [[nodiscard]] std::uint32_t number() const { return sequence; }
  };
  using Table = LatestTable<Slot, 8, 256>;
  Table latest_;
  Table other_bytes_;  // what had a number before other bytes with that number came: cut, damaged or forged ones
};

}  // namespace espdump
