// Bytes that the peel loop still has to dissect, and where they come from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <espdump/dissector.hpp>
#include <espdump/packet.hpp>

namespace espdump {

// What stands around some bytes of a packet.
struct Nesting {
  std::size_t inner = InnerPacket::none;  // which inner packet they belong to
  std::optional<std::size_t> opened;      // the place in Packet::ipsec() of the ESP or AH that was opened last
  bool refused = false;  // the ICV of some AH is bad: what it carries can be seen, but nobody received it
};

struct Work {
  BufferIndex buffer = 0;
  Bytes bytes;
  std::size_t claimed = 0;
  Claim claim;
  Nesting nesting{};
  LayerIndex outer = no_layer;  // what they came out of
  std::size_t depth = 0;        // how many unwraps led here
  std::uint32_t chain = 0;      // which chain it is of those that a FrameRecord has
};

constexpr Claim ip_version_claim(std::uint8_t first_byte) {
  return {Space::ip_version, static_cast<std::uint32_t>(first_byte >> 4)};
}

}  // namespace espdump
