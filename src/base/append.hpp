// Formatting onto the end of a text. The work is done in one place, which keeps the formatting library's templates out
// of the dissectors, where they would be most of what there is to compile.
#pragma once

#include <fmt/core.h>

#include <string>

namespace espdump {

void append_arguments(std::string& out, fmt::string_view format, fmt::format_args arguments);

// Adds to `out` what fmt::format() would give. The format is checked when compiled.
template <typename... Arguments>
void append(std::string& out, fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  append_arguments(out, format, fmt::make_format_args(arguments...));
}

}  // namespace espdump
