// Cuts one direction of a TCP connection into messages: RFC 9329 section 3. Where the beginning is not in the capture,
// or bytes are missing, it looks for a place where messages follow each other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <espdump/bytes.hpp>

#include "decode/stream.hpp"

namespace espdump {

inline constexpr std::string_view tcp_prefix = "IKETCP";  // what the initiator sends first

struct TcpMessage {
  enum class Kind : std::uint8_t {
    message,  // a length field with what it counts
    prefix,
    broken,  // a length field that does not even count itself
  };
  Kind kind = Kind::message;
  Bytes bytes{};           // valid until the next read()
  std::size_t length = 0;  // on the wire; more than bytes.size() where bytes are missing
  bool captured = false;   // the bytes lie in the segment just read
};

class TcpFraming {
 public:
  enum class State : std::uint8_t {
    prefix,    // the very first bytes of the initiator are expected
    messages,  // a message begins here, or goes on
    search,    // where messages begin is not known
  };

  void begin(State state);
  // Appends the messages that became whole, or known to stay incomplete. `known`: sorted SPIs of ESP SAs.
  void read(std::span<const StreamRun> runs, std::span<const std::uint32_t> known, std::vector<TcpMessage>& out);

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] std::size_t bytes() const { return pending_.size(); }  // of messages that are not whole

 private:
  // A place in pending_ where a message may begin; more bytes will tell.
  struct Candidate {
    std::size_t offset = 0;
    bool begins_run = false;  // senders mostly write a message at a time
  };

  // Bytes to be read, and whether they lie in the segment.
  struct Input {
    Bytes bytes;
    bool captured = false;
    Bytes take(std::size_t size);
  };

  void read_prefix(Input& in, std::vector<TcpMessage>& out);
  void read_messages(Input& in, std::vector<TcpMessage>& out);
  void finish_pending(Input& in, std::vector<TcpMessage>& out);
  void search(Input& in, std::span<const std::uint32_t> known);
  [[nodiscard]] std::optional<std::size_t> find_message(Bytes bytes, std::size_t fresh,
                                                        std::span<const std::uint32_t> known);
  void lose(std::size_t size, std::vector<TcpMessage>& out);
  void lose_message_part(std::size_t& size, std::vector<TcpMessage>& out);
  void emit_pending(TcpMessage::Kind kind, std::size_t length, std::vector<TcpMessage>& out);
  void break_off(std::vector<TcpMessage>& out);

  State state_ = State::search;
  std::vector<std::uint8_t> pending_;
  std::vector<std::vector<std::uint8_t>> joined_;  // behind what the last read() gave
  std::size_t skip_ = 0;                           // bytes to come of a message that is given up
  std::vector<Candidate> candidates_;
  std::size_t searched_ = 0;  // bytes in vain
};

}  // namespace espdump
