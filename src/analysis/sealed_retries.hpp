// What black holes look like from outside: a packet of one size sent again and again, each time after about twice the
// time (RFC 6298 section 5.5), or single numbers that are missing at such times.
#pragma once

#include <espdump/analysis.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <vector>

namespace espdump {

// Times that double.
class Backoff {
 public:
  // Another event; starts anew where the time since the last is not about twice the one before.
  void add(const Packet& packet);
  [[nodiscard]] std::uint32_t doublings() const { return doublings_; }
  [[nodiscard]] const FrameList& frames() const { return frames_; }
  [[nodiscard]] std::int64_t span() const { return last_.nanoseconds - first_.nanoseconds; }

 private:
  FrameList frames_;
  Timestamp first_, last_;
  FrameNumber last_frame_ = 0;
  std::uint16_t last_file_ = 0;
  std::int64_t gap_ = 0;  // 0: there is none yet
  std::uint32_t doublings_ = 0;
};

struct SealedRetry {
  SaNumber sa = 0;
  FrameNumber last_frame = 0;
  std::uint16_t file = 0;
  std::size_t size = 0;     // on the wire; 0: numbers that are missing
  std::size_t smaller = 0;  // the largest of the other packets
  FrameList frames;         // that were sent; of missing numbers the ones behind them
  std::int64_t span = 0;
};

class SealedRetries {
 public:
  // A packet outside all tunnels that was not opened.
  void take(const Packet& packet, const OpenRecord& record);
  // Those that the other end outlived, best evidence of each SA.
  [[nodiscard]] std::vector<SealedRetry> found() const;
  // Packets of further SAs than are followed.
  [[nodiscard]] std::uint64_t left_out() const { return left_out_; }

 private:
  struct Sender {
    SaNumber sa = 0;
    std::size_t size = 0;  // the largest, which is watched
    std::size_t smaller = 0;
    Backoff sent, missing;
    bool sent_heard = false, missing_heard = false;  // the other end, after the third doubling
    bool waits = false;                              // among Path::waiting
    std::uint64_t number = 0;
    Timestamp last;
    FrameNumber last_frame = 0;
    std::uint16_t file = 0;
  };
  using Direction = std::pair<IpAddress, IpAddress>;
  struct Path {
    std::map<SaNumber, Sender> senders;
    std::vector<Sender*> waiting;  // for the other end to be heard
  };
  static constexpr std::size_t most_senders = 4096;
  void take_size(const Packet& packet, std::size_t size, Sender& sender);
  static void take_number(const Packet& packet, std::uint64_t number, Sender& sender);
  void hear(const OpenRecord& record);

  std::map<Direction, Path> paths_;
  std::size_t count_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace espdump
