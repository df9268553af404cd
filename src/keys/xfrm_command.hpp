// The words of one `ip xfrm state add`, by keyword as iproute2 takes them.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "keys/key_material.hpp"
#include "keys/shell_text.hpp"
#include "keys/xfrm_record.hpp"

namespace espdump::keys {

// An algorithm as a command names it; the key is still text.
struct CommandKey {
  std::string name;
  const ShellWord* key = nullptr;
  std::optional<std::uint32_t> icv_bits;
  bool states_icv = false;
};

struct XfrmCommand {
  XfrmRecord record;  // without the key lines, which are these:
  std::optional<CommandKey> aead, encryption, integrity;
  std::string unknown;                    // the first word that no keyword claims; what follows it is not read
  const ShellWord* unresolved = nullptr;  // the first word in use whose value is not in the file
};

// `words` begins behind `add`.
XfrmCommand read_command(std::span<const ShellWord> words);

}  // namespace espdump::keys
