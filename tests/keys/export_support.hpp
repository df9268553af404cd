// What tests of exporters share.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <espdump/keystore.hpp>

#include "keys/secret_output.hpp"
#include "keys/xfrm_text.hpp"
#include "support/random.hpp"

namespace espdump::test {

// What an exporter wrote and what it had to say.
struct Exported {
  std::string text;
  std::vector<ImportProblem> notes;
  [[nodiscard]] std::string said() const {
    std::string out;
    for (const ImportProblem& note : notes) out += (out.empty() ? "" : "\n") + note.text;
    return out;
  }
};

template <typename Exporter>
Exported exported(Exporter exporter, std::span<const SecurityAssociation> sas) {
  Exported out;
  keys::SecretOutput output(&out.text);
  out.notes = exporter(sas, output);
  output.flush();
  return out;
}

template <typename Exporter>
Exported exported(Exporter exporter, std::string_view text) {
  return exported(exporter, load(text).store.associations());
}

inline std::string random_hex(Random& random, std::size_t bytes) {
  std::string out;
  for (std::size_t i = 0; i < 2 * bytes; ++i) out += "0123456789abcdef"[random.below(16)];
  return out;
}

// The lengths of keys, salt included, that the table allows. HMACs may have any.
inline std::vector<std::size_t> key_lengths(const AlgorithmInfo& info) {
  std::vector<std::size_t> out;
  for (std::size_t length = info.key_min; length <= info.key_max; length += info.key_step)
    out.push_back(length + info.salt);
  if (info.kind == AlgorithmKind::integrity && info.xfrm.substr(0, 4) == "hmac") out.insert(out.end(), {1, 77, 200});
  return out;
}

// The lengths of ICVs, in bits; of an algorithm without, one of 0.
inline std::vector<std::uint32_t> icv_lengths(const AlgorithmInfo& info) {
  std::vector<std::uint32_t> out;
  for (std::uint32_t bits = 8; bits <= info.icv_bits_max; bits += 8)
    if (is_legal_icv(info, bits)) out.push_back(bits);
  if (out.empty()) out.push_back(0);
  return out;
}

// `ip xfrm state` of one SA with the algorithm lines given.
inline std::string dump(std::uint32_t spi, const std::string& algorithms, const std::string& proto = "esp") {
  char text[200];
  std::snprintf(text, sizeof text, "src 10.0.0.1 dst 10.0.0.2\n\tproto %s spi 0x%08x reqid 1 mode tunnel\n",
                proto.c_str(), static_cast<unsigned>(spi));
  return text + ("\treplay-window 32\n" + algorithms);
}

inline std::string key_line(const char* keyword, const AlgorithmInfo& info, const std::string& hex,
                            std::optional<std::uint32_t> bits = {}) {
  std::string out = "\t" + std::string{keyword} + " " + std::string{info.xfrm} + " 0x" + hex;
  if (info.key_max == 0) out = "\t" + std::string{keyword} + " " + std::string{info.xfrm} + " ";
  return out + (bits ? " " + std::to_string(*bits) : "") + "\n";
}

// A dump with every algorithm of the table, every length of key and ICV, under random keys.
inline std::string every_suite(Random& random) {
  const std::string sha1 = "\tauth-trunc hmac(sha1) 0x" + random_hex(random, 20) + " 96\n";
  std::string out;
  std::uint32_t spi = 0x1000;
  for (const AlgorithmInfo& info : all_algorithms()) {
    for (const std::size_t length : key_lengths(info)) {
      for (const std::uint32_t bits : icv_lengths(info)) {
        const std::string hex = random_hex(random, length);
        if (info.kind == AlgorithmKind::aead) out += dump(++spi, key_line("aead", info, hex, bits));
        if (info.kind == AlgorithmKind::encryption) out += dump(++spi, key_line("enc", info, hex) + sha1);
        if (info.kind != AlgorithmKind::integrity) continue;
        const std::string auth = key_line("auth-trunc", info, hex, bits);
        out += dump(++spi, auth + "\tenc cbc(aes) 0x" + random_hex(random, 16) + "\n");
        if (info.primitive != Primitive::null_mac) out += dump(++spi, auth, "ah");
      }
    }
  }
  return out;
}

}  // namespace espdump::test
