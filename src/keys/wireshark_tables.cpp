// Rows of protocol, source, destination, SPI, cipher, its key, integrity, its key, and since Wireshark 4 the length
// of the sequence numbers. What a row leaves open with stars becomes Wildcards.
#include "keys/wireshark_tables.hpp"

#include <fmt/core.h>

#include <vector>

#include "keys/algorithm_names.hpp"
#include "keys/text.hpp"
#include "keys/uat_row.hpp"
#include "keys/wireshark_filter.hpp"
#include "keys/wireshark_ike.hpp"

namespace espdump::keys {
namespace {

using Row = std::vector<std::string_view>;
enum Column : std::size_t {
  protocol,
  source,
  destination,
  spi,
  cipher,
  cipher_key,
  integrity,
  integrity_key,
  sn_length
};

constexpr std::size_t most_wildcards = 1024;  // every packet of an unknown SPI is held against all of them

// "ANY 96 bit authentication [no checking]": the length of an ICV that nobody can check.
std::optional<std::uint16_t> unchecked_bits(std::string_view name) {
  Words words(name);
  if (!same_word(words.next(), "ANY")) return std::nullopt;
  const auto bits = number(words.next());
  const bool known = bits && *bits % 8 == 0 && *bits != 0 && *bits <= 512;
  return known && same_word(words.next(), "bit") ? std::optional{static_cast<std::uint16_t>(*bits)} : std::nullopt;
}

Family family_of_row(std::string_view line) {
  const std::string_view name = line.substr(0, 6);
  if (same_word(name, "\"IPv4\"")) return Family::ipv4;
  return same_word(name, "\"IPv6\"") ? Family::ipv6 : Family::none;
}

class Tables {
 public:
  explicit Tables(Intake& intake) : intake_(intake) {}

  void read(std::string_view text) {
    if (starts_with(text, "\xef\xbb\xbf")) text.remove_prefix(3);
    for (std::size_t number = 1; !text.empty(); ++number) {
      const auto end = text.find('\n');
      read_line(trim_left(trim_right(text.substr(0, end))), number);
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    if (esp_) intake_.found("esp_sa");
    if (ike_) intake_.found("ikev2_decryption_table");
  }

 private:
  void read_line(std::string_view text, std::size_t line);
  void read_esp(const Row& row, Family family, std::size_t line);
  bool read_addresses(const Row& row, Family family, std::size_t line, SecurityAssociation& sa);
  void read_algorithms(const Row& row, std::size_t line, SecurityAssociation& sa);
  AlgorithmUse use_of(const std::optional<NamedAlgorithm>& named, std::string_view name, std::string_view key,
                      std::optional<std::uint16_t> icv_bits, std::size_t line);

  Intake& intake_;
  std::size_t wildcards_ = 0;
  bool esp_ = false, ike_ = false;
};

void Tables::read_line(std::string_view text, std::size_t line) {
  if (is_ike_row(text)) {
    ike_ = true;
    return read_ike_row(text, line, intake_);
  }
  const Family family = family_of_row(text);
  if (family == Family::none) return;
  esp_ = true;
  const auto row = read_uat_row(text, intake_.arena());
  if (!row || row->size() <= integrity_key)
    return intake_.problem(line, "this row of `esp_sa` is cut or not in quotation marks as it should be; SA left out");
  read_esp(*row, family, line);
}

void Tables::read_esp(const Row& row, Family family, std::size_t line) {
  SecurityAssociation sa;
  sa.mode = SaMode::unknown;
  if (!read_addresses(row, family, line, sa)) return;
  if (sa.wildcards && ++wildcards_ > most_wildcards)
    return intake_.problem_once(
        line, fmt::format("more than {} rows with stars; the rest of them is left out", most_wildcards));
  sa.esn = row.size() > sn_length && starts_with(row[sn_length], "64");
  read_algorithms(row, line, sa);
  intake_.add(std::move(sa), line);
}

bool Tables::read_addresses(const Row& row, Family family, std::size_t line, SecurityAssociation& sa) {
  const auto from = read_address_filter(row[source], family), to = read_address_filter(row[destination], family);
  const auto index = read_spi_filter(row[spi]);
  if (!from || !to || !index) {
    intake_.problem(line,
                    fmt::format("the {} of this row cannot be read; SA left out", !index  ? "SPI"
                                                                                  : !from ? "source address"
                                                                                          : "destination address"));
    return false;
  }
  if (from->wider || to->wider)
    intake_.problem(line, "stars that are not the end of an address count for all that stands behind them", false);
  sa.spi = index->spi;
  if (from->prefix.is_host()) sa.source = from->prefix.address;
  if (to->prefix.is_host()) sa.destination = to->prefix.address;
  if (!to->prefix.is_host() || index->mask != 0xffffffff)
    sa.wildcards = Wildcards{from->prefix, to->prefix, index->mask};
  return true;
}

AlgorithmUse Tables::use_of(const std::optional<NamedAlgorithm>& named, std::string_view name, std::string_view key,
                            std::optional<std::uint16_t> icv_bits, std::size_t line) {
  if (!named)
    return intake_.take(unusable_key(nullptr, fmt::format("unknown algorithm {}{}", in_quotes(name), not_opened)),
                        line);
  const auto bits = named->icv_bits ? named->icv_bits : icv_bits;
  return intake_.take(read_key_word(*named->info, {&key, 1}, bits, intake_.arena()), line);
}

void Tables::read_algorithms(const Row& row, std::size_t line, SecurityAssociation& sa) {
  const auto unchecked = unchecked_bits(row[integrity]);
  const auto named = cipher_named(Naming::wireshark, row[cipher]);
  const bool aead = named && named->info->kind == AlgorithmKind::aead;
  // strongSwan gives the ICV length of an AEAD in the name of its integrity.
  sa.encryption = use_of(named, row[cipher], row[cipher_key], aead ? unchecked : std::nullopt, line);
  if (aead || same_word(row[integrity], "NULL")) return;
  if (unchecked)
    sa.integrity = AlgorithmUse{nullptr, {}, *unchecked, KeyState::hidden};
  else
    sa.integrity =
        use_of(integrity_named(Naming::wireshark, row[integrity]), row[integrity], row[integrity_key], {}, line);
}

}  // namespace

void read_wireshark_tables(std::string_view text, Intake& intake) { Tables(intake).read(text); }

}  // namespace espdump::keys
