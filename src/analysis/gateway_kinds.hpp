// What is planted in a test of a gateway, and what the gateway has to make of it.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "analysis/gateway_craft.hpp"

namespace espdump {

enum class PlantExpectation : std::uint8_t {
  drop,
  forward,
  either,  // both do no harm; the plant's detail says why
};
std::string_view to_string(PlantExpectation) noexcept;

struct PlantKind {
  // How many packets of the SA stand between a packet and what is made of it.
  enum class Distance : std::uint8_t { none, beyond_window, inside_window };
  std::string_view name;
  PlantExpectation expected = PlantExpectation::drop;
  attack::Crafted (*craft)(const attack::Source&, const attack::Octets& frame) = nullptr;
  Distance distance = Distance::none;
  bool replaces = false;  // it stands in the place of the good packet, which is left out where it stood
  bool udp_only = false, ipv4_only = false;
  bool largest = false;  // it is made of the largest packet of an SA

  [[nodiscard]] bool suits(const attack::Source& source) const {
    return (source.udp || !udp_only) && (source.ipv4 || !ipv4_only);
  }
  // In packets of the SA.
  [[nodiscard]] std::size_t places(const attack::Source& source) const;
};

// What must be stopped comes first: where packets are few, the rest is left out.
std::span<const PlantKind> plant_kinds();

}  // namespace espdump
