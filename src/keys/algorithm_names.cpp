// One table of names. Of several for one algorithm the first is the one to write.
// Sources: the lists that each program shows its users (preferences of ESP and ISAKMP, setkey(8), swanctl.conf(5), what
// pluto logs when it starts); of the keys of IKE SAs in pluto's log, the program.
#include "keys/algorithm_names.hpp"

#include <utility>

#include "keys/text.hpp"

namespace espdump::keys {
namespace {

using K = AlgorithmKind;
using N = Naming;

constexpr std::uint16_t unsaid = 0;  // the name says no ICV length

struct Name {
  Naming naming;
  AlgorithmKind kind;
  std::string_view text;
  std::string_view xfrm;
  std::uint16_t icv_bits = unsaid;
  std::uint16_t key_bits = unsaid;  // without salt
};

constexpr Name names[] = {
    {N::wireshark, K::encryption, "NULL", "ecb(cipher_null)"},
    {N::wireshark, K::encryption, "TripleDES-CBC [RFC2451]", "cbc(des3_ede)"},
    {N::wireshark, K::encryption, "AES-CBC [RFC3602]", "cbc(aes)"},
    {N::wireshark, K::encryption, "AES-CTR [RFC3686]", "rfc3686(ctr(aes))"},
    {N::wireshark, K::encryption, "DES-CBC [RFC2405]", "cbc(des)"},
    {N::wireshark, K::encryption, "CAST5-CBC [RFC2144]", "cbc(cast5)"},
    {N::wireshark, K::encryption, "BLOWFISH-CBC [RFC2451]", "cbc(blowfish)"},
    {N::wireshark, K::encryption, "TWOFISH-CBC", "cbc(twofish)"},
    {N::wireshark, K::aead, "AES-GCM with 8 octet ICV [RFC4106]", "rfc4106(gcm(aes))", 64},
    {N::wireshark, K::aead, "AES-GCM with 12 octet ICV [RFC4106]", "rfc4106(gcm(aes))", 96},
    {N::wireshark, K::aead, "AES-GCM with 16 octet ICV [RFC4106]", "rfc4106(gcm(aes))", 128},
    {N::wireshark, K::aead, "AES-GCM [RFC4106]", "rfc4106(gcm(aes))"},
    {N::wireshark, K::aead, "AES-GCM with IIV and 16 octet ICV [RFC4106 & RFC8750]", "rfc8750(gcm(aes))", 128},
    {N::wireshark, K::aead, "ChaCha20 with Poly1305 [RFC7634]", "rfc7539esp(chacha20,poly1305)", 128},
    {N::wireshark, K::aead, "ChaCha20 with Poly1305 and IIV [RFC7634 & RFC8750]", "rfc8750(chacha20,poly1305)", 128},
    {N::wireshark, K::integrity, "NULL", "digest_null", 0},
    {N::wireshark, K::integrity, "HMAC-SHA-1-96 [RFC2404]", "hmac(sha1)", 96},
    {N::wireshark, K::integrity, "HMAC-SHA-256-96 [draft-ietf-ipsec-ciph-sha-256-00]", "hmac(sha256)", 96},
    {N::wireshark, K::integrity, "HMAC-SHA-256-128 [RFC4868]", "hmac(sha256)", 128},
    {N::wireshark, K::integrity, "HMAC-SHA-384-192 [RFC4868]", "hmac(sha384)", 192},
    {N::wireshark, K::integrity, "HMAC-SHA-512-256 [RFC4868]", "hmac(sha512)", 256},
    {N::wireshark, K::integrity, "HMAC-MD5-96 [RFC2403]", "hmac(md5)", 96},
    {N::wireshark, K::integrity, "MAC-RIPEMD-160-96 [RFC2857]", "hmac(rmd160)", 96},

    {N::wireshark_ike, K::encryption, "3DES [RFC2451]", "cbc(des3_ede)"},
    {N::wireshark_ike, K::encryption, "NULL [RFC2410]", "ecb(cipher_null)"},
    {N::wireshark_ike, K::encryption, "AES-CBC-128 [RFC3602]", "cbc(aes)", unsaid, 128},
    {N::wireshark_ike, K::encryption, "AES-CBC-192 [RFC3602]", "cbc(aes)", unsaid, 192},
    {N::wireshark_ike, K::encryption, "AES-CBC-256 [RFC3602]", "cbc(aes)", unsaid, 256},
    {N::wireshark_ike, K::encryption, "AES-CTR-128 [RFC5930]", "rfc3686(ctr(aes))", unsaid, 128},
    {N::wireshark_ike, K::encryption, "AES-CTR-192 [RFC5930]", "rfc3686(ctr(aes))", unsaid, 192},
    {N::wireshark_ike, K::encryption, "AES-CTR-256 [RFC5930]", "rfc3686(ctr(aes))", unsaid, 256},
    {N::wireshark_ike, K::aead, "AES-GCM-128 with 8 octet ICV [RFC5282]", "rfc4106(gcm(aes))", 64, 128},
    {N::wireshark_ike, K::aead, "AES-GCM-128 with 12 octet ICV [RFC5282]", "rfc4106(gcm(aes))", 96, 128},
    {N::wireshark_ike, K::aead, "AES-GCM-128 with 16 octet ICV [RFC5282]", "rfc4106(gcm(aes))", 128, 128},
    {N::wireshark_ike, K::aead, "AES-GCM-192 with 8 octet ICV [RFC5282]", "rfc4106(gcm(aes))", 64, 192},
    {N::wireshark_ike, K::aead, "AES-GCM-192 with 12 octet ICV [RFC5282]", "rfc4106(gcm(aes))", 96, 192},
    {N::wireshark_ike, K::aead, "AES-GCM-192 with 16 octet ICV [RFC5282]", "rfc4106(gcm(aes))", 128, 192},
    {N::wireshark_ike, K::aead, "AES-GCM-256 with 8 octet ICV [RFC5282]", "rfc4106(gcm(aes))", 64, 256},
    {N::wireshark_ike, K::aead, "AES-GCM-256 with 12 octet ICV [RFC5282]", "rfc4106(gcm(aes))", 96, 256},
    {N::wireshark_ike, K::aead, "AES-GCM-256 with 16 octet ICV [RFC5282]", "rfc4106(gcm(aes))", 128, 256},
    {N::wireshark_ike, K::aead, "AES-CCM-128 with 8 octet ICV [RFC5282]", "rfc4309(ccm(aes))", 64, 128},
    {N::wireshark_ike, K::aead, "AES-CCM-128 with 12 octet ICV [RFC5282]", "rfc4309(ccm(aes))", 96, 128},
    {N::wireshark_ike, K::aead, "AES-CCM-128 with 16 octet ICV [RFC5282]", "rfc4309(ccm(aes))", 128, 128},
    {N::wireshark_ike, K::aead, "AES-CCM-192 with 8 octet ICV [RFC5282]", "rfc4309(ccm(aes))", 64, 192},
    {N::wireshark_ike, K::aead, "AES-CCM-192 with 12 octet ICV [RFC5282]", "rfc4309(ccm(aes))", 96, 192},
    {N::wireshark_ike, K::aead, "AES-CCM-192 with 16 octet ICV [RFC5282]", "rfc4309(ccm(aes))", 128, 192},
    {N::wireshark_ike, K::aead, "AES-CCM-256 with 8 octet ICV [RFC5282]", "rfc4309(ccm(aes))", 64, 256},
    {N::wireshark_ike, K::aead, "AES-CCM-256 with 12 octet ICV [RFC5282]", "rfc4309(ccm(aes))", 96, 256},
    {N::wireshark_ike, K::aead, "AES-CCM-256 with 16 octet ICV [RFC5282]", "rfc4309(ccm(aes))", 128, 256},
    {N::wireshark_ike, K::integrity, "HMAC_MD5_96 [RFC2403]", "hmac(md5)", 96},
    {N::wireshark_ike, K::integrity, "HMAC_SHA1_96 [RFC2404]", "hmac(sha1)", 96},
    {N::wireshark_ike, K::integrity, "HMAC_MD5_128 [RFC4595]", "hmac(md5)", 128},
    {N::wireshark_ike, K::integrity, "HMAC_SHA1_160 [RFC4595]", "hmac(sha1)", 160},
    {N::wireshark_ike, K::integrity, "HMAC_SHA2_256_96 [draft-ietf-ipsec-ciph-sha-256-00]", "hmac(sha256)", 96},
    {N::wireshark_ike, K::integrity, "HMAC_SHA2_256_128 [RFC4868]", "hmac(sha256)", 128},
    {N::wireshark_ike, K::integrity, "HMAC_SHA2_384_192 [RFC4868]", "hmac(sha384)", 192},
    {N::wireshark_ike, K::integrity, "HMAC_SHA2_512_256 [RFC4868]", "hmac(sha512)", 256},

    {N::setkey, K::encryption, "null", "ecb(cipher_null)"},
    {N::setkey, K::encryption, "simple", "ecb(cipher_null)"},
    {N::setkey, K::encryption, "3des-cbc", "cbc(des3_ede)"},
    {N::setkey, K::encryption, "des-cbc", "cbc(des)"},
    {N::setkey, K::encryption, "aes-cbc", "cbc(aes)"},
    {N::setkey, K::encryption, "rijndael-cbc", "cbc(aes)"},
    {N::setkey, K::encryption, "aes-ctr", "rfc3686(ctr(aes))"},
    {N::setkey, K::encryption, "blowfish-cbc", "cbc(blowfish)"},
    {N::setkey, K::encryption, "cast128-cbc", "cbc(cast5)"},
    {N::setkey, K::encryption, "camellia-cbc", "cbc(camellia)"},
    {N::setkey, K::encryption, "twofish-cbc", "cbc(twofish)"},
    {N::setkey, K::encryption, "serpent-cbc", "cbc(serpent)"},
    {N::setkey, K::aead, "aes-gcm-16", "rfc4106(gcm(aes))", 128},
    {N::setkey, K::integrity, "null", "digest_null", 0},
    {N::setkey, K::integrity, "hmac-md5", "hmac(md5)", 96},
    {N::setkey, K::integrity, "hmac-sha1", "hmac(sha1)", 96},
    {N::setkey, K::integrity, "hmac-sha2-256", "hmac(sha256)", 96},
    {N::setkey, K::integrity, "hmac-sha256", "hmac(sha256)", 96},
    {N::setkey, K::integrity, "hmac-sha2-384", "hmac(sha384)", 192},
    {N::setkey, K::integrity, "hmac-sha384", "hmac(sha384)", 192},
    {N::setkey, K::integrity, "hmac-sha2-512", "hmac(sha512)", 256},
    {N::setkey, K::integrity, "hmac-sha512", "hmac(sha512)", 256},
    {N::setkey, K::integrity, "hmac-ripemd160", "hmac(rmd160)", 96},
    {N::setkey, K::integrity, "aes-xcbc-mac", "xcbc(aes)", 96},

    {N::strongswan, K::encryption, "NULL", "ecb(cipher_null)"},
    {N::strongswan, K::encryption, "AES_CBC", "cbc(aes)"},
    {N::strongswan, K::encryption, "AES_CTR", "rfc3686(ctr(aes))"},
    {N::strongswan, K::encryption, "3DES_CBC", "cbc(des3_ede)"},
    {N::strongswan, K::encryption, "DES_CBC", "cbc(des)"},
    {N::strongswan, K::encryption, "BLOWFISH_CBC", "cbc(blowfish)"},
    {N::strongswan, K::encryption, "CAST_CBC", "cbc(cast5)"},
    {N::strongswan, K::encryption, "CAMELLIA_CBC", "cbc(camellia)"},
    {N::strongswan, K::encryption, "SERPENT_CBC", "cbc(serpent)"},
    {N::strongswan, K::encryption, "TWOFISH_CBC", "cbc(twofish)"},
    {N::strongswan, K::aead, "AES_GCM_16", "rfc4106(gcm(aes))", 128},
    {N::strongswan, K::aead, "AES_GCM_12", "rfc4106(gcm(aes))", 96},
    {N::strongswan, K::aead, "AES_GCM_8", "rfc4106(gcm(aes))", 64},
    {N::strongswan, K::aead, "AES_CCM_16", "rfc4309(ccm(aes))", 128},
    {N::strongswan, K::aead, "AES_CCM_12", "rfc4309(ccm(aes))", 96},
    {N::strongswan, K::aead, "AES_CCM_8", "rfc4309(ccm(aes))", 64},
    {N::strongswan, K::aead, "CHACHA20_POLY1305", "rfc7539esp(chacha20,poly1305)", 128},
    {N::strongswan, K::aead, "NULL_AES_GMAC", "rfc4543(gcm(aes))", 128},
    {N::strongswan, K::integrity, "HMAC_MD5_96", "hmac(md5)", 96},
    {N::strongswan, K::integrity, "HMAC_MD5_128", "hmac(md5)", 128},
    {N::strongswan, K::integrity, "HMAC_SHA1_96", "hmac(sha1)", 96},
    {N::strongswan, K::integrity, "HMAC_SHA1_128", "hmac(sha1)", 128},
    {N::strongswan, K::integrity, "HMAC_SHA1_160", "hmac(sha1)", 160},
    {N::strongswan, K::integrity, "HMAC_SHA2_256_96", "hmac(sha256)", 96},
    {N::strongswan, K::integrity, "HMAC_SHA2_256_128", "hmac(sha256)", 128},
    {N::strongswan, K::integrity, "HMAC_SHA2_256_256", "hmac(sha256)", 256},
    {N::strongswan, K::integrity, "HMAC_SHA2_384_192", "hmac(sha384)", 192},
    {N::strongswan, K::integrity, "HMAC_SHA2_384_384", "hmac(sha384)", 384},
    {N::strongswan, K::integrity, "HMAC_SHA2_512_256", "hmac(sha512)", 256},
    {N::strongswan, K::integrity, "HMAC_SHA2_512_512", "hmac(sha512)", 512},
    {N::strongswan, K::integrity, "AES_XCBC_96", "xcbc(aes)", 96},
    {N::strongswan, K::integrity, "AES_CMAC_96", "cmac(aes)", 96},

    {N::libreswan, K::encryption, "NULL", "ecb(cipher_null)"},
    {N::libreswan, K::encryption, "AES_CBC", "cbc(aes)"},
    {N::libreswan, K::encryption, "AES_CTR", "rfc3686(ctr(aes))"},
    {N::libreswan, K::encryption, "3DES_CBC", "cbc(des3_ede)"},
    {N::libreswan, K::encryption, "CAMELLIA_CBC", "cbc(camellia)"},
    {N::libreswan, K::aead, "AES_GCM_16", "rfc4106(gcm(aes))", 128},
    {N::libreswan, K::aead, "AES_GCM_12", "rfc4106(gcm(aes))", 96},
    {N::libreswan, K::aead, "AES_GCM_8", "rfc4106(gcm(aes))", 64},
    {N::libreswan, K::aead, "AES_CCM_16", "rfc4309(ccm(aes))", 128},
    {N::libreswan, K::aead, "AES_CCM_12", "rfc4309(ccm(aes))", 96},
    {N::libreswan, K::aead, "AES_CCM_8", "rfc4309(ccm(aes))", 64},
    {N::libreswan, K::aead, "CHACHA20_POLY1305", "rfc7539esp(chacha20,poly1305)", 128},
    {N::libreswan, K::aead, "NULL_AUTH_AES_GMAC", "rfc4543(gcm(aes))", 128},
    {N::libreswan, K::integrity, "HMAC_MD5_96", "hmac(md5)", 96},
    {N::libreswan, K::integrity, "HMAC_SHA1_96", "hmac(sha1)", 96},
    {N::libreswan, K::integrity, "HMAC_SHA2_256_128", "hmac(sha256)", 128},
    {N::libreswan, K::integrity, "HMAC_SHA2_256_TRUNCBUG", "hmac(sha256)", 96},
    {N::libreswan, K::integrity, "HMAC_SHA2_384_192", "hmac(sha384)", 192},
    {N::libreswan, K::integrity, "HMAC_SHA2_512_256", "hmac(sha512)", 256},
    {N::libreswan, K::integrity, "AES_XCBC_96", "xcbc(aes)", 96},
    {N::libreswan, K::integrity, "AES_CMAC_96", "cmac(aes)", 96},

    {N::libreswan_ike, K::encryption, "aes", "cbc(aes)"},
    {N::libreswan_ike, K::encryption, "aes_ctr", "rfc3686(ctr(aes))"},
    {N::libreswan_ike, K::encryption, "3des", "cbc(des3_ede)"},
    {N::libreswan_ike, K::encryption, "camellia", "cbc(camellia)"},
    {N::libreswan_ike, K::encryption, "twofish", "cbc(twofish)"},
    {N::libreswan_ike, K::aead, "aes_gcm_16", "rfc4106(gcm(aes))", 128},
    {N::libreswan_ike, K::aead, "aes_gcm_12", "rfc4106(gcm(aes))", 96},
    {N::libreswan_ike, K::aead, "aes_gcm", "rfc4106(gcm(aes))", 64},
    {N::libreswan_ike, K::aead, "aes_ccm_16", "rfc4309(ccm(aes))", 128},
    {N::libreswan_ike, K::aead, "aes_ccm_12", "rfc4309(ccm(aes))", 96},
    {N::libreswan_ike, K::aead, "aes_ccm_8", "rfc4309(ccm(aes))", 64},
    {N::libreswan_ike, K::aead, "chacha20_poly1305", "rfc7539esp(chacha20,poly1305)", 128},
    {N::libreswan_ike, K::integrity, "md5", "hmac(md5)", 96},
    {N::libreswan_ike, K::integrity, "sha1", "hmac(sha1)", 96},
    {N::libreswan_ike, K::integrity, "sha256", "hmac(sha256)", 128},
    {N::libreswan_ike, K::integrity, "sha384", "hmac(sha384)", 192},
    {N::libreswan_ike, K::integrity, "sha512", "hmac(sha512)", 256},
    {N::libreswan_ike, K::integrity, "aes_xcbc", "xcbc(aes)", 96},
    {N::libreswan_ike, K::integrity, "aes_cmac", "cmac(aes)", 96},
};

constexpr std::pair<std::string_view, Prf> prfs[] = {
    {"PRF_HMAC_MD5", Prf::hmac_md5},         {"PRF_HMAC_SHA1", Prf::hmac_sha1},
    {"PRF_HMAC_SHA2_256", Prf::hmac_sha256}, {"PRF_HMAC_SHA2_384", Prf::hmac_sha384},
    {"PRF_HMAC_SHA2_512", Prf::hmac_sha512}, {"PRF_AES128_XCBC", Prf::aes_xcbc},
    {"PRF_AES128_CMAC", Prf::aes_cmac},
};

std::size_t key_size(const AlgorithmInfo& info, std::uint32_t bits) { return bits / 8 + info.salt; }

std::optional<NamedAlgorithm> named(Naming naming, std::string_view text, bool integrity) {
  for (const Name& name : names) {
    if (name.naming != naming || (name.kind == K::integrity) != integrity || !same_word(name.text, text)) continue;
    const AlgorithmInfo* info = find_algorithm(name.kind, name.xfrm);
    if (info == nullptr) return std::nullopt;
    NamedAlgorithm out{info, {}, {}};
    if (name.icv_bits != unsaid || name.kind == K::integrity) out.icv_bits = name.icv_bits;
    if (name.key_bits != unsaid) out.key_size = key_size(*info, name.key_bits);
    return out;
  }
  return std::nullopt;
}

}  // namespace

std::optional<NamedAlgorithm> cipher_named(Naming naming, std::string_view name) { return named(naming, name, false); }
std::optional<NamedAlgorithm> integrity_named(Naming naming, std::string_view name) {
  return named(naming, name, true);
}

std::optional<NamedAlgorithm> sized_cipher_named(Naming naming, std::string_view name) {
  constexpr std::size_t digits = 3;
  if (const auto whole = cipher_named(naming, name)) return whole;
  if (name.size() <= digits) return std::nullopt;
  const auto bits = number(name.substr(name.size() - digits));
  name.remove_suffix(digits);
  if (ends_with(name, "_")) name.remove_suffix(1);
  auto out = cipher_named(naming, name);
  if (!bits || !out) return std::nullopt;
  out->key_size = key_size(*out->info, *bits);
  return out;
}

Prf prf_named(std::string_view name) {
  for (const auto& [text, prf] : prfs)
    if (text == name) return prf;
  return Prf::unknown;
}

std::string_view name_of(Prf wanted) {
  for (const auto& [text, prf] : prfs)
    if (prf == wanted) return text;
  return {};
}

std::string_view name_of(Naming naming, const AlgorithmInfo& info, std::uint16_t icv_bits, std::size_t size) {
  for (const Name& name : names) {
    const bool same_icv = name.icv_bits == icv_bits || (name.icv_bits == unsaid && info.kind != K::integrity);
    const bool same_key = name.key_bits == unsaid || key_size(info, name.key_bits) == size;
    if (name.naming == naming && name.kind == info.kind && name.xfrm == info.xfrm && same_icv && same_key)
      return name.text;
  }
  return {};
}

}  // namespace espdump::keys
