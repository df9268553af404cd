// Loads key text for tests, and spells SAs so that two loads can be compared.
#pragma once

#include <espdump/keystore.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.hpp"
#include "support/testdata.hpp"

namespace espdump::test {

struct Loaded {
  Keystore store;
  ImportReport report;
  [[nodiscard]] const SecurityAssociation& sa(std::size_t index = 0) const {
    REQUIRE(index < store.associations().size());
    return store.associations()[index];
  }
  // The text of the only problem, or all of them.
  [[nodiscard]] std::string problems() const {
    std::string out;
    for (const auto& problem : report.problems) out += (out.empty() ? "" : "\n") + problem.text;
    return out;
  }
};

inline Loaded load(std::string_view text) {
  Loaded out;
  auto report = out.store.import_text("keys.txt", bytes_of(text));
  INFO((report ? std::string{} : report.error().text));
  REQUIRE(report);
  out.report = *report;
  out.store.seal();
  return out;
}

inline std::string text_of_file(const std::string& name) {
  const auto bytes = read_file(testdata("keys/" + name));
  REQUIRE_FALSE(bytes.empty());
  return {bytes.begin(), bytes.end()};
}

inline std::vector<std::uint8_t> key_bytes(const Secret& secret) {
  return {reveal(secret).begin(), reveal(secret).end()};
}

inline std::string replace_all(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

inline std::string spell(const AlgorithmUse& use) {
  std::string out = use.info == nullptr ? "-" : std::string{use.info->xfrm};
  out += ' ' + std::to_string(use.icv_bits) + ' ' + std::to_string(static_cast<int>(use.state)) + ' ';
  for (const std::uint8_t byte : reveal(use.key))
    out += "0123456789abcdef"[byte >> 4], out += "0123456789abcdef"[byte & 15];
  return out;
}

// Everything about an SA but the line it stood on.
inline std::string spell(const SecurityAssociation& sa) {
  std::string out =
      sa.source.to_string() + " > " + sa.destination.to_string() + ' ' + std::string{to_string(sa.protocol)};
  out += ' ' + std::to_string(sa.spi) + ' ' + std::string{to_string(sa.mode)} + " reqid " + std::to_string(sa.reqid);
  out += " | " + spell(sa.encryption) + " | " + spell(sa.integrity) + (sa.esn ? " esn" : "");
  out += " window " + std::to_string(sa.replay_window) + " encap " + std::to_string(static_cast<int>(sa.encapsulation));
  out += ' ' + std::to_string(sa.source_port) + ' ' + std::to_string(sa.destination_port);
  out += " mark " + std::to_string(sa.mark) + '/' + std::to_string(sa.mark_mask) + " if " +
         std::to_string(sa.if_id.value_or(0));
  out += " sel " + std::to_string(static_cast<int>(sa.selector_family));
  if (sa.selector) {
    out += ' ' + sa.selector->source.to_string() + ' ' + sa.selector->destination.to_string();
    out += ' ' + std::to_string(sa.selector->protocol) + ' ' + std::to_string(sa.selector->source_port.value_or(0));
    out += ' ' + std::to_string(sa.selector->destination_port.value_or(0));
  }
  for (const auto& position : sa.positions)
    out += " [" + std::to_string(position.received) + ' ' + std::to_string(position.sent) + ']';
  return out;
}

inline std::vector<std::string> spell(const Keystore& store) {
  std::vector<std::string> out;
  for (const SecurityAssociation& sa : store.associations()) out.push_back(spell(sa));
  return out;
}

}  // namespace espdump::test
