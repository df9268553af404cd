// Rows of ikev2_decryption_table: what Wireshark can use goes round through our own importer; of the rest it is said
// why not.
#include "keys/export_wireshark_ike.hpp"

#include "keys/export_support.hpp"
#include "keys/ike_text.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

Exported exported_ike(std::span<const IkeKeys> all) {
  Exported out;
  keys::SecretOutput output(&out.text);
  out.notes = keys::export_wireshark_ike(all, output);
  output.flush();
  return out;
}

struct Maker {
  SecretArena arena;
  Secret secret(std::size_t bytes, std::uint8_t value) { return arena.store(std::vector<std::uint8_t>(bytes, value)); }
  IkeKeys keys(const char* cipher, std::size_t bytes, std::uint16_t icv_bits = 0) {
    const auto kind = icv_bits == 0 ? AlgorithmKind::encryption : AlgorithmKind::aead;
    IkeKeys out;
    out.initiator_spi = 0x1122, out.responder_spi = 0x3344;
    out.sk_ei = secret(bytes, 1), out.sk_er = secret(bytes, 2);
    out.encryption = {find_algorithm(kind, cipher), icv_bits, bytes};
    out.names_algorithms = true;
    out.file = "f", out.line = 3;
    return out;
  }
  IkeKeys with_integrity(const char* name, std::size_t bytes, std::uint16_t icv_bits) {
    IkeKeys out = keys("cbc(aes)", 16);
    out.integrity = {find_algorithm(AlgorithmKind::integrity, name), icv_bits, bytes};
    out.sk_ai = secret(bytes, 3), out.sk_ar = secret(bytes, 4);
    return out;
  }
};

std::string left_out(const IkeKeys& keys) {
  const Exported out = exported_ike({&keys, 1});
  CHECK(out.text.empty());
  CHECK_THAT(out.said(), Catch::EndsWith("; IKE SA left out"));
  return out.said();
}

}  // namespace

TEST_CASE("export of IKE keys to Wireshark: rows are as strongSwan's save-keys writes them") {
  const std::string table = text_of_file("ikev2-psk-rekey.ikev2_decryption_table");
  const Exported out = exported_ike(load(table).store.ike_keys());
  CHECK(out.text == table);
  CHECK(out.notes.empty());
  const std::string both = text_of_file("charon-logs.ikev2_decryption_table");
  const Loaded loaded = load(both);
  const Exported without_d = exported_ike(loaded.store.ike_keys());
  const Loaded again = load(without_d.text);
  REQUIRE(again.store.ike_keys().size() == 5);
  for (std::size_t i = 0; i < 5; ++i) {
    const std::string one = spell(ike(loaded, i)), two = spell(ike(again, i));
    CHECK(one.substr(one.find(" a ")) == two.substr(two.find(" a ")));
    CHECK((spell_names(ike(loaded, i)) == spell_names(ike(again, i)) && ike(again, i).sk_d.empty()));
  }
}

TEST_CASE("export of IKE keys to Wireshark: what Wireshark cannot check it is to decrypt only") {
  Maker make;
  for (const auto& [name, bits] : {std::pair{"xcbc(aes)", 96}, std::pair{"cmac(aes)", 96}}) {
    const IkeKeys keys = make.with_integrity(name, 16, static_cast<std::uint16_t>(bits));
    const Exported out = exported_ike({&keys, 1});
    CHECK_THAT(out.text, Catch::EndsWith(",,,\"ANY 96-bits of Authentication [No Checking]\"\n"));
    CHECK(out.said() == "Wireshark cannot check this ICV of 96 bits; its row only decrypts");
    CHECK((out.notes[0].file == "f" && out.notes[0].line == 3));
  }
  IkeKeys unknown = make.keys("cbc(aes)", 16);
  unknown.integrity.icv_bits = 160;
  CHECK_THAT(exported_ike({&unknown, 1}).text, Catch::Contains("ANY 160-bits"));
}

TEST_CASE("export of IKE keys to Wireshark: what it has no rows for is left out, and told") {
  Maker make;
  CHECK_THAT(left_out(make.keys("rfc7539esp(chacha20,poly1305)", 36, 128)), Catch::Contains("no ChaCha20-Poly1305"));
  CHECK_THAT(left_out(make.keys("cbc(camellia)", 16)), Catch::Contains("no Camellia-CBC"));
  CHECK_THAT(left_out(make.with_integrity("hmac(sha512)", 64, 512)), Catch::Contains("no ICV of 512 bits"));
  IkeKeys keys = make.keys("cbc(aes)", 16);
  keys.names_algorithms = false;
  CHECK_THAT(left_out(keys), Catch::Contains("does not say its algorithms"));
  keys = make.keys("cbc(aes)", 16), keys.initiator_spi = keys.responder_spi = 0;
  CHECK_THAT(left_out(keys), Catch::Contains("does not say its SPIs"));
}

TEST_CASE("export of IKE keys to Wireshark: generations under one pair of SPIs are told") {
  Maker make;
  const std::vector<IkeKeys> all{make.keys("cbc(aes)", 16), make.keys("cbc(aes)", 32)};
  const Exported out = exported_ike(all);
  CHECK(std::count(out.text.begin(), out.text.end(), '\n') == 2);
  CHECK((out.notes.size() == 1 && out.said().find("goes by the last") != std::string::npos));
}
