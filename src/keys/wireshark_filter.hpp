// Addresses and SPIs of Wireshark's `esp_sa`, which may stand for many.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <espdump/address.hpp>

namespace espdump::keys {

struct AddressFilter {
  Prefix prefix;       // without an address: any
  bool wider = false;  // than the row says, for it leaves open what is no end of the address
};
// "192.0.2.1", "192.0.2.0/24", "192.0.*.*", "2001:db8:*", "*".
std::optional<AddressFilter> read_address_filter(std::string_view text, Family family);

struct SpiFilter {
  std::uint32_t spi = 0, mask = 0xffffffff;
};
// "0xc1a2b3d4", "3248665556", "0xc1a2****", "*".
std::optional<SpiFilter> read_spi_filter(std::string_view text);

}  // namespace espdump::keys
