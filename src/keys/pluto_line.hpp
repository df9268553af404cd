// What single lines in the log of Libreswan's pluto say about SAs and algorithms.
// Read off logs of Libreswan 4.10 and 5.2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <espdump/sa.hpp>

#include "keys/algorithm_names.hpp"

namespace espdump::keys {

// "Nov 21 11:10:11.595545: | ESP enckey:" as what stands behind the stroke; nothing where it is no debug line.
std::optional<std::string_view> pluto_debug_message(std::string_view line);

// The hexadecimal columns of a dump's line; empty: it is none.
std::string_view pluto_dump_digits(std::string_view message);

// An algorithm that was negotiated, and how long its key is, where the line says so.
struct PlutoAlgorithm {
  std::string_view name;
  std::optional<NamedAlgorithm> known;
  std::optional<std::size_t> key_bytes;  // with salt
};

struct PlutoSuite {
  std::optional<PlutoAlgorithm> cipher, integrity;
  [[nodiscard]] bool empty() const { return !cipher && !integrity; }
};

// "add_sa() level=0 outbound tunnel", "IPsec transport ["
SaMode pluto_mode(std::string_view line);

// An SA on its way into the kernel: "192.0.2.1[8ae0bbf7]=espinudp==>192.0.2.2".
struct PlutoKernelSa {
  IpAddress source, destination;
  std::uint32_t spi = 0;
  Encapsulation encapsulation = Encapsulation::none;
};

std::optional<PlutoKernelSa> read_pluto_kernel_sa(std::string_view message);
// What follows it, there or on the next line: "HMAC_SHA1_96:20 AES_CTR:36".
PlutoSuite read_pluto_kernel_suite(std::string_view message);

// A pair of SAs that came up: "{ESP/ESN=>0xc2e2fc89 <0x59fd30a8 xfrm=AES_CTR_256-HMAC_SHA1_96 …}".
struct PlutoPair {
  IpsecProtocol protocol = IpsecProtocol::esp;
  std::uint32_t outbound = 0, inbound = 0;
  bool esn = false;
  Encapsulation encapsulation = Encapsulation::none;
  SaMode mode = SaMode::unknown;
  PlutoSuite suite;
};

std::optional<PlutoPair> read_pluto_pair(std::string_view line);

}  // namespace espdump::keys
