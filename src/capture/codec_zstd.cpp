// Zstandard frames by libzstd (RFC 8878).
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>

#include "capture/codec.hpp"

namespace espdump::capture {
namespace {

constexpr int window_log = 27;
static_assert(std::size_t{1} << window_log == most_unpacking_memory);

struct ContextDeleter {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

class Zstd final : public Codec {
 public:
  Zstd() : context_(ZSTD_createDCtx()) {
    if (context_) ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, window_log);
  }

  CodecStep step(Bytes in, MutableBytes out) override {
    if (!context_) return {0, 0, CodecState::too_large};
    ZSTD_inBuffer input{in.data(), std::min(in.size(), wanted_), 0};
    ZSTD_outBuffer output{out.data(), out.size(), 0};
    const std::size_t result = ZSTD_decompressStream(context_.get(), &output, &input);
    wanted_ = result == 0 ? smallest_header : result;
    return {input.pos, output.pos, state_of(result)};
  }

 private:
  static CodecState state_of(std::size_t result) {
    if (ZSTD_isError(result) == 0) return result == 0 ? CodecState::between : CodecState::within;
    const ZSTD_ErrorCode code = ZSTD_getErrorCode(result);
    const bool large = code == ZSTD_error_frameParameter_windowTooLarge || code == ZSTD_error_memory_allocation;
    return large ? CodecState::too_large : CodecState::corrupt;
  }

  static constexpr std::size_t smallest_header = 5;

  std::unique_ptr<ZSTD_DCtx, ContextDeleter> context_;
  std::size_t wanted_ = smallest_header;  // no more than a block at once: with a bad one those before it would be lost
};

}  // namespace

std::unique_ptr<Codec> make_zstd() { return std::make_unique<Zstd>(); }

}  // namespace espdump::capture
