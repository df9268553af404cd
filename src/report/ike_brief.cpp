// Joins what the layers of an IKE message say.
#include "report/ike_brief.hpp"

#include <espdump/dissector.hpp>
#include <espdump/wire/ikev2.hpp>
#include <espdump/wire/ikev2_names.hpp>

#include <algorithm>

namespace espdump {
namespace {

constexpr std::string_view payloads = "ikev2_payloads", version1 = "ikev1_payloads";

bool is_part(const Layer& layer) {
  const std::string_view name = layer.protocol->name;
  return layer.is(ProtocolKind::ikev2_encrypted) || name == payloads || name == version1;
}

std::optional<std::size_t> header_of(const Packet& packet, std::size_t index) {
  const auto& layers = packet.layers();
  while (is_part(layers[index])) {
    if (layers[index].outer == no_layer) return std::nullopt;
    index = layers[index].outer;
  }
  return layers[index].is(ProtocolKind::ikev2) ? std::optional{index} : std::nullopt;
}

// What was in it stands in the layers behind it, or there was nothing in it.
bool is_opened(const Packet& packet, std::size_t index, std::size_t header) {
  const auto& layers = packet.layers();
  if (index + 1 < layers.size() && layers[index + 1].outer == index) return true;
  return std::any_of(packet.ike().begin(), packet.ike().end(), [&](const IkeRecord& record) {
    return record.layer == header && record.sealed == IkeSealed::opened && record.fragments == 0;
  });
}

std::string words_of(const Packet& packet, std::size_t index, std::size_t header) {
  const Layer& layer = packet.layers()[index];
  if (layer.is(ProtocolKind::ikev2_encrypted) && is_opened(packet, index, header)) return {};
  std::string out;
  if (layer.protocol->name == payloads) {
    const auto ike = wire::Ikev2::from(packet.layers()[header].header);
    out = wire::ike_payload_words(static_cast<std::uint8_t>(layer.reached_by), layer.header, ike && ike->is_response());
  } else {
    dissector_of(layer).brief(layer, out);
  }
  if (!layer.is(ProtocolKind::ikev2_encrypted) && layer.cut()) out += out.empty() ? "..." : " ...";
  return out;
}

}  // namespace

std::optional<std::string> ike_brief(const Packet& packet, std::size_t index, std::size_t end) {
  const auto header = header_of(packet, index);
  if (!header) return std::nullopt;
  const auto& layers = packet.layers();
  std::string out;
  dissector_of(layers[*header]).brief(layers[*header], out);
  std::size_t next = *header + 1;
  if (next >= end || !is_part(layers[next])) return out;
  out += " [ ";
  for (; next < end && is_part(layers[next]) && header_of(packet, next) == header; ++next)
    if (const std::string words = words_of(packet, next, *header); !words.empty()) out += words + ' ';
  return out + ']';
}

}  // namespace espdump
