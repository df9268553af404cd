// Names, key lengths and columns of Wireshark 4.0 and later (epan/dissectors/packet-isakmp.c), which finds a row by
// both SPIs and takes the last of several.
#include "keys/export_wireshark_ike.hpp"

#include <fmt/core.h>

#include <set>
#include <string>
#include <utility>

#include "keys/algorithm_names.hpp"
#include "keys/export_notes.hpp"

namespace espdump::keys {
namespace {

std::string_view cipher_name(const IkeKeys& keys) {
  return name_of(Naming::wireshark_ike, *keys.encryption.info, keys.encryption.icv_bits, keys.sk_ei.size());
}

// Why Wireshark cannot decrypt messages of the IKE SA; empty: it can.
std::string obstacle(const IkeKeys& keys) {
  if ((keys.initiator_spi | keys.responder_spi) == 0)
    return "the key file does not say its SPIs, by which Wireshark finds keys";
  if (!keys.names_algorithms) return "the key file does not say its algorithms, without which Wireshark cannot decrypt";
  if (cipher_name(keys).empty()) return fmt::format("Wireshark has no {} in IKE", keys.encryption.info->label);
  return {};
}

// The name in the row's column of integrity, and whether its keys belong beside it; empty: there is no such name.
std::pair<std::string, bool> integrity_name(const IkeKeys& keys) {
  const AlgorithmChoice& choice = keys.integrity;
  if (keys.encryption.info->kind == AlgorithmKind::aead || (choice.info == nullptr && choice.icv_bits == 0))
    return {"NONE [RFC4306]", false};
  if (choice.info != nullptr)
    if (const auto name = name_of(Naming::wireshark_ike, *choice.info, choice.icv_bits); !name.empty())
      return {std::string{name}, true};
  for (const unsigned bits : {64, 96, 128, 160, 192, 256})
    if (choice.icv_bits == bits) return {fmt::format("ANY {}-bits of Authentication [No Checking]", bits), false};
  return {};
}

class Rows {
 public:
  explicit Rows(SecretOutput& out) : out_(out) {}

  void add(const IkeKeys& keys) {
    if (const std::string why = obstacle(keys); !why.empty()) return notes_.left_out(keys, why);
    const auto [integrity, checked] = integrity_name(keys);
    if (integrity.empty())
      return notes_.left_out(keys, fmt::format("Wireshark has no ICV of {} bits", keys.integrity.icv_bits));
    if (keys.integrity.icv_bits != 0 && !checked)
      notes_.add(keys, fmt::format("Wireshark cannot check this ICV of {} bits; its row only decrypts",
                                   keys.integrity.icv_bits));
    if (!seen_.emplace(keys.initiator_spi, keys.responder_spi).second)
      notes_.add(keys,
                 "an earlier row has the same SPIs, and Wireshark goes by the last: the keys before need a table of "
                 "their own");
    write(keys, integrity, checked);
  }

  std::vector<ImportProblem> notes() { return notes_.take(); }

 private:
  void write(const IkeKeys& keys, std::string_view integrity, bool checked) {
    out_.write(fmt::format("{:016x},{:016x},", keys.initiator_spi, keys.responder_spi));
    out_.hex(keys.sk_ei);
    out_.write(",");
    out_.hex(keys.sk_er);
    out_.write(fmt::format(",\"{}\",", cipher_name(keys)));
    if (checked) out_.hex(keys.sk_ai);
    out_.write(",");
    if (checked) out_.hex(keys.sk_ar);
    out_.write(fmt::format(",\"{}\"\n", integrity));
  }

  SecretOutput& out_;
  ExportNotes notes_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> seen_;
};

}  // namespace

std::vector<ImportProblem> export_wireshark_ike(std::span<const IkeKeys> all, SecretOutput& out) {
  Rows rows(out);
  for (const IkeKeys& keys : all) rows.add(keys);
  return rows.notes();
}

}  // namespace espdump::keys
