// Any bytes as a key file: what cannot be used is a problem or an error, and the store seals.
#include <espdump/keystore.hpp>

using namespace espdump;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Keystore keys;
  const auto report = keys.import_text("fuzz", {data, size});
  keys.seal();
  for (const SecurityAssociation& sa : keys.associations())
    ESPDUMP_ASSERT(!keys.find(sa.destination, sa.protocol, sa.spi).empty());
  return 0;
}
