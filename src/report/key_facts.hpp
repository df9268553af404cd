// What listings of keys have in common.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <espdump/ike_keys.hpp>
#include <espdump/sa.hpp>

namespace espdump {

// A key that an SA has, or should have.
struct KeyFact {
  std::string_view name;  // "encryption", "integrity"
  const AlgorithmUse* use;
};
std::vector<KeyFact> key_facts(const SecurityAssociation&);

// A key of an IKE SA.
struct IkeKeyFact {
  std::string_view name;  // "SK_d"
  const Secret* key;
};
// Those that the key file has.
std::vector<IkeKeyFact> key_facts(const IkeKeys&);
// "AES-CBC-256 + HMAC-SHA2-256/128", as of SAs.
std::string suite_name(const IkeKeys&);
// Of an IKE SA; "-": not known.
std::string ike_spi_text(std::uint64_t spi);

// "present", "hidden", "all zeros", "unusable: …".
std::string state_text(const AlgorithmUse&);
// "10.0.0.0/8 > 10.1.0.0/16, protocol 6, ports any > 80".
std::string selector_text(const Selector&);

// Tells keys that an SA before had.
class KeyGroups {
 public:
  // The number of the first SA with this key, which may be `sa` itself; 0: it is this one's own so far.
  std::size_t first_with(const AlgorithmUse&, const SecurityAssociation& sa, std::size_t number);

 private:
  struct First {
    const SecurityAssociation* sa;
    std::size_t number;
  };
  std::unordered_map<std::uint32_t, First> first_;
};

}  // namespace espdump
