// Any bytes as a frame: the first chooses the link type, the second how many bytes the capture cut off.
#include <espdump/dissector.hpp>

#include <array>

using namespace espdump;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Ethernet, NULL, LOOP, RAW, Linux cooked 1 and 2, IPv4, IPv6, PPP, Cisco HDLC
  constexpr std::array<std::uint32_t, 10> link_types{1, 0, 108, 101, 113, 276, 228, 229, 9, 104};
  if (size < 2) return 0;
  static const ClaimTable claims;
  Packet packet;
  const Bytes bytes{data + 2, size - 2};
  const auto buffer = packet.add_buffer(bytes, Origin::capture);
  const Claim claim{Space::link_type, link_types[data[0] % link_types.size()]};
  dissect_chain(packet, claims, buffer, bytes, bytes.size() + data[1], claim);
  std::string brief;
  for (const Layer& layer : packet.layers()) {
    if (layer.malformed) continue;
    FieldSink fields;
    const Dissector& dissector = dissector_of(layer);
    if (dissector.describe != nullptr) dissector.describe(layer, fields);
    if (dissector.brief != nullptr) dissector.brief(layer, brief);
  }
  return 0;
}
