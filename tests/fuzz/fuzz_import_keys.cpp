// Any bytes as a key file and as policies: what cannot be used is a problem or an error, and the store seals.
#include <espdump/keystore.hpp>

using namespace espdump;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Keystore keys;
  (void)keys.import_text("fuzz", {data, size});
  (void)keys.import_policy_text("fuzz", {data, size});
  keys.seal();
  for (const SecurityAssociation& sa : keys.associations()) {
    ESPDUMP_ASSERT(!keys.find(sa.destination, sa.protocol, sa.spi).empty());
    if (sa.wildcards && sa.wildcards->source.address.size() == 0)
      ESPDUMP_ASSERT(!keys.find_wildcards(sa.source, sa.wildcards->destination.address, sa.protocol, sa.spi).empty());
  }
  return 0;
}
