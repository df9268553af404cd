// What shells need to complete a command line, made of the tables of commands.
#pragma once

#include <string>

namespace espdump::cli {

std::string bash_completion();
std::string zsh_completion();
std::string fish_completion();

}  // namespace espdump::cli
