// Any bytes as frames of one capture, each behind its length in two bytes, decoded with keys and reported in full.
#include <algorithm>
#include <vector>

#include "fuzz_keys.hpp"
#include "fuzz_run.hpp"

using namespace espdump;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Keystore keys = fuzz::sealed_store();
  fuzz::Run run{keys};
  ByteReader in{Bytes{data, size}};
  // The highest bit of a length says that the capture cut seven bytes off.
  for (int frames = 0; frames < 32 && in.remaining() > 2; ++frames) {
    const std::uint16_t length = in.u16();
    const Bytes bytes = in.take(std::min<std::size_t>(length & 0x7fff, in.remaining()));
    const std::vector<std::uint8_t> exact(bytes.begin(),
                                          bytes.end());  // so that a sanitizer sees a read behind the end
    run.frame(exact, (length & 0x8000) != 0 ? 7 : 0);
  }
  run.finish();
  return 0;
}
