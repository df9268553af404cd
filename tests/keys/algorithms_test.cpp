// The table of algorithms and the names of suites.
#include <espdump/sa.hpp>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/testdata.hpp"
#include "support/vectors.hpp"

using namespace espdump;

namespace {

SecurityAssociation esp_sa(SecretArena& arena, AlgorithmKind kind, std::string_view cipher, std::size_t key_bytes,
                           std::uint16_t icv_bits = 0) {
  SecurityAssociation sa;
  sa.encryption = {find_algorithm(kind, cipher), arena.store(std::vector<std::uint8_t>(key_bytes, 1)), icv_bits};
  REQUIRE(sa.encryption.info != nullptr);
  return sa;
}

void add_integrity(SecurityAssociation& sa, std::string_view name, std::uint16_t bits) {
  sa.integrity.info = find_algorithm(AlgorithmKind::integrity, name);
  REQUIRE(sa.integrity.info != nullptr);
  sa.integrity.icv_bits = bits;
}

}  // namespace

TEST_CASE("algorithms: names are unique within a kind and the sizes hang together") {
  std::set<std::pair<AlgorithmKind, std::string_view>> seen;
  for (const AlgorithmInfo& row : all_algorithms()) {
    INFO(row.xfrm);
    CHECK(seen.insert({row.kind, row.xfrm}).second);
    if (!row.alias.empty()) CHECK(seen.insert({row.kind, row.alias}).second);
    CHECK_FALSE(row.label.empty());
    CHECK(row.key_min <= row.key_max);
    CHECK(row.key_step > 0);
    CHECK((row.key_max - row.key_min) % row.key_step == 0);
    CHECK(row.block >= 4);
    CHECK(row.block % 4 == 0);
    CHECK(row.icv_bits <= row.icv_bits_max);
    CHECK(row.icv_bits % 8 == 0);
  }
}

TEST_CASE("algorithms: found by canonical name and by alias, never across kinds") {
  CHECK(find_algorithm(AlgorithmKind::encryption, "cbc(aes)") == find_algorithm(AlgorithmKind::encryption, "aes"));
  CHECK(find_algorithm(AlgorithmKind::encryption, "cipher_null")->primitive == Primitive::null_cipher);
  CHECK(find_algorithm(AlgorithmKind::integrity, "digest_null")->primitive == Primitive::null_mac);
  CHECK(find_algorithm(AlgorithmKind::integrity, "ripemd160")->primitive == Primitive::hmac_ripemd160);
  CHECK(find_algorithm(AlgorithmKind::integrity, "sha256")->icv_bits == 96);
  CHECK(find_algorithm(AlgorithmKind::integrity, "aes") == nullptr);
  CHECK(find_algorithm(AlgorithmKind::integrity, "sha384") == nullptr);
  CHECK(find_algorithm(AlgorithmKind::aead, "") == nullptr);
}

TEST_CASE("algorithms: sizes of what is used most") {
  const auto& gcm = *find_algorithm(AlgorithmKind::aead, "rfc4106(gcm(aes))");
  CHECK((gcm.salt == 4 && gcm.iv == 8 && gcm.block == 4 && gcm.icv_bits == 128));
  const auto& ccm = *find_algorithm(AlgorithmKind::aead, "rfc4309(ccm(aes))");
  CHECK((ccm.salt == 3 && ccm.iv == 8));
  const auto& cbc = *find_algorithm(AlgorithmKind::encryption, "cbc(aes)");
  CHECK((cbc.salt == 0 && cbc.iv == 16 && cbc.block == 16 && cbc.key_min == 16 && cbc.key_max == 32));
  const auto& sha384 = *find_algorithm(AlgorithmKind::integrity, "hmac(sha384)");
  CHECK((sha384.icv_bits == 192 && sha384.icv_bits_max == 384 && sha384.key_min == 48));
}

TEST_CASE("algorithms: suites have the names of the reports") {
  SecretArena arena;
  CHECK(suite_name(esp_sa(arena, AlgorithmKind::aead, "rfc4106(gcm(aes))", 36, 128)) == "AES-GCM-16-256");
  CHECK(suite_name(esp_sa(arena, AlgorithmKind::aead, "rfc4309(ccm(aes))", 19, 64)) == "AES-CCM-8-128");
  CHECK(suite_name(esp_sa(arena, AlgorithmKind::aead, "rfc7539esp(chacha20,poly1305)", 36, 128)) ==
        "ChaCha20-Poly1305");
  auto cbc = esp_sa(arena, AlgorithmKind::encryption, "cbc(aes)", 16);
  CHECK(suite_name(cbc) == "AES-CBC-128 without integrity");
  add_integrity(cbc, "digest_null", 0);
  CHECK(suite_name(cbc) == "AES-CBC-128 without integrity");
  add_integrity(cbc, "hmac(sha256)", 96);
  CHECK(suite_name(cbc) == "AES-CBC-128 + HMAC-SHA2-256/96");
  auto null = esp_sa(arena, AlgorithmKind::encryption, "ecb(cipher_null)", 0);
  add_integrity(null, "hmac(sha1)", 96);
  CHECK(suite_name(null) == "NULL + HMAC-SHA1/96");
  null.protocol = IpsecProtocol::ah;
  CHECK(suite_name(null) == "HMAC-SHA1/96");
  auto ctr = esp_sa(arena, AlgorithmKind::encryption, "rfc3686(ctr(aes))", 20);
  add_integrity(ctr, "xcbc(aes)", 96);
  CHECK(suite_name(ctr) == "AES-CTR-128 + AES-XCBC/96");
}

TEST_CASE("algorithms: suites with something missing still have names") {
  SecurityAssociation sa;
  add_integrity(sa, "hmac(sha256)", 128);
  CHECK(suite_name(sa) == "HMAC-SHA2-256/128, cipher not given");
  sa.encryption.state = KeyState::unusable;
  CHECK(suite_name(sa) == "unknown + HMAC-SHA2-256/128");
  sa.encryption = {find_algorithm(AlgorithmKind::aead, "rfc4106(gcm(aes))"), {}, 128, KeyState::hidden};
  sa.integrity = {};
  CHECK(suite_name(sa) == "AES-GCM-16");
}

TEST_CASE("algorithms: ICVs have the lengths of the RFCs, those of separate integrity any whole number of bytes") {
  const auto legal = [](AlgorithmKind kind, std::string_view name, std::uint32_t bits) {
    return is_legal_icv(*find_algorithm(kind, name), bits);
  };
  for (const std::uint32_t bits : {64U, 96U, 128U}) CHECK(legal(AlgorithmKind::aead, "rfc4106(gcm(aes))", bits));
  for (const std::uint32_t bits : {0U, 8U, 104U, 136U})
    CHECK_FALSE(legal(AlgorithmKind::aead, "rfc4106(gcm(aes))", bits));
  CHECK(legal(AlgorithmKind::aead, "rfc8750(ccm(aes))", 64));
  CHECK_FALSE(legal(AlgorithmKind::aead, "rfc8750(ccm(aes))", 128));
  CHECK_FALSE(legal(AlgorithmKind::aead, "rfc8750(gcm(aes))", 96));
  for (std::uint32_t bits = 0; bits < 300; ++bits)
    CHECK(legal(AlgorithmKind::integrity, "hmac(sha256)", bits) == (bits != 0 && bits % 8 == 0 && bits <= 256));
  CHECK_FALSE(legal(AlgorithmKind::encryption, "cbc(aes)", 96));
  CHECK_FALSE(legal(AlgorithmKind::integrity, "digest_null", 0));
}

TEST_CASE("algorithms: an unknown integrity algorithm still puts an ICV behind the packets") {
  CHECK_FALSE(makes_icv({}));
  AlgorithmUse use;
  use.info = find_algorithm(AlgorithmKind::integrity, "digest_null");
  CHECK_FALSE(makes_icv(use));
  use.info = find_algorithm(AlgorithmKind::integrity, "sha1");
  CHECK(makes_icv(use));
  SecretArena arena;
  auto sa = esp_sa(arena, AlgorithmKind::encryption, "cbc(aes)", 16);
  sa.integrity.state = KeyState::hidden;
  CHECK(suite_name(sa) == "AES-CBC-128 + unknown");
  sa.integrity.icv_bits = 96;
  CHECK(makes_icv(sa.integrity));
  CHECK(suite_name(sa) == "AES-CBC-128 + unknown/96");
}

// What stands between the bars of a row of a table.
std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> out;
  std::istringstream in{line};
  for (std::string cell; std::getline(in, cell, '|');) {
    const auto from = cell.find_first_not_of(" `"), to = cell.find_last_not_of(" `");
    out.push_back(from == std::string::npos ? std::string{} : cell.substr(from, to - from + 1));
  }
  return out;
}

TEST_CASE("algorithms: docs/keys.md names each with vectors and what a kernel sent, as far as there is such") {
  std::ifstream document(test::testdata("../docs/keys.md"));
  std::map<std::string, std::vector<std::string>> rows;
  for (std::string line; std::getline(document, line);)
    if (const auto row = cells(line); row.size() == 7) rows[row[2]] = row;
  const auto vectors = test::esp_vectors();
  for (const AlgorithmInfo& info : all_algorithms()) {
    if (info.kind == AlgorithmKind::compression || info.primitive == Primitive::null_mac) continue;
    CAPTURE(info.xfrm);
    REQUIRE(rows.count(std::string{info.xfrm}) == 1);
    const auto& row = rows[std::string{info.xfrm}];
    if (!info.reference.empty()) CHECK("RFC " + row[3] == info.reference);
    CHECK(std::ifstream(test::testdata("vectors/" + row[5])).good());
    const bool from_linux = info.reference != "RFC 8750";
    if (from_linux && test::has_library_for(info.xfrm))
      CHECK(std::any_of(vectors.begin(), vectors.end(), [&](const test::EspVector& vector) {
        return vector.name == row[6] && vector.sa.find(" " + std::string{info.xfrm}) != std::string::npos;
      }));
    else if (!from_linux)
      CHECK(row[6] == "none has it");
  }
}
