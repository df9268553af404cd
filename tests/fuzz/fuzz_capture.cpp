// Any bytes as a capture, compressed ones too: frames lie inside what is there, and reading ends.
#include <espdump/assert.hpp>
#include <espdump/capture.hpp>

using namespace espdump;

namespace {

// Where a sanitizer would see it if they lay elsewhere.
void touch(Bytes bytes) {
  static volatile std::uint8_t sum;
  for (const std::uint8_t byte : bytes) sum = static_cast<std::uint8_t>(sum ^ byte);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t most_bytes = 16 * 1024 * 1024;  // a small input may be a large capture
  auto reader = CaptureReader::over({data, size}, "fuzz");
  if (!reader) return 0;
  FrameNumber number = 0;
  std::size_t bytes = 0;
  while (const auto frame = reader->next()) {
    ESPDUMP_ASSERT(frame->number == ++number);
    ESPDUMP_ASSERT(frame->wire_length >= frame->bytes.size());
    touch(frame->bytes);
    bytes += frame->bytes.size() + 16;
    if (bytes > most_bytes) return 0;
  }
  ESPDUMP_ASSERT(!reader->next());
  return 0;
}
