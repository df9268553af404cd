// SHA-1, for the NAT_DETECTION notifications of IKEv2 only (RFC 7296 section 2.23).
#pragma once

#include <array>
#include <cstdint>

#include <espdump/bytes.hpp>

namespace espdump {

std::array<std::uint8_t, 20> sha1(Bytes bytes);

}  // namespace espdump
