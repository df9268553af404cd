// What goes to standard error: one line each, with the program's name in front.
#pragma once

#include <string_view>

#include <espdump/keystore.hpp>
#include <espdump/result.hpp>

namespace espdump::run {

// "espdump: TEXT" and a newline; control characters in it are escaped.
void say(std::string_view text);
void say(const Error& error);
// The problems of one key file, at most 20 of them, then a count. Those not serious only when `all`.
void say(const ImportReport& report, bool all);

}  // namespace espdump::run
