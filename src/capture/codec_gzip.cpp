// gzip members by zlib, which holds them against their CRC and length (RFC 1952).
#define ZLIB_CONST
#include <zlib.h>

#include "capture/codec.hpp"

namespace espdump::capture {
namespace {

class Gzip final : public Codec {
 public:
  Gzip() : usable_(inflateInit2(&stream_, largest_window + gzip_only) == Z_OK) {}
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;
  ~Gzip() override { inflateEnd(&stream_); }

  CodecStep step(Bytes in, MutableBytes out) override {
    if (!usable_) return {0, 0, CodecState::too_large};
    if (state_ == CodecState::between) inflateReset(&stream_);
    stream_.next_in = in.data();
    stream_.avail_in = static_cast<uInt>(in.size());
    stream_.next_out = out.data();
    stream_.avail_out = static_cast<uInt>(out.size());
    state_ = state_of(inflate(&stream_, Z_SYNC_FLUSH));
    return {in.size() - stream_.avail_in, out.size() - stream_.avail_out, state_};
  }

 private:
  static constexpr int largest_window = 15, gzip_only = 16;

  static CodecState state_of(int result) {
    switch (result) {
      case Z_OK:
      case Z_BUF_ERROR: return CodecState::within;  // nothing to do without more bytes
      case Z_STREAM_END: return CodecState::between;
      case Z_MEM_ERROR: return CodecState::too_large;
      default: return CodecState::corrupt;
    }
  }

  z_stream stream_{};
  bool usable_;
  CodecState state_ = CodecState::within;
};

}  // namespace

std::unique_ptr<Codec> make_gzip() { return std::make_unique<Gzip>(); }

}  // namespace espdump::capture
