// Which of a flow's candidates opens a packet.
#pragma once

#include <cstdint>
#include <optional>

#include <espdump/packet.hpp>

#include "decode/flow.hpp"
#include "decode/opener.hpp"
#include "decode/pre_decoded.hpp"

namespace espdump {

// An ESP or AH packet as it was met: whole IP payload, after reassembly and decapsulation.
struct Arrival {
  SealedPacket sealed;
  std::size_t length = 0;  // on the wire
  Sighting sighting;
  bool is_dropped_before = false;      // by a Linux receiver, before it looks for an SA
  const OpenedAhead* ahead = nullptr;  // where a pre-decoder met it, whatever it did

  [[nodiscard]] std::uint32_t low_half() const { return static_cast<std::uint32_t>(sighting.sequence); }
};

// A candidate under which a packet verified, or which has no integrity to verify.
struct Opening {
  Candidate* candidate = nullptr;  // null: none
  Opener::Outcome outcome = Opener::Outcome::bad_icv;
  std::uint32_t high = 0;             // of the sequence number
  std::optional<EspTrailer> trailer;  // its payload lives in the arena of the packet, of AH where it stood
  bool believed = false;              // it verified, or makes sense
};

class Trials {
 public:
  explicit Trials(bool verify_only) : verify_only_(verify_only) {}

  Opening open(Flow& flow, const Arrival& input, Packet& packet) const;
  // Tries what open() left out because of packets before: all candidates without integrity, and of those that failed
  // all high halves, where these are not among many.
  void try_others(Flow& flow, const Arrival& input, Packet& packet) const;
  // Whether what a candidate's packets carry is taken out.
  [[nodiscard]] bool will_open(const Candidate& candidate) const { return !verify_only_ && candidate.can_open; }

 private:
  class Room;
  [[nodiscard]] bool is_believed(const Candidate& candidate, const Opening& opening) const;
  bool finds_icv(Candidate& candidate, const Arrival& input, Packet& packet) const;
  Opening search(Flow& flow, const Arrival& input, Packet& packet, const Opening& first) const;
  Opening attempt(Candidate& candidate, const Arrival& input, Packet& packet) const;
  Opening try_candidate(Candidate& candidate, const Arrival& input, Packet& packet) const;
  Opening try_high_half(Candidate& candidate, const Arrival& input, std::uint32_t high, Room& room) const;

  bool verify_only_;
};

}  // namespace espdump
