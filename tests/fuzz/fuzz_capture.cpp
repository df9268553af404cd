// Any bytes as a capture, compressed ones too: frames lie inside what is there, and reading ends. In two parts it has
// the same frames.
#include <espdump/assert.hpp>
#include <espdump/capture.hpp>

#include "capture/chain.hpp"
#include "capture/pcap.hpp"
#include "capture/pcapng.hpp"

using namespace espdump;

namespace {

// Where a sanitizer would see it if they lay elsewhere.
void touch(Bytes bytes) {
  static volatile std::uint8_t sum;
  for (const std::uint8_t byte : bytes) sum = static_cast<std::uint8_t>(sum ^ byte);
}

FrameNumber count(CaptureReader& reader) {
  FrameNumber out = 0;
  while (const auto frame = reader.next()) {
    touch(frame->bytes);
    out = frame->number;
  }
  return out;
}

void check_parts(Bytes data, FrameNumber frames) {
  const std::uint64_t cut = 1 + (std::uint64_t{data.back()} << 8U | data.front()) % data.size();
  auto first = CaptureReader::over(data, "fuzz", {0, cut});
  auto second = CaptureReader::over(data, "fuzz", {cut});
  if (!first || !second) return;
  const CapturePlace begin = second->place();
  const FrameNumber found = count(*first);
  if (first->damage()) return;
  ESPDUMP_ASSERT(first->place() == begin);
  ESPDUMP_ASSERT(found + count(*second) == frames);
}

template <typename Format>
void search(Bytes data) {
  const Format file;
  for (const bool at_end : {false, true}) {
    const auto found = capture::ChainSearch<Format>{file, data, at_end}.find();
    ESPDUMP_ASSERT(!found || *found < data.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t most_bytes = 16 * 1024 * 1024;  // a small input may be a large capture
  search<capture::PcapFile>({data, size});
  search<capture::PcapngFile>({data, size});
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
  check_parts({data, size}, number);
  return 0;
}
