// What goes to standard error: one line each, with the program's name in front.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <espdump/keystore.hpp>
#include <espdump/result.hpp>

namespace espdump::run {

// "espdump: TEXT" and a newline; control characters in it are escaped.
void say(std::string_view text);
void say(const Error& error);
// Problems of key files: the serious ones, at most 20 of them, then a count for `file`. When `all`, every one.
void say(const std::vector<ImportProblem>& problems, const std::string& file, bool all);

}  // namespace espdump::run
