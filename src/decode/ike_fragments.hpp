// Fragments of IKE messages (RFC 7383), each decrypted by itself, joined in their order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <vector>

#include <espdump/bytes.hpp>

namespace espdump {

struct IkeFragment {
  std::uint32_t message_id = 0;
  bool response = false, from_initiator = false;
  std::uint16_t number = 0, total = 0;  // from 1
  std::uint8_t first_payload = 0;       // only that of the first fragment counts
  Bytes plaintext;
};

// Of one IKE SA. Bounded: few messages at a time, of which the oldest makes room, and so many bytes of each.
class IkeFragments {
 public:
  struct Whole {
    std::uint8_t first_payload = 0;
    Bytes payloads;  // valid until the next call
  };
  // What the fragment completes. Of a message sent again in smaller pieces the set with the larger total counts
  // (section 2.5.2); a message that is whole is handed out once.
  std::optional<Whole> add(const IkeFragment& fragment);

  // Messages that made room, or were too large to be kept.
  [[nodiscard]] std::uint64_t given_up() const { return given_up_; }

 private:
  static constexpr std::size_t most_messages = 8, most_bytes = 256 * 1024, most_fragments = 512;

  struct Message {
    std::uint32_t message_id = 0;
    bool response = false, from_initiator = false, done = false, given_up = false;
    std::uint8_t first_payload = 0;
    std::size_t bytes = 0, seen = 0;
    std::vector<std::optional<std::vector<std::uint8_t>>> pieces;
  };
  Message& message_of(const IkeFragment& fragment);
  void give_up(Message& message);

  std::list<Message> messages_;  // the newest last
  std::vector<std::uint8_t> joined_;
  std::uint64_t given_up_ = 0;
};

}  // namespace espdump
