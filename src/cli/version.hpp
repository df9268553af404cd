// What --version says.
#pragma once

#include <string>

namespace espdump::cli {

// Version and commit, then the libraries as they are loaded.
std::string version_text();

}  // namespace espdump::cli
