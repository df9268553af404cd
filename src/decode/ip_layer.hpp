// What decoding needs of the IP header around a layer, and of the link below it.
#pragma once

#include <cstddef>
#include <optional>

#include <espdump/packet.hpp>

#include "decode/beet.hpp"
#include "decode/fragments.hpp"
#include "decode/sighting.hpp"

namespace espdump {

struct IpLayer {
  std::size_t index = 0;  // of the ipv4 or ipv6 layer
  IpAddress source, destination;
  OuterFacts facts;
  Bytes headers;                       // the IP header and its extension headers, up to the layer asked about
  std::size_t next_header_offset = 0;  // in `headers`: the byte that names the layer asked about (or UDP before it)
};

// The innermost IP header outside `layer`, in whichever buffer: transport mode inside transport mode has none of its
// own. Nothing when there is none.
std::optional<IpLayer> find_ip_layer(const Packet& packet, std::size_t layer);

// How many ESP and AH headers stand around a layer.
std::uint8_t nesting_of(const Packet& packet, std::size_t layer);

// All bytes of a layer, header and payload, as far as captured.
Bytes whole_layer(const Packet& packet, const Layer& layer);

// The fragment that `layer` (ipv4 or ipv6_fragment) is; `scope` keeps inner and outer fragments apart.
struct Fragment {
  FragmentKey key;
  FragmentPiece piece;
};
std::optional<Fragment> fragment_of(const Packet& packet, std::size_t layer, const IpLayer& ip, std::uint8_t scope);

Sighting sighting_of(const Packet& packet, const IpLayer& ip, Bytes bytes, std::size_t length, std::uint32_t sequence);

}  // namespace espdump
