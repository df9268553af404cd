// The table of plants: bad input of every class that a gateway has to stop, and odd input that it must not stumble
// over.
#include "analysis/gateway_kinds.hpp"

#include <algorithm>
#include <array>

namespace espdump {
namespace {

using Craft = attack::Crafted (*)(const attack::Source&, const attack::Octets&);
using Distance = PlantKind::Distance;
constexpr PlantExpectation drop = PlantExpectation::drop, forward = PlantExpectation::forward,
                           either = PlantExpectation::either;
constexpr std::size_t widest_guess = 128;  // a window of a gateway that keeps more than its SAs say

constexpr PlantKind stopped(std::string_view name, Craft craft, Distance distance = Distance::none) {
  return {name, drop, craft, distance};
}
// In the place of the good packet.
constexpr PlantKind instead(PlantKind kind) {
  kind.replaces = true;
  return kind;
}
constexpr PlantKind in_ipv4(PlantKind kind) {
  kind.ipv4_only = true;
  return kind;
}
constexpr PlantKind in_udp(PlantKind kind) {
  kind.udp_only = true;
  return kind;
}
constexpr PlantKind of_largest(PlantKind kind) {
  kind.largest = true;
  return kind;
}

constexpr std::array kinds{
    stopped("flip-icv", attack::flip_icv),
    stopped("replay", attack::same),
    stopped("flip-ciphertext", attack::flip_ciphertext),
    stopped("far-ahead", attack::far_ahead),
    stopped("unknown-spi", attack::unknown_spi),
    stopped("old-replay", attack::same, Distance::beyond_window),
    instead(stopped("stale", attack::same, Distance::beyond_window)),
    stopped("flip-sequence", attack::flip_sequence),
    stopped("flip-iv", attack::flip_iv),
    stopped("flip-spi", attack::flip_spi),
    stopped("flip-trailer", attack::flip_trailer),
    stopped("truncate-icv", attack::truncate_icv),
    stopped("too-short", attack::too_short),
    stopped("extend", attack::extend),
    stopped("wrong-address", attack::wrong_address),
    stopped("number-zero", attack::number_zero),
    in_ipv4(stopped("fragments-bad", attack::fragments_bad)),
    in_ipv4(stopped("fragments-overlap", attack::fragments_overlap)),
    in_ipv4(instead({"fragments-good", forward, attack::fragments_good})),
    stopped("reserved-spi", attack::reserved_spi),
    instead({"late", forward, attack::same, Distance::inside_window}),
    in_udp(in_ipv4(instead({"udp-no-checksum", forward, attack::no_checksum}))),
    in_udp(instead({"udp-bad-checksum", either, attack::bad_checksum})),
    in_udp({"esp-behind-marker", either, attack::behind_marker}),
    in_udp({"keepalive", forward, attack::keepalive}),
    of_largest(in_ipv4(instead({"df-large", either, attack::dont_fragment}))),
};

}  // namespace

std::string_view to_string(PlantExpectation expected) noexcept {
  switch (expected) {
    case PlantExpectation::drop: return "drop";
    case PlantExpectation::forward: return "forward";
    case PlantExpectation::either: break;
  }
  return "either";
}

std::size_t PlantKind::places(const attack::Source& source) const {
  constexpr std::size_t a_few = 3;
  switch (distance) {
    case Distance::beyond_window: return std::max<std::size_t>(source.window, widest_guess) + 2;
    case Distance::inside_window: return a_few;
    case Distance::none: break;
  }
  return 0;
}

std::span<const PlantKind> plant_kinds() { return kinds; }

}  // namespace espdump
