// xz streams by liblzma (tukaani.org/xz/xz-file-format.txt).
#include <lzma.h>

#include "capture/codec.hpp"

namespace espdump::capture {
namespace {

class Xz final : public Codec {
 public:
  Xz() = default;
  Xz(const Xz&) = delete;
  Xz& operator=(const Xz&) = delete;
  ~Xz() override { lzma_end(&stream_); }

  CodecStep step(Bytes in, MutableBytes out) override {
    if (state_ == CodecState::between && lzma_stream_decoder(&stream_, most_unpacking_memory, 0) != LZMA_OK)
      return {0, 0, CodecState::too_large};
    stream_.next_in = in.data();
    stream_.avail_in = in.size();
    stream_.next_out = out.data();
    stream_.avail_out = out.size();
    state_ = state_of(lzma_code(&stream_, LZMA_RUN));
    return {in.size() - stream_.avail_in, out.size() - stream_.avail_out, state_};
  }

 private:
  static CodecState state_of(lzma_ret result) {
    switch (result) {
      case LZMA_OK:
      case LZMA_BUF_ERROR: return CodecState::within;  // nothing to do without more bytes
      case LZMA_STREAM_END: return CodecState::between;
      case LZMA_MEM_ERROR:
      case LZMA_MEMLIMIT_ERROR: return CodecState::too_large;
      default: return CodecState::corrupt;
    }
  }

  lzma_stream stream_ = LZMA_STREAM_INIT;
  CodecState state_ = CodecState::between;
};

}  // namespace

std::unique_ptr<Codec> make_xz() { return std::make_unique<Xz>(); }

}  // namespace espdump::capture
