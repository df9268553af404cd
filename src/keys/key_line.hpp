// One algorithm line of `ip xfrm state`: keyword, name, key and ICV length, perhaps broken over several lines.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <espdump/sa.hpp>
#include <espdump/secret.hpp>

#include "keys/key_material.hpp"

namespace espdump::keys {

struct KeyLine {
  AlgorithmKind kind = AlgorithmKind::encryption;
  bool states_icv = false;  // `aead` and `auth-trunc` end in a number of bits; `auth` means the default
  std::size_t line = 0;
  std::string_view name;
  std::vector<std::string_view> pieces;  // what follows the name: more than one where a paste broke the line
};

// Decodes the key into the arena and holds everything against the table of algorithms.
KeyReading read_key_line(const KeyLine&, SecretArena&);

// Whether a line can be the rest of a broken key line: hexadecimal digits, bit counts and nothing else.
bool continues_key_line(std::string_view line);

}  // namespace espdump::keys
