// Text out of packets and files, made safe to show.
#pragma once

#include <string>
#include <string_view>

namespace espdump {

// Control and non-ASCII bytes and the backslash become \xNN.
std::string printable(std::string_view text);

}  // namespace espdump
