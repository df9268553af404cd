// Everything known of a packet as the lines of a tree: its layers, their fields, what opening showed, and which bytes
// each stands in.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <espdump/packet.hpp>

namespace espdump {

struct TreeLine {
  enum class Kind : std::uint8_t {
    layer,      // `name` is its title
    field,      // of the layer before
    concluded,  // as a field, but no bytes say so
    origin,     // the layers that follow stand in other bytes; `value` says where those come from
  };
  Kind kind = Kind::field;
  std::uint8_t depth = 0;  // of a field inside its layer
  std::string name, value;
  BufferIndex buffer = 0;
  std::size_t offset = 0, size = 0;  // in that buffer; size 0: no bytes of their own
  bool rebuilt = false;              // not carried on the wire
  bool quoted = false, malformed = false;
};

// "decrypted": where bytes come from.
std::string_view origin_text(Origin origin);

// In the order of the layers, outermost first; findings are not among it.
std::vector<TreeLine> tree_of(const Packet& packet);

}  // namespace espdump
