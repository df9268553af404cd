// Bytes as text.
#pragma once

#include <string>

#include <espdump/bytes.hpp>

namespace espdump {

// RFC 4648 section 4, with padding.
std::string base64(Bytes bytes);

}  // namespace espdump
