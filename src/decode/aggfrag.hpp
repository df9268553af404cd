// Takes inner packets out of AGGFRAG payloads: RFC 9347 section 2.2. Whole ones at once, those in pieces when the last
// piece comes, in whatever order. Bounded in SAs, packets and bytes; what is given up is counted.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include <espdump/bytes.hpp>
#include <espdump/finding.hpp>

namespace espdump {

// What one ESP packet carries.
struct AggfragPayload {
  SaNumber sa = 0;
  std::uint64_t sequence = 0;  // 64 bits under ESN
  std::size_t block_offset = 0;
  Bytes blocks;           // behind the header
  bool joins = true;      // false for what a receiver drops, as replays: its pieces complete nothing
  bool restarts = false;  // the sender's numbers began anew
};

class AggfragReassembler {
 public:
  struct Limits {
    std::size_t sas = 1024;
    std::size_t packets = 64;              // of one SA, in a row
    std::size_t bytes_of_sa = 256U << 10;  // of pieces, and what keeping them costs
    std::size_t bytes = 16U << 20;
  };
  struct Inner {
    Bytes bytes;          // an IP packet, exactly
    bool joined = false;  // from several payloads; valid until the next add(). Else it lies in `blocks`
  };
  struct Outcome {
    std::vector<Inner> inner{};
    std::string malformed{};  // what breaks the rules; empty: nothing
  };

  AggfragReassembler() : AggfragReassembler(Limits{}) {}
  explicit AggfragReassembler(const Limits& limits) : limits_(limits) {}
  ~AggfragReassembler();
  AggfragReassembler(const AggfragReassembler&) = delete;
  AggfragReassembler& operator=(const AggfragReassembler&) = delete;

  Outcome add(const AggfragPayload& payload);

  [[nodiscard]] std::uint64_t incomplete() const { return incomplete_; }  // inner packets given up
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  using Octets = std::vector<std::uint8_t>;
  // What a payload has of blocks that it does not hold whole.
  struct Pieces {
    std::size_t block_offset = 0;
    Octets head{};          // the end, or the middle, of a block begun before
    Octets tail{};          // the beginning of a block that goes on behind
    std::size_t left = 0;   // bytes of the block of `head` in later payloads
    bool has_tail = false;  // there was one; it may be used up
  };
  using Window = std::map<std::uint64_t, Pieces>;  // by sequence number
  struct Association {
    SaNumber number = 0;
    Window window{};
    std::size_t bytes = 0;
  };
  using Associations = std::list<Association>;  // the longest unused first

  Association& find(SaNumber number);
  bool keep(Association& sa, const AggfragPayload& payload, Bytes tail);
  void check_neighbours(Association& sa, std::uint64_t sequence, std::string& malformed);
  static std::uint64_t first_of(const Window& window, std::uint64_t sequence);
  void complete(Association& sa, std::uint64_t first, Outcome& outcome);
  void release(Association& sa, Octets& bytes);
  void make_room(Association& sa);
  void drop_oldest(Association& sa);
  void drop(Associations::iterator sa);
  void forget_joined();

  Limits limits_;
  Associations associations_;
  std::unordered_map<SaNumber, Associations::iterator> by_number_;
  std::vector<Octets> joined_;
  std::size_t bytes_ = 0;
  std::uint64_t incomplete_ = 0;
};

}  // namespace espdump
