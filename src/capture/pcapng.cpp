// pcapng: several sections in either byte order, several interfaces, all three kinds of packet block.
// https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcapng/
#include "capture/pcapng.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "base/file_digest.hpp"

namespace espdump::capture {
namespace {

constexpr std::uint32_t section_header = 0x0a0d0d0a;  // the same in both byte orders
constexpr std::uint32_t interface_description = 1;
constexpr std::uint32_t obsolete_packet = 2;
constexpr std::uint32_t simple = 3;
constexpr std::uint32_t enhanced_packet = 6;
constexpr std::uint32_t byte_order_mark = 0x1a2b3c4d;
constexpr std::size_t smallest_block = 12;  // type, length, length again
constexpr std::size_t smallest_section = 28;
constexpr std::size_t most_interfaces = 65536;  // so that memory does not grow with the file

__extension__ using Wide = __int128;

bool is_packet(std::uint32_t type) { return type == enhanced_packet || type == simple || type == obsolete_packet; }

struct BlockHeader {
  std::uint32_t type = 0;
  std::size_t claimed = 0;  // as written
  std::size_t length = 0;   // with the padding that some writers forget to count
  bool has_order = true;    // false: a section header without a byte order mark
  [[nodiscard]] bool plausible() const { return has_order && claimed >= smallest_block && claimed <= largest_record; }
};

// Of at least 12 bytes. A section header sets `order` for itself and what follows.
BlockHeader block_header(Bytes here, Order& order) {
  BlockHeader header;
  header.type = load_u32(here, 0, order);
  if (header.type == section_header) {
    const bool big = load_u32(here, 8, Order::big) == byte_order_mark;
    header.has_order = big || load_u32(here, 8, Order::little) == byte_order_mark;
    order = big ? Order::big : Order::little;
  }
  header.claimed = load_u32(here, 4, order);
  header.length = (header.claimed + 3) & ~std::size_t{3};
  return header;
}

std::uint64_t power_of_ten(unsigned exponent) {
  std::uint64_t power = 1;
  while (exponent-- > 0) power *= 10;
  return power;
}

Wide nanoseconds(std::uint64_t ticks, std::uint8_t resolution) {
  const unsigned exponent = resolution & 0x7f;
  if (resolution & 0x80) return Wide{ticks} * 1'000'000'000 >> exponent;
  if (exponent <= 9) return Wide{ticks} * power_of_ten(9 - exponent);
  return exponent - 9 < 20 ? ticks / power_of_ten(exponent - 9) : 0;  // 10^20 does not fit, and is more than any ticks
}

}  // namespace

Timestamp Clock::time(std::uint64_t ticks) const {
  const Wide total = nanoseconds(ticks, resolution) + Wide{offset_seconds} * 1'000'000'000;
  return {static_cast<std::int64_t>(std::clamp<Wide>(total, -Timestamp::furthest, Timestamp::furthest))};
}

bool PcapngFile::recognises(Bytes first) {
  return first.size() >= 4 && load_u32(first, 0, Order::big) == section_header;
}

Result<PcapngFile> PcapngFile::open(Source& source) {
  PcapngFile file;
  std::optional<Error> damage;
  if (!source.need(smallest_section)) return source.cut_header(smallest_section);
  const auto block = file.read_block(source, damage);
  if (!block) return Unexpected{*damage};
  if (const std::string wrong = file.section(block->body); !wrong.empty()) return source.failure(wrong);
  return file;
}

// Takes a whole block from the source; its body stays valid until the next call.
std::optional<PcapngFile::Block> PcapngFile::read_block(Source& source, std::optional<Error>& damage) {
  if (!source.need(smallest_block)) {
    damage = source.cut(smallest_block);
    return std::nullopt;
  }
  const BlockHeader header = block_header(source.here(), order_);
  if (!header.plausible()) {
    damage = source.damaged(header.has_order ? fmt::format("claims {} bytes", header.claimed)
                                             : "is a section header without byte order mark");
    return std::nullopt;
  }
  if (!source.need(header.length)) {
    damage = source.cut(header.length);
    return std::nullopt;
  }
  const Bytes block = source.here().first(header.length);
  const std::size_t again = load_u32(block, header.length - 4, order_);
  if (again != header.claimed) {
    damage = source.damaged(fmt::format("claims {} bytes at its beginning and {} at its end", header.claimed, again));
    return std::nullopt;
  }
  source.skip(header.length);
  return Block{header.type, block.subspan(8, header.length - smallest_block)};
}

bool PcapngFile::has_next(Bytes here) const {
  Order order = order_;
  while (here.size() >= smallest_block) {
    const BlockHeader header = block_header(here, order);
    if (!header.plausible()) return true;
    if (here.size() < header.length) return false;
    if (is_packet(header.type)) return true;
    here = here.subspan(header.length);
  }
  return false;
}

std::size_t PcapngFile::looks_like_record(Bytes here) const {
  if (here.size() < smallest_block) return 0;
  Order order = order_;
  const BlockHeader header = block_header(here, order);
  if (!header.plausible() || order != order_ || header.length > usual_record) return 0;
  const bool whole = here.size() >= header.length;
  return whole && load_u32(here, header.length - 4, order) != header.claimed ? 0 : header.length;
}

void PcapngFile::read_descriptions(Source& source) {
  std::optional<Error> damage;
  while (source.need(smallest_block)) {
    const std::uint64_t at = source.offset();
    Order order = order_;
    if (is_packet(block_header(source.here(), order).type)) return;
    const auto block = read_block(source, damage);
    if (!block) return;
    std::string wrong;
    if (block->type == section_header) wrong = section(block->body);
    if (block->type == interface_description) wrong = interface(block->body);
    if (!wrong.empty()) return source.jump(at);  // next() says what it is
  }
}

bool PcapngFile::next(Source& source, Frame& frame, std::optional<Error>& damage) {
  for (;;) {
    if (source.stops_here()) return false;
    const std::uint64_t at = source.offset();
    const auto block = read_block(source, damage);
    if (!block) return false;
    std::string wrong;
    switch (block->type) {
      case section_header: wrong = section(block->body); break;
      case interface_description: wrong = interface(block->body); break;
      case simple: wrong = simple_packet(block->body, frame); break;
      case obsolete_packet:
      case enhanced_packet: wrong = packet(*block, frame); break;
      default: break;  // names, statistics, secrets, and what will be invented yet
    }
    if (!wrong.empty()) {
      damage =
          source.failure(fmt::format("record at byte {} {}; reading ends here, what was read is reported", at, wrong))
              .error;
      return false;
    }
    if (is_packet(block->type)) return true;
  }
}

std::string PcapngFile::section(Bytes body) {
  if (body.size() < 16) return "is a section header cut short";
  const unsigned major = load_u16(body, 4, order_), minor = load_u16(body, 6, order_);
  if (major != 1) return fmt::format("has pcapng version {}.{}; only version 1 can be read", major, minor);
  interfaces_before_ += static_cast<std::uint32_t>(interfaces_.size());
  interfaces_.clear();
  add_description(body);
  return {};
}

std::string PcapngFile::interface(Bytes body) {
  constexpr std::uint16_t end_of_options = 0, if_tsresol = 9, if_tsoffset = 14;
  if (body.size() < 8) return "is an interface description cut short";
  if (interfaces_.size() == most_interfaces) return fmt::format("describes more than {} interfaces", most_interfaces);
  Interface interface {
    load_u16(body, 0, order_), load_u32(body, 4, order_), {}
  };
  Bytes options = body.subspan(8);
  while (options.size() >= 4) {
    const std::uint16_t code = load_u16(options, 0, order_);
    const std::size_t length = load_u16(options, 2, order_), padded = (length + 3) & ~std::size_t{3};
    if (code == end_of_options) break;
    if (padded > options.size() - 4) return "describes an interface with an option that runs past its end";
    if (code == if_tsresol && length == 1) interface.clock.resolution = options[4];
    if (code == if_tsoffset && length == 8)
      interface.clock.offset_seconds = static_cast<std::int64_t>(load_u64(options, 4, order_));
    options = options.subspan(4 + padded);
  }
  interfaces_.push_back(interface);
  add_description(body);
  return {};
}

void PcapngFile::add_description(Bytes body) {
  std::vector<std::uint8_t> all(body.begin(), body.end());
  for (unsigned shift = 0; shift < 64; shift += 8) all.push_back(static_cast<std::uint8_t>(descriptions_ >> shift));
  descriptions_ = lasting_hash(all);
}

// Enhanced packet blocks, and the obsolete ones, which differ in the width of the interface number only.
std::string PcapngFile::packet(const Block& block, Frame& frame) {
  constexpr std::size_t header_size = 20;
  const Bytes body = block.body;
  if (body.size() < header_size) return "is a packet block cut short";
  const std::uint32_t number =
      block.type == enhanced_packet ? load_u32(body, 0, order_) : std::uint32_t{load_u16(body, 0, order_)};
  if (number >= interfaces_.size())
    return fmt::format("names interface {}, but {} are described before it", number, interfaces_.size());
  const std::size_t captured = load_u32(body, 12, order_), wire = load_u32(body, 16, order_);
  if (captured > body.size() - header_size)
    return fmt::format("claims {} captured bytes, but its block has room for {}", captured, body.size() - header_size);
  const Interface& interface = interfaces_[number];
  const std::uint64_t ticks = std::uint64_t{load_u32(body, 4, order_)} << 32 | load_u32(body, 8, order_);
  frame.time = interface.clock.time(ticks);
  frame.interface = interfaces_before_ + number;
  frame.link_type = interface.link_type;
  frame.bytes = body.subspan(header_size, captured);
  frame.wire_length = std::max(wire, captured);
  return {};
}

// No time, no captured length, always the first interface.
std::string PcapngFile::simple_packet(Bytes body, Frame& frame) {
  if (body.size() < 4) return "is a packet block cut short";
  if (interfaces_.empty()) return "names interface 0, but 0 are described before it";
  const Interface& interface = interfaces_[0];
  const std::size_t wire = load_u32(body, 0, order_);
  std::size_t captured = std::min(wire, body.size() - 4);
  if (interface.snap_length != 0) captured = std::min(captured, interface.snap_length);
  frame.time = {};
  frame.interface = interfaces_before_;
  frame.link_type = interface.link_type;
  frame.bytes = body.subspan(4, captured);
  frame.wire_length = wire;
  return {};
}

}  // namespace espdump::capture
