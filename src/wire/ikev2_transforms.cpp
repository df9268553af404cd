// Transforms in three tongues: the IANA registries (RFC 7296 section 3.3.2), strongSwan's log, and swanctl.conf.
#include <espdump/wire/ikev2_names.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <system_error>
#include <utility>

namespace espdump::wire {
namespace {

struct Row {
  std::uint16_t id;
  std::string_view iana, log, keyword;  // '#' in a keyword: the key length; without one there is no such keyword
};

constexpr std::array encryption_rows{
    Row{1, "ENCR_DES_IV64", "DES_IV64", ""},
    Row{2, "ENCR_DES", "DES_CBC", "des"},
    Row{3, "ENCR_3DES", "3DES_CBC", "3des"},
    Row{4, "ENCR_RC5", "RC5_CBC", ""},
    Row{5, "ENCR_IDEA", "IDEA_CBC", ""},
    Row{6, "ENCR_CAST", "CAST_CBC", "cast#"},
    Row{7, "ENCR_BLOWFISH", "BLOWFISH_CBC", "blowfish#"},
    Row{8, "ENCR_3IDEA", "3IDEA", ""},
    Row{9, "ENCR_DES_IV32", "DES_IV32", ""},
    Row{11, "ENCR_NULL", "NULL", "null"},
    Row{12, "ENCR_AES_CBC", "AES_CBC", "aes#"},
    Row{13, "ENCR_AES_CTR", "AES_CTR", "aes#ctr"},
    Row{14, "ENCR_AES_CCM_8", "AES_CCM_8", "aes#ccm8"},
    Row{15, "ENCR_AES_CCM_12", "AES_CCM_12", "aes#ccm12"},
    Row{16, "ENCR_AES_CCM_16", "AES_CCM_16", "aes#ccm16"},
    Row{18, "ENCR_AES_GCM_8", "AES_GCM_8", "aes#gcm8"},
    Row{19, "ENCR_AES_GCM_12", "AES_GCM_12", "aes#gcm12"},
    Row{20, "ENCR_AES_GCM_16", "AES_GCM_16", "aes#gcm16"},
    Row{21, "ENCR_NULL_AUTH_AES_GMAC", "NULL_AES_GMAC", "aes#gmac"},
    Row{22, "IEEE P1619 XTS-AES", "AES_XTS", ""},
    Row{23, "ENCR_CAMELLIA_CBC", "CAMELLIA_CBC", "camellia#"},
    Row{24, "ENCR_CAMELLIA_CTR", "CAMELLIA_CTR", "camellia#ctr"},
    Row{25, "ENCR_CAMELLIA_CCM_8", "CAMELLIA_CCM_8", "camellia#ccm8"},
    Row{26, "ENCR_CAMELLIA_CCM_12", "CAMELLIA_CCM_12", "camellia#ccm12"},
    Row{27, "ENCR_CAMELLIA_CCM_16", "CAMELLIA_CCM_16", "camellia#ccm16"},
    Row{28, "ENCR_CHACHA20_POLY1305", "CHACHA20_POLY1305", "chacha20poly1305"},
    Row{29, "ENCR_AES_CCM_8_IIV", "AES_CCM_8_IIV", ""},
    Row{30, "ENCR_AES_GCM_16_IIV", "AES_GCM_16_IIV", ""},
    Row{31, "ENCR_CHACHA20_POLY1305_IIV", "CHACHA20_POLY1305_IIV", ""},
    Row{32, "ENCR_KUZNYECHIK_MGM_KTREE", "KUZNYECHIK_MGM_KTREE", ""},
    Row{33, "ENCR_MAGMA_MGM_KTREE", "MAGMA_MGM_KTREE", ""},
    Row{34, "ENCR_KUZNYECHIK_MGM_MAC_KTREE", "KUZNYECHIK_MGM_MAC_KTREE", ""},
    Row{35, "ENCR_MAGMA_MGM_MAC_KTREE", "MAGMA_MGM_MAC_KTREE", ""},
    Row{1026, "ENCR_SERPENT_CBC", "SERPENT_CBC", "serpent#"},  // private use of strongSwan
    Row{1027, "ENCR_TWOFISH_CBC", "TWOFISH_CBC", "twofish#"},
};

constexpr std::array prf_rows{
    Row{1, "PRF_HMAC_MD5", "PRF_HMAC_MD5", "prfmd5"},
    Row{2, "PRF_HMAC_SHA1", "PRF_HMAC_SHA1", "prfsha1"},
    Row{3, "PRF_HMAC_TIGER", "PRF_HMAC_TIGER", ""},
    Row{4, "PRF_AES128_XCBC", "PRF_AES128_XCBC", "prfaesxcbc"},
    Row{5, "PRF_HMAC_SHA2_256", "PRF_HMAC_SHA2_256", "prfsha256"},
    Row{6, "PRF_HMAC_SHA2_384", "PRF_HMAC_SHA2_384", "prfsha384"},
    Row{7, "PRF_HMAC_SHA2_512", "PRF_HMAC_SHA2_512", "prfsha512"},
    Row{8, "PRF_AES128_CMAC", "PRF_AES128_CMAC", "prfaescmac"},
    Row{9, "PRF_HMAC_STREEBOG_512", "PRF_HMAC_STREEBOG_512", ""},
};

constexpr std::array integrity_rows{
    Row{0, "NONE", "NONE", ""},
    Row{1, "AUTH_HMAC_MD5_96", "HMAC_MD5_96", "md5"},
    Row{2, "AUTH_HMAC_SHA1_96", "HMAC_SHA1_96", "sha1"},
    Row{3, "AUTH_DES_MAC", "DES_MAC", ""},
    Row{4, "AUTH_KPDK_MD5", "KPDK_MD5", ""},
    Row{5, "AUTH_AES_XCBC_96", "AES_XCBC_96", "aesxcbc"},
    Row{6, "AUTH_HMAC_MD5_128", "HMAC_MD5_128", "md5_128"},
    Row{7, "AUTH_HMAC_SHA1_160", "HMAC_SHA1_160", "sha1_160"},
    Row{8, "AUTH_AES_CMAC_96", "AES_CMAC_96", "aescmac"},
    Row{9, "AUTH_AES_128_GMAC", "AES_128_GMAC", "aes128gmac"},
    Row{10, "AUTH_AES_192_GMAC", "AES_192_GMAC", "aes192gmac"},
    Row{11, "AUTH_AES_256_GMAC", "AES_256_GMAC", "aes256gmac"},
    Row{12, "AUTH_HMAC_SHA2_256_128", "HMAC_SHA2_256_128", "sha256"},
    Row{13, "AUTH_HMAC_SHA2_384_192", "HMAC_SHA2_384_192", "sha384"},
    Row{14, "AUTH_HMAC_SHA2_512_256", "HMAC_SHA2_512_256", "sha512"},
    // Private use of strongSwan.
    Row{1025, "AUTH_HMAC_SHA1_128", "HMAC_SHA1_128", ""},
    Row{1026, "AUTH_HMAC_SHA2_256_96", "HMAC_SHA2_256_96", "sha256_96"},
    Row{1027, "AUTH_HMAC_SHA2_256_256", "HMAC_SHA2_256_256", ""},
    Row{1028, "AUTH_HMAC_SHA2_384_384", "HMAC_SHA2_384_384", ""},
    Row{1029, "AUTH_HMAC_SHA2_512_512", "HMAC_SHA2_512_512", ""},
};

constexpr std::array key_exchange_rows{
    Row{0, "NONE", "NONE", "none"},
    Row{1, "768-bit MODP Group", "MODP_768", "modp768"},
    Row{2, "1024-bit MODP Group", "MODP_1024", "modp1024"},
    Row{5, "1536-bit MODP Group", "MODP_1536", "modp1536"},
    Row{14, "2048-bit MODP Group", "MODP_2048", "modp2048"},
    Row{15, "3072-bit MODP Group", "MODP_3072", "modp3072"},
    Row{16, "4096-bit MODP Group", "MODP_4096", "modp4096"},
    Row{17, "6144-bit MODP Group", "MODP_6144", "modp6144"},
    Row{18, "8192-bit MODP Group", "MODP_8192", "modp8192"},
    Row{19, "256-bit random ECP group", "ECP_256", "ecp256"},
    Row{20, "384-bit random ECP group", "ECP_384", "ecp384"},
    Row{21, "521-bit random ECP group", "ECP_521", "ecp521"},
    Row{22, "1024-bit MODP Group with 160-bit Prime Order Subgroup", "MODP_1024_160", "modp1024s160"},
    Row{23, "2048-bit MODP Group with 224-bit Prime Order Subgroup", "MODP_2048_224", "modp2048s224"},
    Row{24, "2048-bit MODP Group with 256-bit Prime Order Subgroup", "MODP_2048_256", "modp2048s256"},
    Row{25, "192-bit Random ECP Group", "ECP_192", "ecp192"},
    Row{26, "224-bit Random ECP Group", "ECP_224", "ecp224"},
    Row{27, "brainpoolP224r1", "ECP_224_BP", "ecp224bp"},
    Row{28, "brainpoolP256r1", "ECP_256_BP", "ecp256bp"},
    Row{29, "brainpoolP384r1", "ECP_384_BP", "ecp384bp"},
    Row{30, "brainpoolP512r1", "ECP_512_BP", "ecp512bp"},
    Row{31, "Curve25519", "CURVE_25519", "curve25519"},
    Row{32, "Curve448", "CURVE_448", "curve448"},
    Row{33, "GOST3410_2012_256", "GOST3410_2012_256", ""},
    Row{34, "GOST3410_2012_512", "GOST3410_2012_512", ""},
    Row{35, "ml-kem-512", "ML_KEM_512", "mlkem512"},
    Row{36, "ml-kem-768", "ML_KEM_768", "mlkem768"},
    Row{37, "ml-kem-1024", "ML_KEM_1024", "mlkem1024"},
};

constexpr std::array sequence_rows{
    Row{0, "32-bit Sequential Numbers", "NO_EXT_SEQ", "noesn"},
    Row{1, "Partially Transmitted 64-bit Sequential Numbers", "EXT_SEQ", "esn"},
    Row{2, "32-bit Unspecified Numbers", "UNSPECIFIED_SEQ", ""},
};

// Of groups, RFC 9838.
constexpr std::array key_wrap_rows{
    Row{1, "KW_5649_128", "KW_5649_128", ""},
    Row{2, "KW_5649_192", "KW_5649_192", ""},
    Row{3, "KW_5649_256", "KW_5649_256", ""},
    Row{4, "KW_ARX", "KW_ARX", ""},
};
constexpr std::array group_authentication_rows{
    Row{1, "Implicit", "GCAUTH_IMPLICIT", ""},
    Row{2, "Digital Signature", "GCAUTH_DIGITAL_SIGNATURE", ""},
};

bool is_additional_ke(std::uint8_t type) {
  return type >= ike_transform::additional_ke_first && type <= ike_transform::additional_ke_last;
}
int additional_ke(std::uint8_t type) { return type - ike_transform::additional_ke_first + 1; }

struct Type {
  std::string_view name, prefix;  // of IANA; before the number of what has no name
  std::span<const Row> rows;
};

Type type_of(std::uint8_t type) {
  switch (type) {
    case 1: return {"Encryption Algorithm (ENCR)", "ENCR", encryption_rows};
    case 2: return {"Pseudorandom Function (PRF)", "PRF", prf_rows};
    case 3: return {"Integrity Algorithm (INTEG)", "INTEG", integrity_rows};
    case 4: return {"Key Exchange Method (KE)", "KE", key_exchange_rows};
    case 5: return {"Sequence Numbers (SN)", "SN", sequence_rows};
    case 6: return {"Additional Key Exchange 1 (ADDKE1)", "", key_exchange_rows};
    case 7: return {"Additional Key Exchange 2 (ADDKE2)", "", key_exchange_rows};
    case 8: return {"Additional Key Exchange 3 (ADDKE3)", "", key_exchange_rows};
    case 9: return {"Additional Key Exchange 4 (ADDKE4)", "", key_exchange_rows};
    case 10: return {"Additional Key Exchange 5 (ADDKE5)", "", key_exchange_rows};
    case 11: return {"Additional Key Exchange 6 (ADDKE6)", "", key_exchange_rows};
    case 12: return {"Additional Key Exchange 7 (ADDKE7)", "", key_exchange_rows};
    case 13: return {"Key Wrap Algorithm (KWA)", "KWA", key_wrap_rows};
    case 14: return {"Group Controller Authentication Method (GCAUTH)", "GCAUTH", group_authentication_rows};
    default: return {"", "TRANSFORM", {}};
  }
}

const Row* find(std::uint8_t type, std::uint16_t id) {
  const auto rows = type_of(type).rows;
  const auto found = std::find_if(rows.begin(), rows.end(), [id](const Row& row) { return row.id == id; });
  return found == rows.end() ? nullptr : &*found;
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

std::string unnamed(const IkeTransform& transform) {
  if (is_additional_ke(transform.type)) return fmt::format("{}", transform.id);
  const Type type = type_of(transform.type);
  if (type.rows.empty()) return fmt::format("{}_{}_{}", type.prefix, transform.type, transform.id);
  return fmt::format("{}_{}", type.prefix, transform.id);
}

// In strongSwan's order, whatever that of the peer is.
template <typename Text>
std::string joined(const IkeProposal& proposal, char separator, Text text) {
  constexpr std::array<std::uint8_t, 14> order{1, 3, 2, 4, 6, 7, 8, 9, 10, 11, 12, 5, 13, 14};
  const auto rank = [&](const IkeTransform& it) { return std::find(order.begin(), order.end(), it.type); };
  auto transforms = proposal.transforms;
  std::stable_sort(transforms.begin(), transforms.end(), [&](auto& a, auto& b) { return rank(a) < rank(b); });
  std::string out;
  for (const IkeTransform& transform : transforms) {
    const std::string word = text(transform);
    if (word.empty()) continue;
    if (!out.empty()) out += separator;
    out += word;
  }
  return out;
}

// The number behind the last '_' of a cipher's word; 0: there is none.
std::uint16_t trailing_bits(std::string_view word) {
  const std::size_t line = word.rfind('_');
  std::uint16_t bits = 0;
  if (line == std::string_view::npos) return 0;
  const auto [end, error] = std::from_chars(word.data() + line + 1, word.data() + word.size(), bits);
  return error == std::errc{} && end == word.data() + word.size() ? bits : std::uint16_t{0};
}

std::optional<std::uint16_t> id_logged_as(std::span<const Row> rows, std::string_view word) {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.log == word; });
  return found == rows.end() ? std::nullopt : std::optional{found->id};
}

// A cipher's word may end in the length of its key: "AES_GCM_16" is one, "AES_GCM_16_256" has one.
std::optional<IkeTransform> read_transform_text(std::string_view word) {
  constexpr std::array plain{ike_transform::encryption, ike_transform::integrity, ike_transform::prf,
                             ike_transform::key_exchange, ike_transform::sequence_numbers};
  for (const std::uint8_t type : plain)
    if (const auto id = id_logged_as(type_of(type).rows, word)) return IkeTransform{type, *id, 0};
  if (const std::uint16_t bits = trailing_bits(word); bits != 0)
    if (const auto id = id_logged_as(encryption_rows, word.substr(0, word.rfind('_'))))
      return IkeTransform{ike_transform::encryption, *id, bits};
  if (word.size() < 4 || word.substr(0, 2) != "KE" || word[2] < '1' || word[2] > '7' || word[3] != '_')
    return std::nullopt;
  const auto id = id_logged_as(key_exchange_rows, word.substr(4));
  if (!id) return std::nullopt;
  return IkeTransform{static_cast<std::uint8_t>(ike_transform::additional_ke_first + (word[2] - '1')), *id, 0};
}

// Words of strongSwan's parser beside those of the tables; '#' stands for the length of the key.
struct Alias {
  std::string_view word, keyword;
};
constexpr std::array aliases{Alias{"aes", "aes128"},           Alias{"blowfish", "blowfish128"},
                             Alias{"camellia", "camellia128"}, Alias{"serpent", "serpent128"},
                             Alias{"twofish", "twofish128"},   Alias{"aes#gcm64", "aes#gcm8"},
                             Alias{"aes#gcm96", "aes#gcm12"},  Alias{"aes#gcm128", "aes#gcm16"},
                             Alias{"aes#gcm", "aes#gcm16"},    Alias{"aes#ccm64", "aes#ccm8"},
                             Alias{"aes#ccm96", "aes#ccm12"},  Alias{"aes#ccm128", "aes#ccm16"},
                             Alias{"aes#ccm", "aes#ccm16"},    Alias{"sha", "sha1"},
                             Alias{"sha2_256", "sha256"},      Alias{"sha2_256_96", "sha256_96"},
                             Alias{"sha2_384", "sha384"},      Alias{"sha2_512", "sha512"},
                             Alias{"x25519", "curve25519"},    Alias{"x448", "curve448"}};

// The number that stands for '#' in the pattern; 0 where the pattern has none; nothing where the word is another.
std::optional<std::uint16_t> match(std::string_view pattern, std::string_view word) {
  const std::size_t mark = pattern.find('#');
  if (mark == std::string_view::npos) return pattern == word ? std::optional<std::uint16_t>{0} : std::nullopt;
  const std::string_view front = pattern.substr(0, mark), behind = pattern.substr(mark + 1);
  if (word.size() <= front.size() + behind.size() || word.substr(0, mark) != front) return std::nullopt;
  if (word.substr(word.size() - behind.size()) != behind) return std::nullopt;
  std::uint16_t bits = 0;
  const char* const last = word.data() + word.size() - behind.size();
  const auto [end, error] = std::from_chars(word.data() + mark, last, bits);
  return error == std::errc{} && end == last && bits != 0 ? std::optional{bits} : std::nullopt;
}

std::optional<IkeTransform> read_keyword(std::string_view word) {
  std::string other;
  for (const Alias& alias : aliases)
    if (const auto bits = match(alias.word, word)) {
      other = alias.keyword;
      if (const std::size_t mark = other.find('#'); mark != std::string::npos)
        other.replace(mark, 1, std::to_string(*bits));
      word = other;
      break;
    }
  for (std::uint8_t type = ike_transform::encryption; type <= ike_transform::sequence_numbers; ++type)
    for (const Row& row : type_of(type).rows)
      if (const auto bits = row.keyword.empty() ? std::nullopt : match(row.keyword, word))
        return IkeTransform{type, row.id, *bits};
  if (word.size() < 4 || word.substr(0, 2) != "ke" || word[2] < '1' || word[2] > '7' || word[3] != '_')
    return std::nullopt;
  const auto method = read_keyword(word.substr(4));
  if (!method || method->type != ike_transform::key_exchange) return std::nullopt;
  return IkeTransform{static_cast<std::uint8_t>(ike_transform::additional_ke_first + (word[2] - '1')), method->id, 0};
}

}  // namespace

std::string_view ike_transform_type_name(std::uint8_t type) noexcept { return type_of(type).name; }

std::string_view ike_transform_name(std::uint8_t type, std::uint16_t id) noexcept {
  const Row* row = find(type, id);
  return row != nullptr ? row->iana : std::string_view{};
}

std::string transform_text(const IkeTransform& transform) {
  const Row* row = find(transform.type, transform.id);
  std::string out = is_additional_ke(transform.type) ? fmt::format("KE{}_", additional_ke(transform.type)) : "";
  out += row != nullptr ? std::string{row->log} : unnamed(transform);
  if (transform.key_bits != 0) out += fmt::format("_{}", transform.key_bits);
  return out;
}

std::string swanctl_keyword(const IkeTransform& transform) {
  const Row* row = find(transform.type, transform.id);
  if (row == nullptr || row->keyword.empty()) return lower(transform_text(transform));
  std::string out = is_additional_ke(transform.type) ? fmt::format("ke{}_", additional_ke(transform.type)) : "";
  out += row->keyword;
  const std::size_t bits = out.find('#');
  if (bits == std::string::npos) return out;
  return out.replace(bits, 1, transform.key_bits != 0 ? std::to_string(transform.key_bits) : "");
}

std::string proposal_text(const IkeProposal& proposal) { return joined(proposal, '/', transform_text); }

std::optional<IkeProposal> read_proposal_text(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::uint8_t>, 3> protocols{
      {{"IKE:", ike_protocol::ike}, {"ESP:", ike_protocol::esp}, {"AH:", ike_protocol::ah}}};
  const auto protocol = std::find_if(protocols.begin(), protocols.end(),
                                     [&](const auto& it) { return text.substr(0, it.first.size()) == it.first; });
  if (protocol == protocols.end()) return std::nullopt;
  text.remove_prefix(protocol->first.size());
  IkeProposal out;
  out.protocol = protocol->second;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find('/'));
    const auto transform = read_transform_text(word);
    if (!transform) return std::nullopt;
    out.transforms.push_back(*transform);
    text.remove_prefix(std::min(text.size(), word.size() + 1));
  }
  return out;
}

std::optional<IkeProposal> read_swanctl_proposal(std::string_view text, std::string& unknown) {
  IkeProposal out;
  out.protocol = ike_protocol::ah;
  while (!text.empty()) {
    const std::string word = lower(std::string{text.substr(0, text.find('-'))});
    const auto transform = read_keyword(word);
    if (!transform) {
      unknown = word;
      return std::nullopt;
    }
    if (transform->type == ike_transform::encryption) out.protocol = ike_protocol::esp;
    out.transforms.push_back(*transform);
    text.remove_prefix(std::min(text.size(), word.size() + 1));
  }
  return out;
}

// swanctl.conf has no word for an integrity of none; it is what an AEAD has there anyway.
std::string swanctl_proposal(const IkeProposal& proposal) {
  return joined(proposal, '-', [](const IkeTransform& it) {
    return it.type == ike_transform::integrity && it.id == 0 ? std::string{} : swanctl_keyword(it);
  });
}

}  // namespace espdump::wire
