// What can be done for a frame before its turn, on any thread.
#pragma once

#include <memory>

#include <espdump/capture.hpp>
#include <espdump/decoder.hpp>
#include <espdump/packet.hpp>

namespace espdump {

// What a pre-decoder did for one frame, to be handed to Decoder::decode() with its packet; used again for the next.
class PreDecoded {
 public:
  PreDecoded();
  PreDecoded(PreDecoded&&) noexcept;
  PreDecoded& operator=(PreDecoded&&) noexcept;
  ~PreDecoded();

 private:
  friend class Decoder;
  friend class PreDecoder;
  struct State;
  std::unique_ptr<State> state_;
};

// Dissects frames ahead of a decoder, opens ESP packets under the SA that opened the last one of their flow, and
// dissects what comes out. It decides nothing: where the decoder would have done something else, it does that, and
// what comes of a frame is the same with or without. One per thread; the decoder must outlive it, and may decode while
// it works.
class PreDecoder {
 public:
  explicit PreDecoder(const Decoder& decoder);
  PreDecoder(PreDecoder&&) noexcept;
  PreDecoder& operator=(PreDecoder&&) noexcept;
  ~PreDecoder();

  // Takes in what the decoder has found out since: once per batch of frames. Without it nothing is opened.
  void catch_up();
  // Begins `out`, which keeps spans of `frame.bytes` as with Decoder::decode(). Ends the program when memory does.
  void prepare(const Frame& frame, Packet& out, PreDecoded& done) noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace espdump
