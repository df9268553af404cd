// `espdump --generate`: what packages install beside the program.
#pragma once

#include <optional>
#include <string>

namespace espdump::cli {

// What may be generated, between commas: "man, man-keys, …, bash, zsh, fish".
std::string generated_kinds();
// Nothing where it is none of them.
std::optional<std::string> generate(const std::string& kind);

}  // namespace espdump::cli
