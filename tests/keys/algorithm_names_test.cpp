// Names of other programs, read and written.
#include "keys/algorithm_names.hpp"

#include "support/catch.hpp"

using namespace espdump;
using keys::cipher_named;
using keys::integrity_named;
using keys::name_of;
using keys::Naming;

TEST_CASE("algorithm names: what is written is read as the same") {
  for (const Naming naming : {Naming::wireshark, Naming::setkey, Naming::strongswan}) {
    std::size_t named = 0;
    for (const AlgorithmInfo& info : all_algorithms())
      for (unsigned bits = 0; bits <= 512; bits += 8) {
        const auto name = name_of(naming, info, static_cast<std::uint16_t>(bits));
        if (name.empty()) continue;
        ++named;
        const bool integrity = info.kind == AlgorithmKind::integrity;
        const auto read = integrity ? integrity_named(naming, name) : cipher_named(naming, name);
        INFO(name);
        REQUIRE(read);
        CHECK(read->info == &info);
        if (read->icv_bits) CHECK(*read->icv_bits == bits);
      }
    CHECK(named > 10);
  }
}

TEST_CASE("algorithm names: capitals do not matter, kinds do") {
  CHECK(cipher_named(Naming::wireshark, "TripleDes-CBC [rfc2451]")->info->primitive == Primitive::des3_cbc);
  CHECK(cipher_named(Naming::wireshark, "NULL")->info->primitive == Primitive::null_cipher);
  CHECK(integrity_named(Naming::wireshark, "NULL")->info->primitive == Primitive::null_mac);
  CHECK_FALSE(cipher_named(Naming::setkey, "AES-CBC [RFC3602]"));
  CHECK_FALSE(integrity_named(Naming::strongswan, "AES_CBC"));
}
