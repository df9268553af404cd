// One line of a table that Wireshark saves: values in quotation marks, or bare, with commas between them.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include <espdump/secret.hpp>

namespace espdump::keys {

// The values of a row, at most 16 of them. Where one has escapes (`\x2a`) it is undone in the arena, for it may
// be a key. Nothing where the line is no row: text without commas between, a mark that does not close.
std::optional<std::vector<std::string_view>> read_uat_row(std::string_view line, SecretArena&);

}  // namespace espdump::keys
