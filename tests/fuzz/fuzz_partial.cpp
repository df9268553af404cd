// Partial results that nobody wrote: the columns of a block of frames come from the fuzzer, each behind its length in
// two bytes. What can be read of it is joined, judged and printed.
#include <array>

#include "fuzz_run.hpp"
#include "fuzz_seal.hpp"
#include "partial/partial.hpp"
#include "partial/section.hpp"

using namespace espdump;
using partial::Stream;

namespace {

Stream block_of(ByteReader& in) {
  std::array<Stream, partial::columns> streams;
  for (Stream& stream : streams) {
    const Bytes bytes = in.take(std::min<std::size_t>(in.u16(), in.remaining()));
    stream.assign(bytes.begin(), bytes.end());
  }
  return partial::compress(streams);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Keystore keys = fuzz::store();
  ByteReader in{Bytes{data, size}};
  Stream file;
  partial::Packing packing{file};
  packing.begin({}, keys);
  partial::put_section(file, partial::frames_section, block_of(in));
  partial::Ending ending;
  ending.sources = {{"one.pcap", "", 1, 0, 0}, {"two.pcap", "", 1, 0, 0}};
  packing.end(ending);
  auto members = partial::partial_over(file, "fuzz");
  ESPDUMP_ASSERT(members && members->size() == 1);
  const Keystore told = members->front().keystore();
  fuzz::Run run{told, fuzz::Run::Captures::two, Taping::replays};
  FrameRecord frame;
  for (int frames = 0; frames < 256 && members->front().next(frame); ++frames) run.replay(frame);
  run.finish();
  return 0;
}
