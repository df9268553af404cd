// The bad packets that a gateway is tested with, made of a good one; and the good ones that are made for want of more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <espdump/packet.hpp>

namespace espdump::attack {

using Octets = std::vector<std::uint8_t>;

// A good packet that others can be made of: where its parts lie in its frame.
struct Source {
  std::uint64_t ordinal = 0;                // of its frame, from 1
  std::uint64_t of = 0;                     // the same, but of one that was made: of the frame it was made of
  std::size_t ip = 0, esp = 0, length = 0;  // offsets in the frame, and the length of ESP
  std::size_t iv = 0, icv = 0;
  std::uint32_t spi = 0, window = 0;
  std::uint64_t sequence = 0;
  SaNumber sa = 0;
  bool ipv4 = false, udp = false;
};

struct Crafted {
  std::vector<Octets> frames;
  std::string detail;
};

// The good frame's headers around other bytes of ESP, lengths and checksums put right. Of IPv4 the identification is
// `more_id` higher.
Octets with_esp(const Source& source, const Octets& frame, const Octets& esp, std::uint16_t more_id = 0);

// Each makes whole frames of one good frame; none where that is not possible.
Crafted same(const Source& source, const Octets& frame);
Crafted flip_spi(const Source& source, const Octets& frame);
Crafted flip_sequence(const Source& source, const Octets& frame);
Crafted flip_iv(const Source& source, const Octets& frame);
Crafted flip_ciphertext(const Source& source, const Octets& frame);
Crafted flip_trailer(const Source& source, const Octets& frame);
Crafted flip_icv(const Source& source, const Octets& frame);
Crafted far_ahead(const Source& source, const Octets& frame);
Crafted unknown_spi(const Source& source, const Octets& frame);
Crafted reserved_spi(const Source& source, const Octets& frame);
Crafted number_zero(const Source& source, const Octets& frame);
Crafted truncate_icv(const Source& source, const Octets& frame);
Crafted too_short(const Source& source, const Octets& frame);
Crafted extend(const Source& source, const Octets& frame);
Crafted wrong_address(const Source& source, const Octets& frame);
Crafted fragments_good(const Source& source, const Octets& frame);
Crafted fragments_bad(const Source& source, const Octets& frame);
Crafted fragments_overlap(const Source& source, const Octets& frame);
Crafted dont_fragment(const Source& source, const Octets& frame);
Crafted no_checksum(const Source& source, const Octets& frame);
Crafted bad_checksum(const Source& source, const Octets& frame);
Crafted behind_marker(const Source& source, const Octets& frame);
Crafted keepalive(const Source& source, const Octets& frame);

}  // namespace espdump::attack
