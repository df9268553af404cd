// Classic pcap files: a file header of 24 bytes, then records of 16 (modified: 24) header bytes and the frame.
#pragma once

#include <espdump/capture.hpp>

#include "capture/byte_order.hpp"
#include "capture/source.hpp"

namespace espdump::capture {

class PcapFile {
 public:
  static bool recognises(Bytes first_bytes);
  // Reads the file header. Errors: cut short, unknown version.
  static Result<PcapFile> open(Source& source);
  // The next record; false: there is none, and `damage` may say why.
  bool next(Source& source, Frame& frame, std::optional<Error>& damage);
  // next() needs no more bytes than these.
  [[nodiscard]] bool has_next(Bytes here) const;

 private:
  // What early versions did with the two lengths of a record.
  enum class Lengths : std::uint8_t { captured_first, wire_first, larger_is_wire };
  struct Record {
    std::size_t captured;
    std::size_t wire;
  };
  [[nodiscard]] Record lengths(Bytes header) const;

  Order order_ = Order::little;
  Lengths lengths_ = Lengths::captured_first;
  std::size_t header_size_ = 16;
  std::int64_t tick_ = 1000;  // nanoseconds
  std::uint32_t link_type_ = 0;
};

}  // namespace espdump::capture
