// pcapng files: sections of blocks; interfaces are described by blocks, packets name their interface.
#pragma once

#include <vector>

#include <espdump/capture.hpp>

#include "capture/byte_order.hpp"
#include "capture/source.hpp"

namespace espdump::capture {

// Turns the ticks of an interface into nanoseconds since 1970.
struct Clock {
  std::uint8_t resolution = 6;      // if_tsresol: a negative power of 10 or, with the top bit set, of 2
  std::int64_t offset_seconds = 0;  // if_tsoffset
  // Saturates: a time beyond the year 2262 becomes the last one there is.
  [[nodiscard]] Timestamp time(std::uint64_t ticks) const;
};

class PcapngFile {
 public:
  static bool recognises(Bytes first_bytes);
  // Reads the first section header. Errors: cut short, damaged, unknown version.
  static Result<PcapngFile> open(Source& source);
  // The next packet; false: there is none, and `damage` may say why.
  bool next(Source& source, Frame& frame, std::optional<Error>& damage);
  // next() needs no more bytes than these.
  [[nodiscard]] bool has_next(Bytes here) const;
  // What a block that begins here would be long, and 0 where none does. Of bytes that are a block this is never 0, but
  // for those of more than usual_record.
  [[nodiscard]] std::size_t looks_like_record(Bytes here) const;
  // Takes what stands before the first packet: of an interface described behind it a reader of a part knows nothing.
  void read_descriptions(Source& source);
  // A hash of all descriptions of sections and interfaces so far.
  [[nodiscard]] std::uint64_t descriptions() const { return descriptions_; }
  static constexpr std::size_t alignment = 4, echo = 0;

 private:
  struct Interface {
    std::uint32_t link_type = 0;
    std::size_t snap_length = 0;  // 0: unlimited
    Clock clock;
  };
  struct Block {
    std::uint32_t type = 0;
    Bytes body;
  };
  std::optional<Block> read_block(Source& source, std::optional<Error>& damage);
  // Each returns what is wrong with the block, or an empty text.
  std::string section(Bytes body);
  std::string interface(Bytes body);
  void add_description(Bytes body);
  std::string packet(const Block& block, Frame& frame);
  std::string simple_packet(Bytes body, Frame& frame);

  Order order_ = Order::little;
  std::vector<Interface> interfaces_;    // of this section
  std::uint32_t interfaces_before_ = 0;  // of the sections before
  std::uint64_t descriptions_ = 0;
};

}  // namespace espdump::capture
