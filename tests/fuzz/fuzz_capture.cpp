// Any bytes as a capture: frames lie inside them, and reading ends.
#include <espdump/assert.hpp>
#include <espdump/capture.hpp>

using namespace espdump;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto reader = CaptureReader::over({data, size}, "fuzz");
  if (!reader) return 0;
  FrameNumber number = 0;
  while (const auto frame = reader->next()) {
    ESPDUMP_ASSERT(frame->number == ++number);
    ESPDUMP_ASSERT(frame->wire_length >= frame->bytes.size());
    if (frame->bytes.empty()) continue;
    ESPDUMP_ASSERT(&frame->bytes.front() >= data && &frame->bytes.back() < data + size);
  }
  ESPDUMP_ASSERT(!reader->next());
  return 0;
}
