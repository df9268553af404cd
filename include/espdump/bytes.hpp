// Views of packet bytes and a cursor over them that cannot run past the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace espdump {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

// Tells why bytes that a header needs are not there.
struct Shortfall {
  enum class Cause : std::uint8_t {
    capture,  // they were on the wire, but the snap length cut them off
    packet,   // they were never there: a length field lies, or the packet ends early
  };
  std::size_t offset = 0;  // where in the reader's bytes the read began
  std::size_t need = 0;    // bytes asked for
  std::size_t have = 0;    // bytes left at `offset`
  Cause cause = Cause::packet;
  bool limit = false;  // nothing was read: limit() was asked for more than there is
};

// Big-endian numbers at a place that was checked before. `offset + width` must lie inside `bytes`.
inline std::uint16_t read_u16(Bytes bytes, std::size_t offset) {
  const std::uint8_t* at = bytes.subspan(offset).first<2>().data();
  return static_cast<std::uint16_t>(at[0] << 8 | at[1]);
}
inline std::uint32_t read_u32(Bytes bytes, std::size_t offset) {
  const std::uint8_t* at = bytes.subspan(offset).first<4>().data();
  return std::uint32_t{at[0]} << 24 | std::uint32_t{at[1]} << 16 | std::uint32_t{at[2]} << 8 | at[3];
}
inline std::uint64_t read_u64(Bytes bytes, std::size_t offset) {
  return std::uint64_t{read_u32(bytes, offset)} << 32 | read_u32(bytes, offset + 4);
}
inline void write_u16(MutableBytes bytes, std::size_t offset, std::uint16_t value) {
  std::uint8_t* at = bytes.subspan(offset).first<2>().data();
  at[0] = static_cast<std::uint8_t>(value >> 8);
  at[1] = static_cast<std::uint8_t>(value);
}
inline void write_u32(MutableBytes bytes, std::size_t offset, std::uint32_t value) {
  std::uint8_t* at = bytes.subspan(offset).first<4>().data();
  at[0] = static_cast<std::uint8_t>(value >> 24);
  at[1] = static_cast<std::uint8_t>(value >> 16);
  at[2] = static_cast<std::uint8_t>(value >> 8);
  at[3] = static_cast<std::uint8_t>(value);
}

// A cursor over captured bytes, which also knows how many bytes there were on the wire (`claimed`).
// Reads are big-endian. The first read that does not fit is remembered as a Shortfall; it and every
// later read yield zeros or empty spans, so a parser reads straight on and asks once, at the end.
class ByteReader {
 public:
  // All bytes that were on the wire are here.
  explicit ByteReader(Bytes bytes) : ByteReader(bytes, bytes.size()) {}
  // `claimed` is at least bytes.size(); the difference was cut off by the capture.
  ByteReader(Bytes bytes, std::size_t claimed)
      : bytes_(bytes), end_(bytes.size()), claimed_(claimed < bytes.size() ? bytes.size() : claimed) {}
  // A reader never owns: it must not be made of a vector about to die.
  explicit ByteReader(std::vector<std::uint8_t>&&) = delete;

  std::uint8_t u8() {
    return read<std::uint8_t>([](Bytes bytes, std::size_t offset) { return bytes[offset]; });
  }
  std::uint16_t u16() { return read<std::uint16_t>(read_u16); }
  std::uint32_t u32() { return read<std::uint32_t>(read_u32); }
  std::uint64_t u64() { return read<std::uint64_t>(read_u64); }

  // The next `size` bytes, or an empty span and a Shortfall.
  Bytes take(std::size_t size) {
    if (!fits(size)) return {};
    const Bytes taken = bytes_.subspan(offset_, size);
    offset_ += size;
    return taken;
  }
  void skip(std::size_t size) {
    if (fits(size)) offset_ += size;
  }

  // The last bytes of what was on the wire; they cannot be had when the capture cut the end off.
  std::uint8_t last_u8() {
    const Bytes byte = take_last(1);
    return byte.empty() ? std::uint8_t{0} : byte[0];
  }
  Bytes take_last(std::size_t size) {
    if (cut() && !shortfall_) shortfall_ = Shortfall{offset_, size, 0, Shortfall::Cause::capture};
    if (!fits(size)) return {};
    end_ -= size;
    claimed_ -= size;
    return bytes_.subspan(end_, size);
  }

  // Ends the reader `size` bytes from here, as a length field of a header demands. Bytes behind that
  // end (link padding) become unreachable. A Shortfall if fewer were ever on the wire.
  void limit(std::size_t size) {
    if (size > claimed_remaining()) {
      if (!shortfall_) shortfall_ = Shortfall{offset_, size, claimed_remaining(), Shortfall::Cause::packet, true};
      return;
    }
    claimed_ = offset_ + size;
    if (end_ > claimed_) end_ = claimed_;
  }

  // A reader of the next `size` bytes (on the wire; fewer may be captured), which this one skips.
  ByteReader sub(std::size_t size) {
    if (size > claimed_remaining()) {
      if (!shortfall_) shortfall_ = Shortfall{offset_, size, claimed_remaining(), Shortfall::Cause::packet};
      return ByteReader{Bytes{}};
    }
    const std::size_t here = size < remaining() ? size : remaining();
    ByteReader child{bytes_.subspan(offset_, here), size};
    if (here == size)
      offset_ += size;
    else
      skip(size);
    return child;
  }

  [[nodiscard]] Bytes rest() const { return bytes_.subspan(offset_, end_ - offset_); }
  [[nodiscard]] Bytes consumed() const { return bytes_.first(offset_); }
  [[nodiscard]] std::size_t offset() const { return offset_; }
  [[nodiscard]] std::size_t remaining() const { return end_ - offset_; }              // captured
  [[nodiscard]] std::size_t claimed_remaining() const { return claimed_ - offset_; }  // on the wire
  [[nodiscard]] bool cut() const { return claimed_remaining() > remaining(); }
  [[nodiscard]] bool ok() const { return !shortfall_; }
  [[nodiscard]] const std::optional<Shortfall>& shortfall() const { return shortfall_; }

 private:
  bool fits(std::size_t size) {
    if (size <= remaining() && ok()) return true;
    miss(size);
    return false;
  }
  void miss(std::size_t size);  // remembers why it does not fit, if it is the first
  template <typename Number, typename Of>
  Number read(Of number_of) {
    if (!fits(sizeof(Number))) return 0;
    const Number number = number_of(bytes_, offset_);
    offset_ += sizeof(Number);
    return number;
  }

  Bytes bytes_;
  std::size_t offset_ = 0;
  std::size_t end_;
  std::size_t claimed_;
  std::optional<Shortfall> shortfall_;
};

// Overwrites in a way that the compiler does not leave out.
void wipe(MutableBytes bytes) noexcept;

}  // namespace espdump
