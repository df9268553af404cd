// Classic pcap: micro- and nanoseconds, both byte orders, and the modified form with longer record headers.
// https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcap/
#include "capture/pcap.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace espdump::capture {
namespace {

constexpr std::size_t file_header_size = 24;
constexpr std::uint32_t microseconds = 0xa1b2c3d4;
constexpr std::uint32_t nanoseconds = 0xa1b23c4d;
constexpr std::uint32_t modified = 0xa1b2cd34;  // Kuznetzov's: interface, protocol and direction in each record

bool is_magic(std::uint32_t value) { return value == microseconds || value == nanoseconds || value == modified; }

}  // namespace

bool PcapFile::recognises(Bytes first) {
  return first.size() >= 4 && (is_magic(load_u32(first, 0, Order::big)) || is_magic(load_u32(first, 0, Order::little)));
}

Result<PcapFile> PcapFile::open(Source& source) {
  if (!source.need(file_header_size)) return source.cut_header(file_header_size);
  const Bytes header = source.here().first(file_header_size);
  PcapFile file;
  file.order_ = is_magic(load_u32(header, 0, Order::big)) ? Order::big : Order::little;
  const std::uint32_t magic = load_u32(header, 0, file.order_);
  file.tick_ = magic == nanoseconds ? 1 : 1000;
  file.header_size_ = magic == modified ? 24 : 16;
  const unsigned major = load_u16(header, 4, file.order_), minor = load_u16(header, 6, file.order_);
  if (major != 2 || minor > 4)
    return source.failure(fmt::format("has pcap version {}.{}; only 2.0 to 2.4 can be read", major, minor));
  if (minor < 3) file.lengths_ = Lengths::wire_first;
  if (minor == 3) file.lengths_ = Lengths::larger_is_wire;
  file.link_type_ = load_u32(header, 20, file.order_) & 0xffff;  // above: whether and how long frames carry an FCS
  source.skip(file_header_size);
  return file;
}

PcapFile::Record PcapFile::lengths(Bytes header) const {
  Record record{load_u32(header, 8, order_), load_u32(header, 12, order_)};
  if (lengths_ == Lengths::wire_first || (lengths_ == Lengths::larger_is_wire && record.captured > record.wire))
    std::swap(record.captured, record.wire);
  return record;
}

bool PcapFile::has_next(Bytes here) const {
  if (here.size() < header_size_) return false;
  const std::size_t captured = lengths(here).captured;
  return captured > largest_record || here.size() - header_size_ >= captured;
}

std::size_t PcapFile::looks_like_record(Bytes here) const {
  if (here.size() < header_size_) return 0;
  const Record record = lengths(here);
  const bool is_time = load_u32(here, 4, order_) < 1'000'000'000 / tick_;
  const std::size_t size = header_size_ + record.captured;
  return is_time && record.captured <= record.wire && record.wire != 0 && size <= usual_record ? size : 0;
}

bool PcapFile::next(Source& source, Frame& frame, std::optional<Error>& damage) {
  if (source.stops_here()) return false;
  if (!source.need(header_size_)) {
    damage = source.cut(header_size_);
    return false;
  }
  const Record record = lengths(source.here());
  if (record.captured > largest_record) {
    damage = source.damaged(fmt::format("claims {} bytes", record.captured));
    return false;
  }
  const std::size_t size = header_size_ + record.captured;
  if (!source.need(size)) {
    damage = source.cut(size);
    return false;
  }
  const Bytes bytes = source.here().first(size);
  source.skip(size);
  frame.time.nanoseconds =
      load_u32(bytes, 0, order_) * std::int64_t{1'000'000'000} + load_u32(bytes, 4, order_) * tick_;
  frame.link_type = link_type_;
  frame.bytes = bytes.subspan(header_size_);
  frame.wire_length = std::max(record.wire, record.captured);
  return true;
}

}  // namespace espdump::capture
