// Names of IKE numbers (IANA "Internet Key Exchange Version 2 (IKEv2) Parameters").
#pragma once

#include <cstdint>
#include <string_view>

namespace espdump::wire {

// "IKE_AUTH" (version 2), "main mode" (version 1); empty where the number has no name.
std::string_view ike_exchange_name(std::uint8_t major_version, std::uint8_t exchange) noexcept;

}  // namespace espdump::wire
