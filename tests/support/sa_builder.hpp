// Security associations for tests, from a text like that of `ip xfrm state`.
#pragma once

#include <string>
#include <string_view>

#include <espdump/sa.hpp>

namespace espdump::test {

// From "aead NAME 0xKEY BITS", or "enc NAME 0xKEY" and "auth-trunc NAME 0xKEY BITS" joined by " / ".
// Throws std::runtime_error for what the algorithm table does not have. The keys live in `arena`.
SecurityAssociation sa_from_text(SecretArena& arena, std::string_view text, bool esn = false);

// One algorithm of it: kind, kernel name, hexadecimal key with salt, bits of ICV (0: the algorithm's own).
AlgorithmUse algorithm_use(SecretArena& arena, AlgorithmKind kind, std::string_view name, std::string_view key_hex,
                           std::uint16_t icv_bits = 0);

// Gives an SA addresses, SPI and mode.
SecurityAssociation& address(SecurityAssociation& sa, std::string_view source, std::string_view destination,
                             std::uint32_t spi, SaMode mode = SaMode::tunnel);

}  // namespace espdump::test
