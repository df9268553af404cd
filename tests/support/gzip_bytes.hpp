// Spells gzip files byte by byte, without using zlib: deflate's stored blocks only (RFC 1951, RFC 1952).
#pragma once

#include "support/capture_bytes.hpp"

namespace espdump::test {

inline std::uint32_t crc32(const ByteVector& bytes) {
  std::uint32_t crc = 0xffffffff;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc;
}

struct Gzip : Spelling {
  Gzip() { raw({0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3}); }
  // At most 65,535 bytes.
  Gzip& block(const ByteVector& content, bool last = false) {
    number(last ? 1 : 0, 1).u16(content.size()).u16(~content.size() & 0xffff).raw(content);
    content_.insert(content_.end(), content.begin(), content.end());
    return *this;
  }
  Gzip& end() {
    block({}, true).u32(crc32(content_)).u32(content_.size());
    return *this;
  }

 private:
  ByteVector content_;
};

inline ByteVector gzipped(const ByteVector& content) { return Gzip().block(content).end().bytes; }

}  // namespace espdump::test
