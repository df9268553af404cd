// The TCP connections that carry ESP and IKE: RFC 9329. Which they are, and what they carry, in order.
// Bounded in connections, bytes and idle time; what is given up is counted.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include <espdump/address.hpp>
#include <espdump/decoder.hpp>
#include <espdump/keystore.hpp>
#include <espdump/wire/tcp.hpp>

#include "decode/stream.hpp"
#include "decode/taken_on.hpp"
#include "decode/tcp_framing.hpp"

namespace espdump {

// A TCP segment as it was met.
struct TcpSegment {
  IpAddress source, destination;
  wire::Tcp header;
  Bytes payload;           // as far as captured
  std::size_t length = 0;  // of the payload on the wire
  std::uint8_t scope = 0;  // nesting depth, so that outer and inner connections never mix
  Timestamp time;
};

class TcpEncapsulation {
 public:
  struct Limits {
    std::size_t connections = 512;
    std::size_t bytes = 16U << 20;          // waiting in all of them
    std::int64_t idle = 3'600'000'000'000;  // nanoseconds
    StreamBuffer::Limits stream{};
  };
  struct Outcome {
    std::span<const TcpMessage> messages{};  // that this segment completed; valid until the next call
    bool disagrees = false;                  // it contradicts bytes that wait for others
  };
  struct Counters {
    std::uint64_t evicted = 0;  // connections given up with a message begun
    std::uint64_t gaps = 0;     // places between messages, or in one, where bytes are missing
  };

  explicit TcpEncapsulation(const Keystore& store) : TcpEncapsulation(store, Limits{}) {}
  TcpEncapsulation(const Keystore& store, const Limits& limits);
  TcpEncapsulation(TcpEncapsulation&&) = default;
  TcpEncapsulation& operator=(TcpEncapsulation&&) = default;
  TcpEncapsulation(const TcpEncapsulation&) = delete;
  TcpEncapsulation& operator=(const TcpEncapsulation&) = delete;
  ~TcpEncapsulation() = default;

  Outcome add(const TcpSegment& segment);

  // As PerCapture wants it. A gap that was taken over counts there, and here once a segment has changed it.
  void take_over(const TcpEncapsulation& before);
  [[nodiscard]] bool is_idle() const { return connections_.empty(); }
  [[nodiscard]] std::size_t cost() const;
  [[nodiscard]] Unfinished unfinished() const;
  void count_anew();

  [[nodiscard]] const Counters& counters() const { return counters_; }
  [[nodiscard]] std::size_t connections() const { return connections_.size(); }
  [[nodiscard]] std::size_t waiting() const;  // directions in which messages wait for bytes before them
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  struct Direction {
    StreamBuffer buffer;
    TcpFraming framing;
    bool read = false;        // the framing has begun
    bool prefixed = false;    // it begins with the prefix
    bool taken_over = false;  // as it is
    // Of the buffer after so many changes, see Unfinished.
    std::optional<std::pair<std::uint64_t, std::uint64_t>> state{};
    [[nodiscard]] std::size_t bytes() const { return buffer.bytes() + framing.bytes(); }
    // Of messages, not of something else on the same port.
    [[nodiscard]] bool has_messages() const { return framing.state() == TcpFraming::State::messages; }
    [[nodiscard]] bool waits() const { return has_messages() && buffer.waits(); }
  };
  // Both ends, the lower one first, so that both directions find it.
  struct Key {
    std::array<IpAddress, 2> addresses;
    std::array<std::uint16_t, 2> ports{};
    std::uint8_t scope = 0;
    bool operator==(const Key&) const = default;
  };
  struct Connection {
    Key key;
    std::array<Direction, 2> directions{};  // [0]: sent by the lower end
    Timestamp last{};
    bool by_prefix = false;  // no port told it
    [[nodiscard]] std::size_t bytes() const { return directions[0].bytes() + directions[1].bytes(); }
  };
  using Connections = std::list<Connection>;  // the longest idle first
  struct Hash {
    std::size_t operator()(const Key& key) const noexcept;
  };

  static Key key_of(const TcpSegment& segment, std::size_t& sender);
  [[nodiscard]] bool is_known_port(const wire::Tcp& tcp) const;
  Connection* find(const Key& key, const TcpSegment& segment);
  void read(Connection& connection, std::size_t sender);
  void learn();
  void learn(std::uint32_t spi);
  static std::uint64_t state_of(const Key& key, std::size_t sender, const Direction& direction);
  [[nodiscard]] std::optional<std::uint64_t> state_to_tell(Connection& connection, std::size_t sender) const;
  void take_on(Direction& direction, std::optional<std::uint64_t> state_before);
  void make_room(Timestamp now);
  void evict(Connections::iterator connection);

  Limits limits_;
  std::vector<std::uint16_t> ports_;  // sorted
  std::vector<std::uint32_t> spis_;   // sorted: of loaded SAs, and some that were seen
  std::size_t learned_ = 0;
  Connections connections_;
  std::unordered_map<Key, Connections::iterator, Hash> by_key_;
  std::size_t by_prefix_ = 0;  // of the connections
  std::size_t bytes_ = 0;
  Counters counters_;
  TakenOn taken_on_;
  std::vector<StreamRun> runs_;
  std::vector<TcpMessage> messages_;
};

}  // namespace espdump
