// What makes an SA of Linux whole or wrong, whether `ip xfrm state` printed it or a script adds it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "keys/intake.hpp"
#include "keys/xfrm_record.hpp"

namespace espdump::keys {

// Puts the SA of a record into the table and gives its index there; nothing where the record gives no SA.
std::optional<std::uint32_t> take_record(XfrmRecord& record, Intake&);

// Protocol, SPI and window position of a record as members of its SA.
void set_identity(XfrmRecord& record);

// Says what the algorithms of an SA leave undone. `ciphered` and `authenticated`: whether there is a line of such.
void check_suite(SecurityAssociation& sa, bool ciphered, bool authenticated, std::size_t line, Intake&);

// What the kernel does with BEET SAs whose selector is not two hosts: xfrm4_remove_beet_encap and its IPv6 sister.
void check_beet(const SecurityAssociation& sa, std::size_t line, Intake&);

}  // namespace espdump::keys
