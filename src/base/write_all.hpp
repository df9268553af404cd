// Writing to a descriptor that may take less than it is given.
#pragma once

#include <string_view>

namespace espdump {

// Writes all of `text`. Returns 0, or the errno of the write that failed.
int write_all(int descriptor, std::string_view text) noexcept;

}  // namespace espdump
