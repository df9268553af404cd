// A TCP connection inside a pair of SAs, spoken packet by packet.
#pragma once

#include <string>

#include "support/decoding.hpp"

namespace espdump::test {

struct Talk {
  static constexpr std::int64_t second = 1'000'000'000;
  SaText forth, back{"192.0.2.2", "192.0.2.1", 0x2002, "tunnel", other_gcm};
  Rig rig;
  std::uint64_t sent = 0, answered = 0;
  std::uint16_t client = 40000;

  explicit Talk(bool with_keys = true) : rig(with_keys ? std::vector<SaText>{forth, back} : std::vector<SaText>{}) {}

  // A segment of so many bytes from the client; `lost`: sent, but not captured.
  Talk& say(std::uint32_t number, std::size_t size, std::uint8_t flags = 0x18, std::int64_t gap = second / 10,
            bool lost = false, std::uint16_t mss = 0);
  Talk& lose(std::uint32_t number, std::size_t size) { return say(number, size, 0x18, second / 10, true); }
  // An acknowledgment from the server; of SACK blocks at most one, empty where its ends are equal.
  Talk& answer(std::uint32_t acknowledged, std::uint8_t flags = 0x10, std::uint32_t left = 0, std::uint32_t right = 0,
               std::uint16_t mss = 0, std::int64_t gap = 1'000'000);
  // The same segment several times, after twice the time each.
  Talk& again(std::uint32_t number, std::size_t size, int times);
  // Lets the analysers finish.
  std::size_t count(const FindingInfo& info);
  [[nodiscard]] std::string told(const FindingInfo& info) const { return rig.told(info); }
};

// After SYN, SYN/ACK and ACK; the client's data begin at 1001, the server's at 5001.
struct OpenedTalk : Talk {
  explicit OpenedTalk(bool with_keys = true, std::uint16_t mss = 1460, std::uint16_t mss_back = 1460);
};

}  // namespace espdump::test
