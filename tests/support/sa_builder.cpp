// Security associations for tests, from a text like that of `ip xfrm state`.
#include "support/sa_builder.hpp"

#include <sstream>
#include <stdexcept>

#include "support/testdata.hpp"

namespace espdump::test {

AlgorithmUse algorithm_use(SecretArena& arena, AlgorithmKind kind, std::string_view name, std::string_view key_hex,
                           std::uint16_t icv_bits) {
  AlgorithmUse use;
  use.info = find_algorithm(kind, name);
  if (use.info == nullptr) throw std::runtime_error("no such algorithm: " + std::string{name});
  if (key_hex.substr(0, 2) == "0x") key_hex.remove_prefix(2);
  use.key = arena.store(unhex(key_hex));
  use.icv_bits = icv_bits != 0 ? icv_bits : use.info->icv_bits;
  return use;
}

SecurityAssociation sa_from_text(SecretArena& arena, std::string_view text, bool esn) {
  SecurityAssociation sa;
  sa.esn = esn;
  std::istringstream in{std::string{text}};
  for (std::string word, name; in >> word;) {
    if (word == "/") continue;
    std::string key;
    std::uint16_t bits = 0;
    in >> name;
    if (in >> std::ws; in.good() && in.peek() == '0') in >> key;
    if (word != "enc" && !(in >> bits)) throw std::runtime_error("no ICV length behind " + name);
    if (word == "aead")
      sa.encryption = algorithm_use(arena, AlgorithmKind::aead, name, key, bits);
    else if (word == "enc")
      sa.encryption = algorithm_use(arena, AlgorithmKind::encryption, name, key);
    else if (word == "auth-trunc")
      sa.integrity = algorithm_use(arena, AlgorithmKind::integrity, name, key, bits);
    else
      throw std::runtime_error("no SA text: " + word);
  }
  return sa;
}

SecurityAssociation& address(SecurityAssociation& sa, std::string_view source, std::string_view destination,
                             std::uint32_t spi, SaMode mode) {
  sa.source = IpAddress::parse(source).value();
  sa.destination = IpAddress::parse(destination).value();
  sa.spi = spi;
  sa.mode = mode;
  return sa;
}

}  // namespace espdump::test
