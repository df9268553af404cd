// LZ4 frames by liblz4 (github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md).
#include <lz4frame.h>

#include <algorithm>

#include "capture/codec.hpp"

namespace espdump::capture {
namespace {

class Lz4 final : public Codec {
 public:
  Lz4() : usable_(LZ4F_isError(LZ4F_createDecompressionContext(&context_, LZ4F_VERSION)) == 0) {}
  Lz4(const Lz4&) = delete;
  Lz4& operator=(const Lz4&) = delete;
  ~Lz4() override { LZ4F_freeDecompressionContext(context_); }

  CodecStep step(Bytes in, MutableBytes out) override {
    if (!usable_) return {0, 0, CodecState::too_large};
    std::size_t consumed = std::min(in.size(), wanted_), produced = out.size();
    const std::size_t result = LZ4F_decompress(context_, out.data(), &produced, in.data(), &consumed, nullptr);
    if (LZ4F_isError(result) != 0) return {0, 0, CodecState::corrupt};
    wanted_ = result == 0 ? smallest_header : result;
    return {consumed, produced, result == 0 ? CodecState::between : CodecState::within};
  }

 private:
  static constexpr std::size_t smallest_header = 7;

  LZ4F_dctx* context_ = nullptr;
  std::size_t wanted_ = smallest_header;  // no more than a block at once: with a bad one those before it would be lost
  bool usable_;
};

}  // namespace

std::unique_ptr<Codec> make_lz4() { return std::make_unique<Lz4>(); }

}  // namespace espdump::capture
