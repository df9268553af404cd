// Names of the numbers that several headers share. Empty for numbers without a name here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <espdump/bytes.hpp>

namespace espdump::wire {

// IANA protocol numbers: "ESP" for 50.
std::string_view ip_protocol_name(std::uint8_t protocol) noexcept;
// IEEE 802 ether types: "IPv4" for 0x0800.
std::string_view ether_type_name(std::uint16_t type) noexcept;
// "02:00:00:00:00:01", for any number of bytes.
std::string hardware_address(Bytes address);

}  // namespace espdump::wire
