// The state of a pre-decoder: what it shares with its decoder, and what it keeps for itself.
#pragma once

#include <memory>
#include <unordered_map>

#include <espdump/decoder.hpp>
#include <espdump/dissector.hpp>
#include <espdump/pre_decoder.hpp>

#include "decode/flow.hpp"
#include "decode/lessons.hpp"
#include "decode/opener.hpp"
#include "decode/pre_decoded.hpp"

namespace espdump {

struct PreDecoder::State {
  // An SA as this thread opens its packets. The opener is made for the first one.
  struct Known {
    Lesson lesson;
    bool tried = false;  // to make it
    std::unique_ptr<Opener> opener;
  };

  const ClaimTable& claims;
  const DecoderOptions options;
  Lessons& lessons;
  std::size_t heard = 0;  // lessons
  std::unordered_map<FlowKey, Known, FlowKeyHash> known{};
  Known* latest = nullptr;  // packets come in trains

  void learn(const Lesson& lesson);
  Known* find(const FlowKey& flow);
  Opener* opener_of(Known& sa) const;
  void prepare_esp(Packet& packet, PreDecoded::State& done);
  void open(Packet& packet, Known& sa, OpenedAhead& opened) const;
  void dissect_inside(Packet& packet, const Known& sa, PreDecoded::State& done) const;
};

}  // namespace espdump
