// Manual pages, made of the tables of commands.
#pragma once

#include <string>

#include "cli/command.hpp"

namespace espdump::cli {

// "espdump" or "espdump-keys".
std::string page_name(const Command&);
// The page in the language of man(7).
std::string manual_page(const Command&);

}  // namespace espdump::cli
