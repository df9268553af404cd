#include "cli/generate.hpp"

#include "cli/completion.hpp"
#include "cli/manual.hpp"

namespace espdump::cli {
namespace {

std::string kind_of(const Command& command) {
  return command.name.empty() ? "man" : "man-" + std::string{command.name};
}

}  // namespace

std::string generated_kinds() {
  std::string out;
  for (const Command& command : commands()) out += kind_of(command) + ", ";
  return out + "bash, zsh, fish";
}

std::optional<std::string> generate(const std::string& kind) {
  for (const Command& command : commands())
    if (kind == kind_of(command)) return manual_page(command);
  if (kind == "bash") return bash_completion();
  if (kind == "zsh") return zsh_completion();
  if (kind == "fish") return fish_completion();
  return std::nullopt;
}

}  // namespace espdump::cli
