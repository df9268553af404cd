// SPIi, SPIr, SK_ei, SK_er, encryption, SK_ai, SK_ar, integrity (epan/dissectors/packet-isakmp.c), and a ninth column
// that Wireshark does not have: SK_d. Keys are bare hexadecimal digits.
#include "keys/wireshark_ike.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "keys/algorithm_names.hpp"
#include "keys/ike_material.hpp"
#include "keys/text.hpp"
#include "keys/uat_row.hpp"

namespace espdump::keys {
namespace {

using Row = std::vector<std::string_view>;
enum Column : std::size_t { spi_i, spi_r, sk_ei, sk_er, encryption, sk_ai, sk_ar, integrity, sk_d, columns };

constexpr std::string_view left_out = "; IKE SA left out";

std::string_view without_0x(std::string_view word) {
  if (starts_with(word, "0x") || starts_with(word, "0X")) word.remove_prefix(2);
  return word;
}

std::optional<std::uint64_t> read_spi(std::string_view word) {
  constexpr std::size_t digits = 16;
  word = without_0x(word);
  if (word.size() != digits || !std::all_of(word.begin(), word.end(), is_hex)) return std::nullopt;
  std::uint64_t spi = 0;
  std::from_chars(word.data(), word.data() + word.size(), spi, 16);
  return spi;
}

// "ANY 96-bits of Authentication [No Checking]": the length of an ICV that nobody can check.
std::optional<std::uint16_t> unchecked_bits(std::string_view name) {
  Words words(name);
  if (!same_word(words.next(), "ANY")) return std::nullopt;
  const std::string_view word = words.next();
  const auto bits = number(word.substr(0, word.find('-')));
  const bool known = bits && *bits % 8 == 0 && *bits != 0 && *bits <= 512;
  return known ? std::optional{static_cast<std::uint16_t>(*bits)} : std::nullopt;
}

// Sets what the row says of algorithms. The name that is unknown; empty: none.
std::string_view read_names(const Row& row, IkeKeys& keys) {
  const auto cipher = cipher_named(Naming::wireshark_ike, row[encryption]);
  const auto named = integrity_named(Naming::wireshark_ike, row[integrity]);
  const auto unchecked = unchecked_bits(row[integrity]);
  if (!cipher) return row[encryption];
  if (!named && !unchecked && !same_word(row[integrity].substr(0, 4), "NONE")) return row[integrity];
  keys.encryption = choice_of(*cipher);
  if (named) keys.integrity = choice_of(*named);
  // An AEAD says the length of its ICV itself.
  if (unchecked && cipher->info->kind != AlgorithmKind::aead) keys.integrity.icv_bits = *unchecked;
  keys.names_algorithms = true;
  return {};
}

// Decodes the keys of a row. The column that is none; `columns`: all are.
std::size_t read_keys(const Row& row, IkeKeys& keys, SecretArena& arena) {
  const std::pair<Column, Secret*> wanted[] = {
      {sk_ei, &keys.sk_ei}, {sk_er, &keys.sk_er}, {sk_ai, &keys.sk_ai}, {sk_ar, &keys.sk_ar}, {sk_d, &keys.sk_d}};
  for (const auto& [column, key] : wanted) {
    if (column >= row.size()) continue;
    const std::string_view digits = without_0x(row[column]);
    const auto bytes = digits.size() % 2 == 0 ? hex_key({&digits, 1}, arena) : std::nullopt;
    if (!bytes) return column;
    *key = *bytes;
  }
  return columns;
}

std::string_view name_of(std::size_t column) {
  constexpr std::string_view names[] = {"SPIi", "SPIr", "SK_ei", "SK_er", "", "SK_ai", "SK_ar", "", "SK_d"};
  return names[column];
}

void check_sk_d(IkeKeys& keys, std::size_t number, Intake& intake) {
  if (keys.sk_d.empty() || is_prf_key_size(keys.sk_d.size())) return;
  intake.problem(number,
                 fmt::format("SK_d has {} bytes, which is no length of a PRF; it is not used: keys of Child SAs "
                             "cannot be derived from this row",
                             keys.sk_d.size()));
  keys.sk_d = {};
}

void take(const Row& row, IkeKeys keys, std::size_t number, Intake& intake) {
  if (const std::string_view unknown = read_names(row, keys); !unknown.empty())
    intake.problem(number,
                   fmt::format("unknown algorithm {}; its keys are taken with those that the exchange chooses",
                               in_quotes(unknown)),
                   false);
  const std::size_t broken = read_keys(row, keys, intake.arena());
  if (broken != columns)
    return intake.problem(number, fmt::format("{} is not hexadecimal or has half a byte{}", name_of(broken), left_out));
  if (keys.sk_ei.empty() && keys.sk_ai.empty()) return intake.problem(number, fmt::format("no keys{}", left_out));
  if (std::string wrong = wrong_ike_lengths(keys); !wrong.empty())
    return intake.problem(number, wrong.append(left_out));
  check_sk_d(keys, number, intake);
  intake.add(keys, number);
}

}  // namespace

bool is_ike_row(std::string_view line) {
  std::string_view word = trim_right(line.substr(0, line.find(',')));
  if (word.size() == line.size()) return false;
  if (word.size() > 1 && word.front() == '"' && word.back() == '"') word = word.substr(1, word.size() - 2);
  return read_spi(word).has_value();
}

void read_ike_row(std::string_view line, std::size_t number, Intake& intake) {
  if (!intake.has_room_for_ike(number)) return;
  const auto row = read_uat_row(line, intake.arena());
  if (row && row->size() == 2)
    return intake.problem_once(
        number, "this row is cut, or one of `ikev1_decryption_table`: messages of IKEv1 are not decrypted");
  if (!row || row->size() <= integrity)
    return intake.problem(number, fmt::format("this row of `ikev2_decryption_table` is cut{}", left_out));
  const auto initiator = read_spi((*row)[spi_i]), responder = read_spi((*row)[spi_r]);
  if (!initiator || !responder)
    return intake.problem(number, fmt::format("the responder's SPI cannot be read{}", left_out));
  IkeKeys keys;
  keys.initiator_spi = *initiator, keys.responder_spi = *responder;
  take(*row, std::move(keys), number, intake);
}

}  // namespace espdump::keys
