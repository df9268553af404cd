// bzip2 streams by libbz2.
#include <bzlib.h>

#include "capture/codec.hpp"

namespace espdump::capture {
namespace {

class Bzip2 final : public Codec {
 public:
  Bzip2() = default;
  Bzip2(const Bzip2&) = delete;
  Bzip2& operator=(const Bzip2&) = delete;
  ~Bzip2() override { BZ2_bzDecompressEnd(&stream_); }

  CodecStep step(Bytes in, MutableBytes out) override {
    if (state_ == CodecState::between && !begin()) return {0, 0, CodecState::too_large};
    stream_.next_in = const_cast<char*>(reinterpret_cast<const char*>(in.data()));  // NOLINT: the library only reads it
    stream_.avail_in = static_cast<unsigned>(in.size());
    stream_.next_out = reinterpret_cast<char*>(out.data());
    stream_.avail_out = static_cast<unsigned>(out.size());
    state_ = state_of(BZ2_bzDecompress(&stream_));
    return {in.size() - stream_.avail_in, out.size() - stream_.avail_out, state_};
  }

 private:
  bool begin() {
    BZ2_bzDecompressEnd(&stream_);
    return BZ2_bzDecompressInit(&stream_, 0, 0) == BZ_OK;
  }

  static CodecState state_of(int result) {
    switch (result) {
      case BZ_OK: return CodecState::within;
      case BZ_STREAM_END: return CodecState::between;
      case BZ_MEM_ERROR: return CodecState::too_large;
      default: return CodecState::corrupt;
    }
  }

  bz_stream stream_{};
  CodecState state_ = CodecState::between;
};

}  // namespace

std::unique_ptr<Codec> make_bzip2() { return std::make_unique<Bzip2>(); }

}  // namespace espdump::capture
