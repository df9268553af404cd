// Names, key lengths and columns of Wireshark 4.0 and later (epan/dissectors/packet-ipsec.c). Rows of eight columns do
// for all of them; later ones have a ninth for ESN, which 4.0 passes over with a warning.
#include "keys/export_wireshark.hpp"

#include <fmt/core.h>

#include <string>
#include <utility>

#include "keys/algorithm_names.hpp"
#include "keys/export_notes.hpp"

namespace espdump::keys {
namespace {

// Of an address that a row leaves open.
std::string address_text(const IpAddress& address) {
  return address.size() == 0 || address.is_unspecified() ? "*" : address.to_string();
}
std::string prefix_text(const Prefix& prefix) { return prefix.address.size() == 0 ? "*" : prefix.to_string(); }

std::string spi_text(std::uint32_t spi, std::uint32_t mask) {
  std::string out = fmt::format("0x{:08x}", spi);
  for (unsigned digit = 0; digit < 8; ++digit)
    if ((mask >> (28 - 4 * digit) & 15U) == 0) out[2 + digit] = '*';
  return out;
}

// Of the row; none: its addresses are open in both families.
Family family_of(const SecurityAssociation& sa) {
  if (!sa.wildcards) return sa.destination.family();
  const Family family = sa.wildcards->destination.address.family();
  return family == Family::none ? sa.wildcards->source.address.family() : family;
}

// Wireshark has these ciphers with fewer lengths of keys than the kernel.
bool takes_key(const AlgorithmUse& cipher) {
  switch (cipher.info->primitive) {
    case Primitive::cast5_cbc:
    case Primitive::blowfish_cbc: return cipher.key.size() == 16;
    case Primitive::twofish_cbc: return cipher.key.size() != 24;
    default: return true;
  }
}

// Why Wireshark cannot decrypt packets of the SA; empty: it can.
std::string obstacle(const SecurityAssociation& sa) {
  const AlgorithmUse& cipher = sa.encryption;
  if (sa.protocol == IpsecProtocol::ah) return "AH: `esp_sa` is for ESP, and Wireshark does not verify AH";
  if (cipher.state == KeyState::hidden) return "the key of its cipher is hidden, so Wireshark cannot decrypt";
  if (cipher.state == KeyState::unusable) return "the key of its cipher cannot be used";
  if (cipher.info == nullptr) return "the key file gives no cipher, so Wireshark cannot decrypt";
  if (name_of(Naming::wireshark, *cipher.info, cipher.icv_bits).empty())
    return fmt::format("Wireshark has no {}", cipher.info->label);
  if (!takes_key(cipher))
    return fmt::format("Wireshark has no {} with keys of {} bits", cipher.info->label, cipher.key.size() * 8);
  return {};
}

// The name in the row's column of integrity, and whether its key belongs beside it; empty: there is no such name.
std::pair<std::string, bool> integrity_name(const SecurityAssociation& sa) {
  const AlgorithmUse& use = sa.integrity;
  if (sa.is_aead() || !makes_icv(use)) return {"NULL", false};
  const bool has_key = use.state == KeyState::present || use.state == KeyState::all_zero;
  if (has_key && use.info != nullptr)
    if (const auto name = name_of(Naming::wireshark, *use.info, use.icv_bits); !name.empty())
      return {std::string{name}, true};
  for (const unsigned bits : {64, 96, 128, 192, 256})
    if (use.icv_bits == bits) return {fmt::format("ANY {} bit authentication [no checking]", bits), false};
  return {};
}

std::string no_integrity(const AlgorithmUse& use) {
  if (use.icv_bits == 0) return "the length of its ICV is not known";
  return fmt::format("Wireshark has no ICV of {} bits", use.icv_bits);
}

// Ciphers that Wireshark 4.0 passes over.
bool is_new(const AlgorithmInfo& cipher) {
  const bool implicit_iv = cipher.kind == AlgorithmKind::aead && cipher.iv == 0;
  return cipher.primitive == Primitive::chacha20_poly1305 || implicit_iv;
}

// The columns that packets are held against.
std::string identity(const SecurityAssociation& sa, Family family) {
  const bool open = sa.wildcards.has_value();
  return fmt::format("\"{}\",\"{}\",\"{}\",\"{}\"", family == Family::ipv6 ? "IPv6" : "IPv4",
                     open ? prefix_text(sa.wildcards->source) : address_text(sa.source),
                     open ? prefix_text(sa.wildcards->destination) : address_text(sa.destination),
                     spi_text(sa.spi, open ? sa.wildcards->spi_mask : 0xffffffffU));
}

class Rows {
 public:
  explicit Rows(SecretOutput& out) : out_(out) {}

  void add(const SecurityAssociation& sa) {
    if (const std::string why = obstacle(sa); !why.empty()) return notes_.left_out(sa, why);
    const auto [integrity, checked] = integrity_name(sa);
    if (integrity.empty()) return notes_.left_out(sa, no_integrity(sa.integrity));
    const Family family = family_of(sa);
    tell(sa, makes_icv(sa.integrity) && !sa.is_aead() && !checked, generations_.is_first(identity(sa, family)));
    for (const Family one : {Family::ipv4, Family::ipv6})
      if (family == one || family == Family::none) write(sa, one, integrity, checked);
  }

  std::vector<ImportProblem> notes() { return notes_.take(); }

 private:
  void tell(const SecurityAssociation& sa, bool unchecked, bool first);

  void write(const SecurityAssociation& sa, Family family, std::string_view integrity, bool checked) {
    out_.write(identity(sa, family));
    write_key(name_of(Naming::wireshark, *sa.encryption.info, sa.encryption.icv_bits), &sa.encryption.key);
    write_key(integrity, checked ? &sa.integrity.key : nullptr);
    out_.write(sa.esn ? ",\"64-bit\"\n" : "\n");
  }

  void write_key(std::string_view algorithm, const Secret* key) {
    out_.write(fmt::format(",\"{}\",\"", algorithm));
    if (key != nullptr && !key->empty()) {
      out_.write("0x");
      out_.hex(*key);
    }
    out_.write("\"");
  }

  SecretOutput& out_;
  ExportNotes notes_;
  Generations generations_;
  bool told_nat_ = false;
};

void Rows::tell(const SecurityAssociation& sa, bool unchecked, bool first) {
  const AlgorithmInfo& cipher = *sa.encryption.info;
  if (unchecked)
    notes_.add(sa,
               fmt::format("Wireshark cannot check this ICV of {} bits; its row only decrypts", sa.integrity.icv_bits));
  if (is_new(cipher))
    notes_.add(sa,
               fmt::format("Wireshark 4.0 has no {} and passes over this row; later versions have it", cipher.label));
  if (sa.esn)
    notes_.add(sa,
               "ESN: Wireshark 4.0 passes over the column that says so and shows the ICVs as bad; later versions take "
               "the high 32 bits for 0, unless a tenth column gives them");
  if (sa.encapsulation == Encapsulation::udp && !told_nat_ && !sa.wildcards) {
    told_nat_ = true;
    notes_.add(
        sa,
        "UDP encapsulation: Wireshark goes by the addresses of the capture, and a NAT makes them others than this "
        "host has. Where packets stay closed, put * for the address that the NAT changes");
  }
  if (sa.mode == SaMode::beet) notes_.add(sa, "BEET: Wireshark decrypts, but cannot put the inner IP header together");
  if (!first)
    notes_.add(sa,
               "an earlier row has the same addresses and SPI, and Wireshark goes by the first that fits: this key "
               "needs a table of its own");
}

}  // namespace

std::vector<ImportProblem> export_wireshark(std::span<const SecurityAssociation> sas, SecretOutput& out) {
  Rows rows(out);
  for (const SecurityAssociation& sa : sas) rows.add(sa);
  return rows.notes();
}

}  // namespace espdump::keys
