// What was done for a frame before its turn, as the decoder finds it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <espdump/dissector.hpp>
#include <espdump/pre_decoder.hpp>

#include "decode/ip_layer.hpp"
#include "decode/opener.hpp"
#include "decode/work.hpp"

namespace espdump {

// An ESP packet, and what trying one SA showed. Trying is a function of what stands here: whoever would try the same
// may take the result.
struct OpenedAhead {
  Bytes sealed;
  const SecurityAssociation* association = nullptr;  // null: nothing was tried
  std::uint32_t high = 0;
  Opener::Outcome outcome = Opener::Outcome::bad_icv;
  MutableBytes plaintext;             // empty where it was verified only
  std::optional<EspTrailer> trailer;  // where it was opened

  [[nodiscard]] bool answers(const SecurityAssociation& sa, std::uint32_t half, Bytes bytes) const {
    return association == &sa && high == half && sealed.data() == bytes.data() && sealed.size() == bytes.size();
  }
};

// Layers, findings and end of a chain that was dissected ahead.
struct ChainAhead {
  Bytes bytes;  // empty: there is none
  Claim claim;
  BufferIndex buffer = 0;
  std::size_t first = 0;  // index of its first layer in the packet, and of what it came out of
  LayerIndex outer = no_layer;
  std::vector<Layer> layers;
  Findings findings;
  ChainEnd end;

  [[nodiscard]] bool answers(const Packet& packet, const Work& work) const {
    return !bytes.empty() && work.bytes.data() == bytes.data() && work.bytes.size() == bytes.size() &&
           work.claimed == bytes.size() && work.claim == claim && work.buffer == buffer && work.outer == outer &&
           packet.layers().size() == first;
  }
};

struct PreDecoded::State {
  ChainEnd end;  // of the frame's own layers
  // Of the ESP layer that these end in.
  std::optional<IpLayer> ip;  // around it; nothing: there is no such layer
  Sighting sighting;
  OpenedAhead opened;
  ChainAhead inside;
};

}  // namespace espdump
