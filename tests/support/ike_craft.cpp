#include "support/ike_craft.hpp"

namespace espdump::test {
namespace {

void put(Octets& out, std::uint64_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(value >> shift));
}
void append(Octets& out, const Octets& more) { out.insert(out.end(), more.begin(), more.end()); }

Octets chain_of(const IkeText& text) {
  Octets chain;
  for (std::size_t i = 0; i < text.payloads.size(); ++i) {
    const auto& [type, body] = text.payloads[i];
    put(chain, i + 1 < text.payloads.size() ? text.payloads[i + 1].first : 0, 1);
    put(chain, 0, 1);
    put(chain, body.size() + 4, 2);
    append(chain, body);
  }
  return chain;
}

}  // namespace

Octets ike_message(const IkeText& text) {
  const Octets chain = chain_of(text);
  Octets out;
  put(out, text.initiator_spi, 8);
  put(out, text.responder_spi, 8);
  put(out, text.payloads.empty() ? 0 : text.payloads.front().first, 1);
  put(out, 0x20, 1);
  put(out, text.exchange, 1);
  put(out, text.flags, 1);
  put(out, text.message_id, 4);
  put(out, 28 + chain.size(), 4);
  append(out, chain);
  return out;
}

Octets ike_frame(const IkeText& text, const IkePath& path) {
  Octets payload;
  if (path.source_port != 500 && path.destination_port != 500) put(payload, 0, 4);
  append(payload, ike_message(text));
  return ethernet_frame(
      ipv4_packet(path.source, path.destination, 17,
                  udp_datagram(path.source, path.destination, path.source_port, path.destination_port, payload)));
}

Octets ike_proposal(std::uint8_t protocol, const Octets& spi, const std::vector<IkeTransformText>& transforms) {
  Octets list;
  for (std::size_t i = 0; i < transforms.size(); ++i) {
    put(list, i + 1 == transforms.size() ? 0 : 3, 1);
    put(list, 0, 1);
    put(list, transforms[i].key_bits != 0 ? 12 : 8, 2);
    put(list, transforms[i].type, 1);
    put(list, 0, 1);
    put(list, transforms[i].id, 2);
    if (transforms[i].key_bits == 0) continue;
    put(list, 0x800e, 2);
    put(list, transforms[i].key_bits, 2);
  }
  Octets out;
  put(out, 0, 2);
  put(out, 8 + spi.size() + list.size(), 2);
  put(out, 1, 1);
  put(out, protocol, 1);
  put(out, spi.size(), 1);
  put(out, transforms.size(), 1);
  append(out, spi);
  append(out, list);
  return out;
}

Octets ike_notify(std::uint16_t type, const Octets& data) {
  Octets out;
  put(out, 0, 2);
  put(out, type, 2);
  append(out, data);
  return out;
}

Octets ike_key_exchange(std::uint16_t group, std::size_t size) {
  Octets out;
  put(out, group, 2);
  put(out, 0, 2);
  out.resize(out.size() + size, 0x5a);
  return out;
}

Octets ike_suite(std::uint16_t group) {
  return ike_proposal(1, {}, {{1, 12, 128}, {2, 5, 0}, {3, 12, 0}, {4, group, 0}});
}

}  // namespace espdump::test
