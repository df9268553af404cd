// One method of decompression each, over the library of those who invented it. libarchive has them all behind one
// call, but keeps to itself what a stream that ends early has given, and does not look at gzip's checksum.
#pragma once

#include <cstddef>
#include <memory>

#include <espdump/bytes.hpp>

namespace espdump::capture {

// What needs more memory than this to be unpacked is not unpacked.
inline constexpr std::size_t most_unpacking_memory = 128 * 1024 * 1024;

enum class CodecState : std::uint8_t {
  within,   // of a member: more must come
  between,  // a member is complete: nothing or another one may come
  corrupt,
  too_large,  // for most_unpacking_memory
};

struct CodecStep {
  std::size_t consumed = 0;
  std::size_t produced = 0;
  CodecState state = CodecState::within;
};

class Codec {
 public:
  virtual ~Codec() = default;
  // Unpacks what it can of `in`, at most 1 MiB, and holds back no byte that is known already, as far as the format
  // allows. Not called again after a failure, nor without bytes after the end of a member.
  virtual CodecStep step(Bytes in, MutableBytes out) = 0;
};

std::unique_ptr<Codec> make_gzip();
// Null in a build without the library.
std::unique_ptr<Codec> make_zstd();
std::unique_ptr<Codec> make_xz();
std::unique_ptr<Codec> make_lz4();
std::unique_ptr<Codec> make_bzip2();

}  // namespace espdump::capture
