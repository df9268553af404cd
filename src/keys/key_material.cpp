// Decoding and judging of keys, the same for every format.
// Lengths: the kernel's xfrm_algo.c, by way of the table in algorithms.cpp.
#include "keys/key_material.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "keys/text.hpp"

namespace espdump::keys {
namespace {

// The kernel takes HMAC keys of any length that fits a netlink message.
constexpr std::size_t longest_key = 4096;

bool is_hmac(const AlgorithmInfo& info) { return info.xfrm.substr(0, 5) == "hmac("; }

// "20, 28 or 36"
std::string lengths(const AlgorithmInfo& info, unsigned salt) {
  const unsigned count = (info.key_max - info.key_min) / info.key_step + 1U;
  if (count > 3) return fmt::format("{} to {}", info.key_min + salt, info.key_max + salt);
  std::string out;
  for (unsigned i = 0; i < count; ++i) {
    if (i != 0) out += i + 1 == count ? " or " : ", ";
    out += std::to_string(info.key_min + i * info.key_step + salt);
  }
  return out;
}

bool all_zeros(Bytes key) {
  return std::all_of(key.begin(), key.end(), [](std::uint8_t byte) { return byte == 0; });
}

// The characters of pieces, one behind the other.
template <typename Use>
void for_each_character(Pieces pieces, Use use) {
  for (const std::string_view piece : pieces)
    for (const char c : piece) use(c);
}

}  // namespace

KeyReading unusable_key(const AlgorithmInfo* info, std::string problem) {
  KeyReading out{{info, {}, 0, KeyState::unusable}, std::move(problem)};
  if (info != nullptr) out.use.icv_bits = info->icv_bits;
  return out;
}

bool listed_length(const AlgorithmInfo& info, std::size_t bytes) {
  if (bytes < std::size_t{info.key_min} + info.salt || bytes > std::size_t{info.key_max} + info.salt) return false;
  return (bytes - info.salt - info.key_min) % info.key_step == 0;
}

bool legal_icv(const AlgorithmInfo& info, std::uint32_t bits) {
  return info.primitive == Primitive::null_mac ? bits == 0 : is_legal_icv(info, bits);
}

std::string wrong_icv(const AlgorithmInfo& info, std::optional<std::uint32_t> bits) {
  if (!bits) return fmt::format("no ICV length behind the key of {}: the line is cut{}", info.xfrm, not_opened);
  std::string wanted = fmt::format("a multiple of 8 up to {}", info.icv_bits_max);
  if (info.primitive == Primitive::null_mac) wanted = "0";
  if (info.kind == AlgorithmKind::aead) wanted = legal_icv(info, 96) ? "64, 96 or 128" : std::to_string(info.icv_bits);
  return fmt::format("ICV of {} has {} bits, {} wanted{}", info.xfrm, *bits, wanted, not_opened);
}

std::string wrong_length(const AlgorithmInfo& info, std::size_t bytes) {
  const bool any_length = is_hmac(info) && bytes != 0 && bytes < longest_key;
  if (any_length || listed_length(info, bytes)) return {};
  std::string out = fmt::format("key of {} has {} byte{}, {} wanted", info.xfrm, bytes, bytes == 1 ? "" : "s",
                                lengths(info, info.salt));
  if (info.salt != 0) out += fmt::format(" ({} and {} bytes of salt)", lengths(info, 0), info.salt);
  return out.append(not_opened);
}

std::size_t length_of(Pieces pieces) {
  std::size_t length = 0;
  for (const std::string_view piece : pieces) length += piece.size();
  return length;
}

std::optional<Secret> hex_key(Pieces pieces, SecretArena& arena) {
  std::size_t digits = 0;
  bool clean = true;
  for_each_character(pieces, [&](char c) {
    if (is_hex(c))
      ++digits;
    else
      clean = clean && is_blank(c);
  });
  if (!clean || digits > 2 * longest_key) return std::nullopt;
  Secret key;
  const MutableBytes bytes = arena.allocate((digits + 1) / 2, key);
  std::fill(bytes.begin(), bytes.end(), std::uint8_t{0});
  std::size_t at = digits % 2;  // counted in digits
  for_each_character(pieces, [&](char c) {
    if (!is_hex(c)) return;
    std::uint8_t& byte = bytes[at++ / 2];
    byte = static_cast<std::uint8_t>(byte << 4 | nibble(c));
  });
  return key;
}

std::optional<Secret> key_of_word(Pieces pieces, SecretArena& arena) {
  char start[2] = {};
  std::size_t at = 0;
  for_each_character(pieces, [&](char c) {
    if (at < 2) start[at] = c;
    ++at;
  });
  if (start[0] == '0' && (start[1] == 'x' || start[1] == 'X')) {
    std::size_t cut = 2;  // from as many pieces as it takes
    std::vector<std::string_view> digits;
    for (std::string_view piece : pieces) {
      const std::size_t now = std::min(cut, piece.size());
      cut -= now;
      digits.push_back(piece.substr(now));
    }
    return hex_key(digits, arena);
  }
  if (at > longest_key) return std::nullopt;
  Secret key;
  const MutableBytes bytes = arena.allocate(at, key);
  at = 0;
  for_each_character(pieces, [&](char c) { bytes[at++] = static_cast<std::uint8_t>(c); });
  return key;
}

KeyReading judge_key(const AlgorithmInfo& info, Secret key, std::optional<std::uint32_t> icv_bits) {
  if (icv_bits && !legal_icv(info, *icv_bits)) return unusable_key(&info, wrong_icv(info, icv_bits));
  const auto bits = static_cast<std::uint16_t>(icv_bits.value_or(info.icv_bits));
  if (info.key_max == 0) return {{&info, {}, bits, KeyState::present}, {}};
  if (std::string problem = wrong_length(info, key.size()); !problem.empty())
    return unusable_key(&info, std::move(problem));
  KeyReading out{{&info, key, bits, KeyState::present}, {}};
  if (all_zeros(reveal(key))) {
    out.use.state = KeyState::all_zero;
    out.problem = fmt::format(
        "key of {} is all zeros: a kernel in lockdown (confidentiality) shows every key so; take the dump with "
        "lockdown off, or the keys from the IKE daemon",
        info.xfrm);
  } else if (!listed_length(info, key.size())) {
    out.problem = fmt::format("key of {} has {} bytes, {} is customary; used as it stands", info.xfrm, key.size(),
                              lengths(info, 0));
    out.serious = false;
  }
  return out;
}

KeyReading read_key_word(const AlgorithmInfo& info, Pieces pieces, std::optional<std::uint32_t> icv_bits,
                         SecretArena& arena) {
  if (info.key_max == 0) return judge_key(info, {}, icv_bits);
  const std::optional<Secret> key = key_of_word(pieces, arena);
  if (!key)
    return unusable_key(&info,
                        fmt::format("key of {} is too long or not hexadecimal behind 0x{}", info.xfrm, not_opened));
  return judge_key(info, *key, icv_bits);
}

}  // namespace espdump::keys
