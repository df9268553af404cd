// Any bytes as a key file and as policies: what cannot be used is a problem or an error, and the store seals. What it
// holds can be written in every format.
#include <espdump/keystore.hpp>

#include "keys/export_wireshark.hpp"
#include "keys/export_wireshark_ike.hpp"
#include "keys/export_xfrm.hpp"
#include "report/key_list.hpp"

using namespace espdump;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Keystore keystore;
  (void)keystore.import_text("fuzz", {data, size});
  (void)keystore.import_policy_text("fuzz", {data, size});
  keystore.seal();
  for (const SecurityAssociation& sa : keystore.associations()) {
    ESPDUMP_ASSERT(!keystore.find(sa.destination, sa.protocol, sa.spi).empty());
    if (sa.wildcards && sa.wildcards->source.address.size() == 0)
      ESPDUMP_ASSERT(
          !keystore.find_wildcards(sa.source, sa.wildcards->destination.address, sa.protocol, sa.spi).empty());
  }
  std::string text;
  keys::SecretOutput out(&text);
  (void)keys::export_wireshark(keystore.associations(), out);
  (void)keys::export_wireshark_ike(keystore.ike_keys(), out);
  (void)keys::export_xfrm(keystore.associations(), out);
  list_keys({}, keystore, true, 0, out);
  list_keys_as_json(keystore, true, out);
  return 0;
}
