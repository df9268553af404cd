// What --version says.
#pragma once

#include <string>

namespace espdump::cli {

// "1.0.0"
std::string version_number();
// "espdump 1.0.0 (commit 0123456)"
std::string program_text();
// The same, then the libraries as they are loaded.
std::string version_text();

}  // namespace espdump::cli
