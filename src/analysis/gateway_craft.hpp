// The bad packets themselves, made of a good one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "analysis/gateway_attack.hpp"

namespace espdump {

// Each makes whole frames of one good frame; none where that is not possible.
struct AttackCraft {
  using Source = AttackMaker::Source;
  using Crafted = AttackMaker::Crafted;
  using Octets = std::vector<std::uint8_t>;

  static Crafted same(const Source& source, const Octets& frame);
  static Crafted flip_spi(const Source& source, const Octets& frame);
  static Crafted flip_sequence(const Source& source, const Octets& frame);
  static Crafted flip_iv(const Source& source, const Octets& frame);
  static Crafted flip_ciphertext(const Source& source, const Octets& frame);
  static Crafted flip_trailer(const Source& source, const Octets& frame);
  static Crafted flip_icv(const Source& source, const Octets& frame);
  static Crafted far_ahead(const Source& source, const Octets& frame);
  static Crafted unknown_spi(const Source& source, const Octets& frame);
  static Crafted reserved_spi(const Source& source, const Octets& frame);
  static Crafted number_zero(const Source& source, const Octets& frame);
  static Crafted truncate_icv(const Source& source, const Octets& frame);
  static Crafted too_short(const Source& source, const Octets& frame);
  static Crafted extend(const Source& source, const Octets& frame);
  static Crafted wrong_address(const Source& source, const Octets& frame);
  static Crafted fragments_good(const Source& source, const Octets& frame);
  static Crafted fragments_bad(const Source& source, const Octets& frame);
  static Crafted fragments_overlap(const Source& source, const Octets& frame);
  static Crafted no_checksum(const Source& source, const Octets& frame);
  static Crafted keepalive(const Source& source, const Octets& frame);
};

}  // namespace espdump
