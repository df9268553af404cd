// Patterns that random keys hardly show: of a million random keys of 112 bits the tests below take about one for text,
// and none for anything else.
#include "keys/key_rating.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <vector>

namespace espdump::keys {
namespace {

constexpr std::size_t least_key = 14;  // bytes: 112 bits, NIST SP 800-131A
constexpr std::size_t des_key = 8;

bool is_counting(Bytes key) {
  const auto step = static_cast<std::uint8_t>(key[1] - key[0]);
  for (std::size_t i = 1; i < key.size(); ++i)
    if (static_cast<std::uint8_t>(key[i] - key[i - 1]) != step) return false;
  return true;
}

bool has_period(Bytes key, std::size_t period) {
  for (std::size_t i = period; i < key.size(); ++i)
    if (key[i] != key[i - period]) return false;
  return true;
}

// Patterns of up to 16 bytes that come at least twice.
bool is_repeating(Bytes key) {
  for (std::size_t period = 2; period <= std::min<std::size_t>(16, key.size() / 2); ++period)
    if (has_period(key, period)) return true;
  return false;
}

bool is_text(Bytes key) {
  return std::all_of(key.begin(), key.end(), [](std::uint8_t byte) { return byte >= 0x20 && byte < 0x7f; });
}

// DES ignores the lowest bit of each byte.
std::uint64_t without_parity(Bytes key) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < des_key; ++i) out = out << 8 | (key[i] & 0xfeU);
  return out;
}

// FIPS 74 section 3.6: 4 weak and 12 semi-weak keys, parity bits cleared.
bool is_des_weak(Bytes key) {
  constexpr std::array<std::uint64_t, 16> weak{
      0x0000000000000000, 0xfefefefefefefefe, 0x1e1e1e1e0e0e0e0e, 0xe0e0e0e0f0f0f0f0,  //
      0x00fe00fe00fe00fe, 0xfe00fe00fe00fe00, 0x1ee01ee00ef00ef0, 0xe01ee01ef00ef00e,  //
      0x00e000e000f000f0, 0xe000e000f000f000, 0x1efe1efe0efe0efe, 0xfe1efe1efe0efe0e,  //
      0x001e001e000e000e, 0x1e001e000e000e00, 0xe0fee0fef0fef0fe, 0xfee0fee0fef0fef0};
  return std::find(weak.begin(), weak.end(), without_parity(key)) != weak.end();
}

// Two equal neighbours cancel each other: encrypt, decrypt, encrypt.
bool is_single_des(Bytes key) {
  const std::uint64_t first = without_parity(key), second = without_parity(key.subspan(des_key)),
                      third = without_parity(key.subspan(2 * des_key));
  return first == second || second == third;
}

Bytes without_salt(const AlgorithmUse& use) {
  const Bytes whole = reveal(use.key);
  return whole.first(whole.size() - std::min<std::size_t>(use.info->salt, whole.size()));
}

bool is_rated(const AlgorithmUse& use) {
  return use.info != nullptr && use.state == KeyState::present && !use.key.empty();
}

// Numbers equal keys alike. Their hashes are keyed with a secret of this process.
class Groups {
 public:
  std::uint32_t of(const Secret& key) {
    std::vector<Entry>& bucket = by_hash_[keyed_hash(reveal(key))];
    for (const Entry& known : bucket)
      if (same_secret(*known.key, key)) return known.group;
    bucket.push_back({&key, ++last_});
    return last_;
  }

 private:
  struct Entry {
    const Secret* key;
    std::uint32_t group;
  };
  std::unordered_map<std::uint64_t, std::vector<Entry>> by_hash_;
  std::uint32_t last_ = 0;
};

}  // namespace

KeyWeakness rate_key(const AlgorithmInfo& info, Bytes key) {
  if (key.size() < 2) return key.empty() ? KeyWeakness::none : KeyWeakness::short_key;
  const bool des = info.primitive == Primitive::des_cbc && key.size() == des_key;
  if (des && is_des_weak(key)) return KeyWeakness::des_weak_key;
  if (has_period(key, 1)) return KeyWeakness::one_byte;
  if (is_counting(key)) return KeyWeakness::counting;
  if (info.primitive == Primitive::des3_cbc && key.size() == 3 * des_key && is_single_des(key))
    return KeyWeakness::single_des;
  if (is_repeating(key)) return KeyWeakness::repeating;
  if (key.size() < least_key) return des ? KeyWeakness::none : KeyWeakness::short_key;  // of DES its RFCs say enough
  return is_text(key) ? KeyWeakness::text : KeyWeakness::none;
}

std::string_view weakness_text(KeyWeakness weakness) {
  switch (weakness) {
    case KeyWeakness::one_byte: return "is one byte over and over";
    case KeyWeakness::counting: return "counts up or down";
    case KeyWeakness::repeating: return "repeats a short pattern";
    case KeyWeakness::text: return "is printable text";
    case KeyWeakness::short_key: return "has less than 112 bits";
    case KeyWeakness::single_des: return "makes 3DES no better than DES, since two neighbouring parts are equal";
    case KeyWeakness::des_weak_key: return "is one of the weak keys of DES";
    case KeyWeakness::none: break;
  }
  return {};
}

void rate_keys(std::span<SecurityAssociation> associations) {
  Groups groups;
  for (SecurityAssociation& sa : associations) {
    for (AlgorithmUse* use : {&sa.encryption, &sa.integrity}) {
      if (!is_rated(*use)) continue;
      use->weakness = rate_key(*use->info, without_salt(*use));
      use->key_group = groups.of(use->key);
    }
  }
}

}  // namespace espdump::keys
