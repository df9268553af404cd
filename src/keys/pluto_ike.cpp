// "ikev2 I 0xSPIi 0xSPIr sha256:0xSK_ai aes128:0xSK_ei", and the same with R. Salts are not in these lines.
#include "keys/pluto_ike.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "keys/algorithm_names.hpp"
#include "keys/ike_material.hpp"
#include "keys/text.hpp"

namespace espdump::keys {
namespace {

constexpr std::string_view left_out = "; IKE SA left out";

std::optional<std::uint64_t> read_spi(std::string_view word) {
  if (!starts_with(word, "0x")) return std::nullopt;
  word.remove_prefix(2);
  std::uint64_t spi = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), spi, 16);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return spi;
}

// "sha256:0x…" as name and digits.
bool split(std::string_view word, std::string_view& name, std::string_view& digits) {
  const auto colon = word.find(':');
  if (colon == std::string_view::npos) return false;
  name = word.substr(0, colon);
  digits = word.substr(colon + 1);
  if (starts_with(digits, "0x")) digits.remove_prefix(2);
  return true;
}

bool read_key(std::string_view digits, Secret& key, SecretArena& arena) {
  const auto bytes = digits.size() % 2 == 0 ? hex_key({&digits, 1}, arena) : std::nullopt;
  if (bytes) key = *bytes;
  return bytes.has_value();
}

}  // namespace

bool PlutoIke::read(std::string_view message, std::size_t number) {
  if (!starts_with(message, "ikev2 I 0x") && !starts_with(message, "ikev2 R 0x")) return false;
  found_ = true;
  if (intake_.has_room_for_ike(number)) read_half(message, number);
  return true;
}

void PlutoIke::read_half(std::string_view message, std::size_t number) {
  constexpr std::size_t most_halves = 16;
  Half half;
  half.line = number;
  Words words(message);
  words.next();
  half.from_initiator = words.next() == "I";
  const auto initiator = read_spi(words.next()), responder = read_spi(words.next());
  const bool whole =
      split(words.next(), half.integrity, half.integrity_key) && split(words.next(), half.cipher, half.cipher_key);
  if (!initiator || !responder || !whole)
    return intake_.problem(number, fmt::format("this line with keys of an IKE SA is cut{}", left_out));
  half.initiator_spi = *initiator, half.responder_spi = *responder;
  const auto other = std::find_if(halves_.begin(), halves_.end(), [&](const Half& one) {
    return one.initiator_spi == half.initiator_spi && one.responder_spi == half.responder_spi &&
           one.from_initiator != half.from_initiator;
  });
  if (other != halves_.end()) {
    half.from_initiator ? join(half, *other) : join(*other, half);
    halves_.erase(other);
    return;
  }
  halves_.push_back(half);
  if (halves_.size() <= most_halves) return;
  tell_alone(halves_.front());
  halves_.pop_front();
}

// Whether keys under these names are of any use.
bool PlutoIke::set_algorithms(IkeKeys& keys, const Half& names, std::size_t line) {
  const auto cipher = sized_cipher_named(Naming::libreswan_ike, names.cipher);
  const auto integrity = integrity_named(Naming::libreswan_ike, names.integrity);
  if (cipher && cipher->info->salt != 0) {
    intake_.problem(
        line,
        fmt::format("pluto does not log the salt of {}, so messages of this IKE SA cannot be decrypted with "
                    "this log{}",
                    cipher->info->label, left_out),
        false);
    return false;
  }
  keys.names_algorithms = cipher && integrity;
  if (keys.names_algorithms)
    keys.encryption = choice_of(*cipher), keys.integrity = choice_of(*integrity);
  else
    intake_.problem(line,
                    fmt::format("unknown algorithm {}; its keys are taken with those that the exchange chooses",
                                in_quotes(cipher ? names.integrity : names.cipher)),
                    false);
  return true;
}

void PlutoIke::join(const Half& initiator, const Half& responder) {
  const std::size_t line = std::min(initiator.line, responder.line);
  IkeKeys keys;
  keys.initiator_spi = initiator.initiator_spi, keys.responder_spi = initiator.responder_spi;
  if (!set_algorithms(keys, initiator, line)) return;
  SecretArena& arena = intake_.arena();
  const bool read =
      read_key(initiator.integrity_key, keys.sk_ai, arena) && read_key(responder.integrity_key, keys.sk_ar, arena) &&
      read_key(initiator.cipher_key, keys.sk_ei, arena) && read_key(responder.cipher_key, keys.sk_er, arena);
  if (!read) return intake_.problem(line, fmt::format("a key of this IKE SA is not hexadecimal{}", left_out));
  if (std::string wrong = wrong_ike_lengths(keys); !wrong.empty()) return intake_.problem(line, wrong.append(left_out));
  intake_.add(keys, line);
}

void PlutoIke::tell_alone(const Half& half) {
  intake_.problem(half.line, fmt::format("keys of one direction of this IKE SA only{}", left_out));
}

void PlutoIke::finish() {
  for (const Half& half : halves_) tell_alone(half);
  halves_.clear();
}

}  // namespace espdump::keys
