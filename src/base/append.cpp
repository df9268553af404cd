// The one place where the formatting library works on a text that is already begun.
#include "base/append.hpp"

#include <fmt/format.h>

#include <iterator>

namespace espdump {

void append_arguments(std::string& out, fmt::string_view format, fmt::format_args arguments) {
  fmt::vformat_to(std::back_inserter(out), format, arguments);
}

}  // namespace espdump
