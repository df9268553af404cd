// Spells captures byte by byte, without using library code, and writes them to files that go away again.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <espdump/capture.hpp>

namespace espdump::test {

using ByteVector = std::vector<std::uint8_t>;

inline ByteVector byte_vector(std::string_view text) { return {text.begin(), text.end()}; }

class Spelling {
 public:
  explicit Spelling(bool big = false) : big_(big) {}
  Spelling& number(std::uint64_t value, int width) {
    for (int i = 0; i < width; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> 8 * (big_ ? width - 1 - i : i)));
    return *this;
  }
  Spelling& u16(std::uint64_t value) { return number(value, 2); }
  Spelling& u32(std::uint64_t value) { return number(value, 4); }
  Spelling& u64(std::uint64_t value) { return number(value, 8); }
  Spelling& raw(const ByteVector& more) {
    bytes.insert(bytes.end(), more.begin(), more.end());
    return *this;
  }
  Spelling& pad() {
    while (bytes.size() % 4 != 0) bytes.push_back(0);
    return *this;
  }
  ByteVector bytes;

 protected:
  bool big_;
};

inline constexpr std::uint32_t micro_magic = 0xa1b2c3d4, nano_magic = 0xa1b23c4d, modified_magic = 0xa1b2cd34;

struct Pcap : Spelling {
  explicit Pcap(bool big = false, std::uint32_t magic = micro_magic, std::uint32_t link_type = 1, unsigned minor = 4)
      : Spelling(big), modified(magic == modified_magic) {
    u32(magic).u16(2).u16(minor).u32(0).u32(0).u32(65535).u32(link_type);
  }
  Pcap& record(std::uint32_t seconds, std::uint32_t fraction, const ByteVector& frame, std::size_t wire = 0) {
    u32(seconds).u32(fraction).u32(frame.size()).u32(wire == 0 ? frame.size() : wire);
    if (modified) u32(3).u16(0x0800).u16(0);
    raw(frame);
    return *this;
  }
  bool modified;
};

// pcapng; a new section may change the byte order.
struct Pcapng : Spelling {
  explicit Pcapng(bool big = false) : Spelling(big) { section(big); }
  Pcapng& block(std::uint32_t type, const ByteVector& body) {
    u32(type).u32(body.size() + 12).raw(body).u32(body.size() + 12);
    return *this;
  }
  Pcapng& section(bool big, unsigned major = 1) {
    big_ = big;
    return block(0x0a0d0d0a, body().u32(0x1a2b3c4d).u16(major).u16(0).u64(~std::uint64_t{0}).bytes);
  }
  Pcapng& interface(unsigned link_type, std::uint32_t snap_length = 0, const ByteVector& options = {}) {
    return block(1, body().u16(link_type).u16(0).u32(snap_length).raw(options).bytes);
  }
  Pcapng& enhanced(std::uint32_t interface, std::uint64_t ticks, const ByteVector& frame, std::size_t wire = 0,
                   const ByteVector& options = {}) {
    Spelling out = body();
    out.u32(interface).u32(ticks >> 32).u32(ticks & 0xffffffff).u32(frame.size());
    return block(6, out.u32(wire == 0 ? frame.size() : wire).raw(frame).pad().raw(options).bytes);
  }
  Pcapng& obsolete(unsigned interface, std::uint64_t ticks, const ByteVector& frame) {
    Spelling out = body();
    out.u16(interface).u16(0xffff).u32(ticks >> 32).u32(ticks & 0xffffffff).u32(frame.size()).u32(frame.size());
    return block(2, out.raw(frame).pad().bytes);
  }
  Pcapng& simple(const ByteVector& frame, std::size_t wire) {
    return block(3, body().u32(wire).raw(frame).pad().bytes);
  }
  [[nodiscard]] ByteVector option(unsigned code, const ByteVector& value) const {
    return body().u16(code).u16(value.size()).raw(value).pad().bytes;
  }
  [[nodiscard]] Spelling body() const { return Spelling{big_}; }
};

// A directory that is removed with everything in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    char name[] = "/tmp/espdump-test-XXXXXX";
    path_ = mkdtemp(name);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() { std::system(("rm -rf " + path_).c_str()) == 0 ? void() : std::abort(); }
  [[nodiscard]] std::string path(const std::string& name) const { return path_ + '/' + name; }
  [[nodiscard]] std::string file(const std::string& name, const ByteVector& bytes) const {
    std::ofstream out(path(name), std::ios::binary);
    out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return path(name);
  }

 private:
  std::string path_;
};

// A frame whose bytes are kept.
struct KeptFrame {
  Frame frame;
  ByteVector bytes;
};

template <typename Reader>
std::vector<KeptFrame> read_all(Reader& reader) {
  std::vector<KeptFrame> frames;
  while (auto frame = reader.next()) frames.push_back({*frame, {frame->bytes.begin(), frame->bytes.end()}});
  return frames;
}

}  // namespace espdump::test
