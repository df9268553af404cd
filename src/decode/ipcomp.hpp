// Undoing IP payload compression: RFC 3173, with DEFLATE as in RFC 2394.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <espdump/packet.hpp>

#include "decode/unpack.hpp"

struct z_stream_s;

namespace espdump {

// Inflates raw DEFLATE streams one by one; the state of zlib is kept between them. Not for two threads at once.
class Inflater {
 public:
  static constexpr std::size_t largest = 65'535;  // no IP packet is longer

  enum class Outcome : std::uint8_t {
    whole,     // the stream ended; bytes behind its end are padding to Linux, and here
    damaged,   // no DEFLATE
    endless,   // it does not end where the bytes do
    too_long,  // it inflates to more than `largest`
  };

  // What was inflated, or as much of it as there is, stands in inflated() until the next call.
  Outcome inflate(Bytes deflated);
  [[nodiscard]] Bytes inflated() const { return Bytes{space_}.first(used_); }
  void forget() noexcept;  // overwrites it

 private:
  struct End {
    void operator()(z_stream_s* stream) const noexcept;
  };
  bool rewind();

  std::unique_ptr<z_stream_s, End> stream_;
  std::vector<std::uint8_t> space_;
  std::size_t used_ = 0;
};

// What an `ipcomp` layer carries, in a buffer of its own. Nothing where it is cut by the capture, compressed in another
// way than DEFLATE, or damaged, of which a finding tells; `authentic` is whether a verified ICV covers it.
std::optional<Unwrapped> decompress(Packet& packet, const Layer& layer, bool authentic, Inflater& inflater);

}  // namespace espdump
