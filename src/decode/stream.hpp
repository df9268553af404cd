// One direction of a TCP connection put in order, as its receiver does it: RFC 9293 section 3.10.7.4.
// Bounded in bytes, parts and patience; what stays missing is handed on as a number of lost bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include <espdump/address.hpp>

namespace espdump {

struct StreamSegment {
  std::uint32_t sequence = 0;
  Bytes bytes;             // as far as captured
  std::size_t length = 0;  // on the wire
  bool syn = false;
  bool ends = false;  // FIN or RST
};

// The next bytes of a stream, or word of some that will never come.
struct StreamRun {
  Bytes bytes;
  std::size_t lost = 0;   // where there are no bytes: so many are not in the capture
  bool captured = false;  // they lie in the segment just added; else they are valid until the next add()
};

class StreamBuffer {
 public:
  struct Limits {
    std::size_t bytes = 1U << 20;  // waiting for others, and what keeping them costs
    std::size_t parts = 1024;
    std::int64_t patience = 10'000'000'000;            // nanoseconds until what is missing is given up
    std::int64_t acknowledged_patience = 100'000'000;  // the same once its receiver has acknowledged it
    std::int64_t window = 16 << 20;                    // bytes; what lies farther off belongs to another connection
  };
  struct Outcome {
    bool disagrees = false;  // bytes still waiting came again with other values; the first ones are kept
    bool anew = false;       // another connection begins: nothing of before counts
  };

  StreamBuffer() : StreamBuffer(Limits{}) {}
  explicit StreamBuffer(const Limits& limits) : limits_(limits) {}

  // Appends what has become readable to `runs`, in order.
  Outcome add(const StreamSegment& segment, Timestamp time, std::vector<StreamRun>& runs);
  // The receiver has everything before `sequence`: what is missing there was never captured.
  void acknowledge(std::uint32_t sequence);

  [[nodiscard]] bool from_its_start() const { return saw_syn_; }  // nothing lies before the first run
  [[nodiscard]] bool waits() const { return !parts_.empty(); }
  [[nodiscard]] std::size_t bytes() const { return cost_; }   // waiting, and what keeping them costs
  [[nodiscard]] std::uint64_t gaps() const { return gaps_; }  // given up so far
  // What has come and what waits, without its bytes: two streams of a connection that are alike so far have the same.
  [[nodiscard]] std::vector<std::uint8_t> state() const;
  [[nodiscard]] std::uint64_t changes() const { return changes_; }  // of state() so far

 private:
  using Position = std::uint64_t;  // counts on where sequence numbers wrap
  struct Part {
    std::vector<std::uint8_t> bytes{};
    std::size_t cut = 0;  // where there are no bytes: so many were cut off by the snap length
    Timestamp since{};
    [[nodiscard]] std::size_t size() const { return bytes.size() + cut; }
  };
  using Parts = std::map<Position, Part>;  // never overlapping
  // Some of a segment's data: bytes, or a number of those that the snap length cut off.
  struct Piece {
    Position from = 0;
    Bytes bytes{};
    std::size_t cut = 0;
    [[nodiscard]] Position end() const { return from + bytes.size() + cut; }
    [[nodiscard]] Piece between(Position first, Position last) const;
  };

  void start(const StreamSegment& segment);
  [[nodiscard]] Position position_of(std::uint32_t sequence) const;
  bool is_stranger(const StreamSegment& segment);
  bool take(const Piece& piece, Timestamp time, std::vector<StreamRun>& runs);
  void keep(const Piece& piece, Timestamp time);
  void hand_on(const Piece& piece, bool captured, std::vector<StreamRun>& runs);
  void release(Timestamp time, std::vector<StreamRun>& runs);
  [[nodiscard]] bool should_give_up(Timestamp time) const;

  Limits limits_;
  bool started_ = false, saw_syn_ = false, ended_ = false;
  std::uint32_t syn_ = 0;
  Position next_ = 0;           // of the first byte not handed on
  Position acknowledged_ = 0;   // everything before it arrived
  std::uint32_t stranger_ = 0;  // where a segment of another connection would go on
  int strangers_ = 0;           // how many have, each behind the other
  std::size_t cost_ = 0;
  std::uint64_t gaps_ = 0, changes_ = 0;
  Parts parts_;
  std::vector<std::vector<std::uint8_t>> released_;
};

}  // namespace espdump
