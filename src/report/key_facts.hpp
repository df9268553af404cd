// What listings of keys have in common.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <espdump/sa.hpp>

namespace espdump {

// A key that an SA has, or should have.
struct KeyFact {
  std::string_view name;  // "encryption", "integrity"
  const AlgorithmUse* use;
};
std::vector<KeyFact> key_facts(const SecurityAssociation&);

// "present", "hidden", "all zeros", "unusable: …".
std::string state_text(const AlgorithmUse&);
// "10.0.0.0/8 > 10.1.0.0/16, protocol 6, ports any > 80".
std::string selector_text(const Selector&);

// Tells keys that an SA before had.
class KeyGroups {
 public:
  // The number of the first SA with this key; 0: it is this one's own so far.
  std::size_t first_with(const AlgorithmUse&, std::size_t number);

 private:
  std::unordered_map<std::uint32_t, std::size_t> first_;
};

}  // namespace espdump
