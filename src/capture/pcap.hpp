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
  // What a record that begins here would be long, and 0 where none does. Of bytes that are a record's this is never 0,
  // but for records of more than usual_record, of nothing, and with a fraction of a second that is a second.
  [[nodiscard]] std::size_t looks_like_record(Bytes here) const;
  // Everything that readers of a part need to know stands in the file header.
  static void read_descriptions(Source&) {}
  static std::uint64_t descriptions() { return 0; }
  static constexpr std::size_t alignment = 1;
  // So far behind every header whose two lengths are equal there is what looks like another, of the same length: it has
  // the second as its first.
  static constexpr std::size_t echo = 4;

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
