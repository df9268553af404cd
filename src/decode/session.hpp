// What is kept for one SA as it is seen on the wire: its numbers, its receiver's window, its counts.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <espdump/decoder.hpp>

#include "base/latest_table.hpp"
#include "decode/nonce_log.hpp"
#include "decode/replay_window.hpp"
#include "decode/sighting.hpp"

namespace espdump {

// Which packet had a sequence number first. Not padded: there are thousands of them.
struct FirstUse {
  SightingPlace place = 0;
  std::uint32_t low = 0, high = 0;  // of the number
  [[nodiscard]] std::uint64_t number() const { return std::uint64_t{high} << 32 | low; }
};

// How an authentic packet came out of its SA, as far as the window is concerned.
struct Authentic {
  std::uint64_t sequence = 0;
  bool other_cycle = false;  // verified in another ESN cycle than the receiver would have tried
  // A Linux receiver errs at or after the ICV, before its window moves (padding of AH, dummy, unusable trailer).
  bool receiver_fails = false;
  bool is_dropped_before = false;  // by a Linux receiver, before it looks for an SA
  const Sighting* sighting = nullptr;
};

class Session {
 public:
  Session(SaNumber number, const SecurityAssociation* association);

  SaStatistics counts;
  std::uint32_t repairs_tried = 0;  // packets in which a flipped bit was looked for
  bool cipher_proven = false;       // what it yielded once was a packet beyond doubt
  bool cipher_doubted = false;      // what it yielded once was none
  NonceRun nonces;

  // The high half of the 64-bit number as a Linux receiver would infer it; 0 without ESN. Where the SA has no window,
  // as in a sender's dump, inferred from the newest number seen.
  [[nodiscard]] std::uint32_t high_half(std::uint32_t low) const;
  // A packet has verified before, so that high_half() means something.
  [[nodiscard]] bool started() const { return numbers_.count() != 0; }

  // Counts a packet that verified, or that an SA without integrity cannot verify, and says what it is. Its sighting is
  // the next to be added to `log`, where those of the packets before it are.
  void accept(const Authentic& packet, SightingLog& log, OpenRecord& record);
  // How far a Linux receiver gets with a packet.
  enum class Reached : std::uint8_t {
    nothing,  // dropped before an SA is looked for
    number,   // the number is checked, then it is too short for an ICV
    icv,
  };
  // Asks for what a packet with that number will look at.
  void expect(std::uint32_t low) const noexcept { history_.expect(low); }
  // Counts a packet whose ICV is bad.
  void refuse(std::uint32_t low, Reached reached);
  // Counts one of an SA without integrity that a receiver cannot make sense of.
  void refuse_form(std::uint32_t low, Reached reached);
  // Notes the number of a packet that nobody can verify: no SA, no key, or cut.
  void note_unverified(std::uint32_t low) { unverified_.insert(low); }

  // The counts with numbers, losses and gaps brought up to date.
  [[nodiscard]] SaStatistics statistics() const;

 private:
  // Counts what the check of the number refuses. Whether it passes.
  bool pass_in_kernel(std::uint32_t low);
  void accept_in_kernel(const Authentic& packet);
  void start(const Authentic& packet, bool is_first);
  void repeat(const Authentic& packet, SightingLog& log, OpenRecord& record);
  std::uint32_t window() const { return counts.association != nullptr ? counts.association->replay_window : 0; }

  KernelReplay kernel_;
  bool kernel_begun_ = false;  // the receiver took a packet, with which its window began
  SeenNumbers numbers_;
  SeenNumbers unverified_;
  LatestTable<FirstUse, 16, 8192> history_;
};

}  // namespace espdump
