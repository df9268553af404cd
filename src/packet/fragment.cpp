#include "packet/fragment.hpp"

#include <espdump/wire/ipv4.hpp>
#include <espdump/wire/ipv6_fragment.hpp>

namespace espdump {
namespace {

bool is_fragment(const Layer& layer) {
  if (layer.is(ProtocolKind::ipv4)) {
    const auto ip = wire::Ipv4::from(layer.header);
    return ip && ip->is_fragment();
  }
  return is_of<wire::Ipv6Fragment>(layer) && wire::Ipv6Fragment::from(layer.header);
}

}  // namespace

const Layer* fragment_in(const Packet& packet) {
  for (const Layer& layer : packet.layers()) {
    if (layer.buffer != 0) break;  // not as captured, as are all that follow
    if (!layer.quoted && is_fragment(layer)) return &layer;
  }
  return nullptr;
}

}  // namespace espdump
