// The one table of algorithms: all that Linux xfrm knows, and the implicit IV suites of RFC 8750.
// Sizes: the kernel's xfrm_algo.c and the RFCs named in the rows.
#include <fmt/core.h>

#include <espdump/sa.hpp>

namespace espdump {
namespace {

using K = AlgorithmKind;
using P = Primitive;

// clang-format off
constexpr AlgorithmInfo table[] = {
  // kind          kernel name                      alias          label                primitive             key: min, max, step
  //                                                                                            salt, iv, block, icv, full icv, reference
  {K::aead,        "rfc4106(gcm(aes))",             "",            "AES-GCM",           P::aes_gcm,           16, 32, 8,  4,  8,  4, 128, 128, "RFC 4106"},
  {K::aead,        "rfc4309(ccm(aes))",             "",            "AES-CCM",           P::aes_ccm,           16, 32, 8,  3,  8,  4, 128, 128, "RFC 4309"},
  {K::aead,        "rfc4543(gcm(aes))",             "",            "AES-GMAC",          P::aes_gmac,          16, 32, 8,  4,  8,  4, 128, 128, "RFC 4543"},
  {K::aead,        "rfc7539esp(chacha20,poly1305)", "",            "ChaCha20-Poly1305", P::chacha20_poly1305, 32, 32, 8,  4,  8,  4, 128, 128, "RFC 7634"},

  // Not of Linux: the names are ours, after the pattern of the others, for the keys of other implementations.
  {K::aead,        "rfc8750(gcm(aes))",             "",            "AES-GCM-IIV",       P::aes_gcm,           16, 32, 8,  4,  0,  4, 128, 128, "RFC 8750"},
  {K::aead,        "rfc8750(ccm(aes))",             "",            "AES-CCM-IIV",       P::aes_ccm,           16, 32, 8,  3,  0,  4,  64,  64, "RFC 8750"},
  {K::aead,        "rfc8750(chacha20,poly1305)",    "",            "ChaCha20-Poly1305-IIV", P::chacha20_poly1305, 32, 32, 8, 4, 0, 4, 128, 128, "RFC 8750"},

  {K::encryption,  "ecb(cipher_null)",              "cipher_null", "NULL",              P::null_cipher,        0,  0, 1,  0,  0,  4,   0,   0, "RFC 2410"},
  {K::encryption,  "cbc(aes)",                      "aes",         "AES-CBC",           P::aes_cbc,           16, 32, 8,  0, 16, 16,   0,   0, "RFC 3602"},
  {K::encryption,  "rfc3686(ctr(aes))",             "",            "AES-CTR",           P::aes_ctr,           16, 32, 8,  4,  8,  4,   0,   0, "RFC 3686"},
  {K::encryption,  "cbc(des3_ede)",                 "des3_ede",    "3DES-CBC",          P::des3_cbc,          24, 24, 1,  0,  8,  8,   0,   0, "RFC 2451"},
  {K::encryption,  "cbc(des)",                      "des",         "DES-CBC",           P::des_cbc,            8,  8, 1,  0,  8,  8,   0,   0, "RFC 2405"},
  {K::encryption,  "cbc(cast5)",                    "cast5",       "CAST5-CBC",         P::cast5_cbc,          5, 16, 1,  0,  8,  8,   0,   0, "RFC 2451"},
  {K::encryption,  "cbc(blowfish)",                 "blowfish",    "Blowfish-CBC",      P::blowfish_cbc,       4, 56, 1,  0,  8,  8,   0,   0, "RFC 2451"},
  {K::encryption,  "cbc(camellia)",                 "camellia",    "Camellia-CBC",      P::camellia_cbc,      16, 32, 8,  0, 16, 16,   0,   0, "RFC 4312"},
  {K::encryption,  "cbc(serpent)",                  "serpent",     "Serpent-CBC",       P::serpent_cbc,        1, 32, 1,  0, 16, 16,   0,   0, ""},
  {K::encryption,  "cbc(twofish)",                  "twofish",     "Twofish-CBC",       P::twofish_cbc,       16, 32, 8,  0, 16, 16,   0,   0, ""},
  {K::encryption,  "cbc(sm4)",                      "sm4",         "SM4-CBC",           P::sm4_cbc,           16, 16, 1,  0, 16, 16,   0,   0, ""},

  {K::integrity,   "digest_null",                   "",            "none",              P::null_mac,           0,  0, 1,  0,  0,  4,   0,   0, ""},
  {K::integrity,   "hmac(md5)",                     "md5",         "HMAC-MD5",          P::hmac_md5,          16, 16, 1,  0,  0,  4,  96, 128, "RFC 2403"},
  {K::integrity,   "hmac(sha1)",                    "sha1",        "HMAC-SHA1",         P::hmac_sha1,         20, 20, 1,  0,  0,  4,  96, 160, "RFC 2404"},
  {K::integrity,   "hmac(sha256)",                  "sha256",      "HMAC-SHA2-256",     P::hmac_sha256,       32, 32, 1,  0,  0,  4,  96, 256, "RFC 4868"},
  {K::integrity,   "hmac(sha384)",                  "",            "HMAC-SHA2-384",     P::hmac_sha384,       48, 48, 1,  0,  0,  4, 192, 384, "RFC 4868"},
  {K::integrity,   "hmac(sha512)",                  "",            "HMAC-SHA2-512",     P::hmac_sha512,       64, 64, 1,  0,  0,  4, 256, 512, "RFC 4868"},
  {K::integrity,   "hmac(rmd160)",                  "rmd160",      "HMAC-RIPEMD160",    P::hmac_ripemd160,    20, 20, 1,  0,  0,  4,  96, 160, "RFC 2857"},
  {K::integrity,   "xcbc(aes)",                     "",            "AES-XCBC",          P::aes_xcbc,          16, 32, 8,  0,  0,  4,  96, 128, "RFC 3566"},
  {K::integrity,   "cmac(aes)",                     "",            "AES-CMAC",          P::aes_cmac,          16, 32, 8,  0,  0,  4,  96, 128, "RFC 4494"},
  {K::integrity,   "hmac(sm3)",                     "sm3",         "HMAC-SM3",          P::hmac_sm3,          32, 32, 1,  0,  0,  4, 256, 256, ""},

  {K::compression, "deflate",                       "",            "DEFLATE",           P::deflate,            0,  0, 1,  0,  0,  4,   0,   0, "RFC 2394"},
  {K::compression, "lzs",                           "",            "LZS",               P::none,               0,  0, 1,  0,  0,  4,   0,   0, "RFC 2395"},
  {K::compression, "lzjh",                          "",            "LZJH",              P::none,               0,  0, 1,  0,  0,  4,   0,   0, "RFC 3051"},
};
// clang-format on

std::string cipher_name(const AlgorithmUse& use) {
  if (use.info == nullptr) return "unknown";
  const AlgorithmInfo& info = *use.info;
  std::string name{info.label};
  if (info.key_min == info.key_max) return name;  // the label says it all
  if (info.kind == AlgorithmKind::aead && use.icv_bits != 0) name += fmt::format("-{}", use.icv_bits / 8);
  if (use.key.size() > info.salt) name += fmt::format("-{}", (use.key.size() - info.salt) * 8);
  return name;
}

std::string integrity_name(const AlgorithmUse& use) {
  if (!makes_icv(use)) return "no integrity";
  if (use.info == nullptr) return use.icv_bits == 0 ? "unknown" : fmt::format("unknown/{}", use.icv_bits);
  return use.icv_bits == 0 ? std::string{use.info->label} : fmt::format("{}/{}", use.info->label, use.icv_bits);
}

}  // namespace

std::span<const AlgorithmInfo> all_algorithms() noexcept { return table; }

const AlgorithmInfo* find_algorithm(AlgorithmKind kind, std::string_view name) noexcept {
  if (name.empty()) return nullptr;
  if (name == "ripemd160") name = "rmd160";  // the alias of early kernels
  for (const AlgorithmInfo& row : table)
    if (row.kind == kind && (row.xfrm == name || row.alias == name)) return &row;
  return nullptr;
}

bool is_legal_icv(const AlgorithmInfo& info, std::uint32_t bits) noexcept {
  if (info.kind == AlgorithmKind::aead) {
    const bool several = info.iv != 0 && (info.primitive == Primitive::aes_gcm || info.primitive == Primitive::aes_ccm);
    return bits == info.icv_bits || (several && (bits == 64 || bits == 96));
  }
  return info.kind == AlgorithmKind::integrity && bits != 0 && bits % 8 == 0 && bits <= info.icv_bits_max;
}

bool makes_icv(const AlgorithmUse& integrity) noexcept {
  if (integrity.info == nullptr) return integrity.state != KeyState::present;
  return integrity.info->primitive != Primitive::null_mac;
}

std::string SecurityAssociation::place() const { return line == 0 ? file : fmt::format("{}:{}", file, line); }

std::string suite_name(const SecurityAssociation& sa) {
  if (sa.protocol == IpsecProtocol::ah) return integrity_name(sa.integrity);
  const bool no_cipher = sa.encryption.info == nullptr && sa.encryption.state == KeyState::present;
  if (no_cipher) return integrity_name(sa.integrity) + ", cipher not given";
  std::string cipher = cipher_name(sa.encryption);
  if (sa.is_aead()) return cipher;
  if (!makes_icv(sa.integrity)) return cipher + " without integrity";
  return cipher + " + " + integrity_name(sa.integrity);
}

}  // namespace espdump
