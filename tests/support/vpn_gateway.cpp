// The gateway is at 10.1.0.254 and 192.0.2.1; behind it is 10.1.0.0/16, behind its peer 10.2.0.0/16.
#include "support/vpn_gateway.hpp"

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "support/testdata.hpp"

namespace espdump::test {

VpnScene::VpnScene() {
  out.selector = "src 10.1.0.0/16 dst 10.2.0.0/16";
  in.source = out.destination;
  in.destination = out.source;
  in.spi = 0x1002;
  in.algorithms = other_gcm;
  in.selector = "src 10.2.0.0/16 dst 10.1.0.0/16";
}

void VpnScene::on_plain(const Octets& packet, std::int64_t after) {
  plain.push_back({ethernet_frame(packet), clock_ + after * 1000});
}
void VpnScene::on_outer(const Octets& packet, std::int64_t after) {
  outer.push_back({ethernet_frame(packet), clock_ + after * 1000});
}

void VpnScene::seal(const Octets& packet, std::int64_t after) {
  const std::uint8_t next = packet[0] >> 4 == 4 ? 4 : 41;
  on_outer(outer_packet(out, 50, esp_of(out, ++number, packet, next)), after);
}

void VpnScene::leaves_as(const Octets& plain_packet, const Octets& inside) {
  on_plain(plain_packet);
  seal(inside);
  wait(10'000);
}
void VpnScene::leaves(const Octets& plain_packet) { leaves_as(plain_packet, routed(plain_packet)); }

void VpnScene::enters(const Octets& inside) {
  on_outer(outer_packet(in, 50, esp_of(in, ++number_in, inside)), 0);
  on_plain(routed(inside), 100);
  wait(10'000);
}

void VpnScene::traffic(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    leaves(packet());
    enters(answer());
  }
}

Octets VpnScene::packet(std::uint8_t ttl, std::size_t size) {
  ++id;
  Octets payload(size, 0x77);
  payload[0] = static_cast<std::uint8_t>(id);
  return ipv4_packet("10.1.0.5", "10.2.0.5", 17, udp_datagram("10.1.0.5", "10.2.0.5", 5000, 6000, payload),
                     {.ttl = ttl, .id = id});
}

Octets VpnScene::answer(std::uint8_t ttl) {
  ++id;
  const Octets payload(30, static_cast<std::uint8_t>(id));
  return ipv4_packet("10.2.0.5", "10.1.0.5", 17, udp_datagram("10.2.0.5", "10.1.0.5", 6000, 5000, payload),
                     {.ttl = ttl, .id = id});
}

ProtectReport VpnScene::judge() const {
  Keystore store;
  const std::string text = keys.empty() ? dump_text(out) + dump_text(in) : keys;
  if (!store.import_text("keys.txt", bytes_of(text))) throw std::runtime_error("no keys");
  store.seal();
  ProtectSide one{true}, other{false};
  Decoder in_decoder{store, {false, true}}, out_decoder{store, {false, true}};
  const auto read = [](std::vector<Timed> frames, Decoder& decoder, ProtectSide& side) {
    std::stable_sort(frames.begin(), frames.end(), [](const Timed& a, const Timed& b) { return a.time < b.time; });
    Packet packet;
    std::uint64_t frame = 0;
    for (const Timed& it : frames) {
      decoder.decode({++frame, it.file, 0, Timestamp{it.time}, it.link_type, it.frame, it.frame.size()}, packet);
      side.take(packet, decoder);
    }
  };
  read(plain, in_decoder, one);
  read(outer, out_decoder, other);
  return judge_protection(one, other, store);
}

Octets repaired(Octets packet) {
  packet[10] = packet[11] = 0;
  const std::size_t size = std::size_t{packet[0]} % 16 * 4;
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < size; i += 2) sum += std::uint32_t{packet[i]} << 8 | packet[i + 1];
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  packet[10] = static_cast<std::uint8_t>(~sum >> 8);
  packet[11] = static_cast<std::uint8_t>(~sum);
  return packet;
}

Octets routed(Octets packet) {
  const bool v4 = packet[0] >> 4 == 4;
  --packet[v4 ? 8 : 7];
  return v4 ? repaired(packet) : packet;
}

std::vector<Octets> fragments_of(const Octets& packet, std::size_t size) {
  std::vector<Octets> out;
  for (std::size_t at = 20; at < packet.size(); at += size) {
    const std::size_t end = std::min(packet.size(), at + size), offset = (at - 20) / 8;
    Octets piece(packet.begin(), packet.begin() + 20);
    piece.insert(piece.end(), packet.begin() + static_cast<std::ptrdiff_t>(at),
                 packet.begin() + static_cast<std::ptrdiff_t>(end));
    piece[2] = static_cast<std::uint8_t>(piece.size() >> 8);
    piece[3] = static_cast<std::uint8_t>(piece.size());
    piece[6] = static_cast<std::uint8_t>((end == packet.size() ? 0 : 0x20) | offset >> 8);
    piece[7] = static_cast<std::uint8_t>(offset);
    out.push_back(repaired(piece));
  }
  return out;
}

std::string violations(const ProtectReport& report) {
  std::string text;
  for (const ProtectViolation& it : report.violations)
    text +=
        std::string{it.info->code} + " " + std::to_string(it.plain_frame) + ">" + std::to_string(it.outer_frame) + " ";
  return text;
}

VpnScene begun() {
  VpnScene scene;
  scene.traffic(4);
  return scene;
}
std::string judged(VpnScene& scene) {
  scene.traffic(4);
  return violations(scene.judge());
}
std::string at(std::string_view code, std::uint64_t plain, std::uint64_t outer) {
  return std::string{code} + " " + std::to_string(plain) + ">" + std::to_string(outer) + " ";
}

Octets syn(std::uint16_t mss, std::uint16_t id, std::string_view source) {
  const auto high = static_cast<std::uint8_t>(mss >> 8), low = static_cast<std::uint8_t>(mss);
  TcpOptions options{.sequence = 777, .acknowledgment = 0, .flags = 2, .options = {2, 4, high, low, 1, 1, 4, 2}};
  return ipv4_packet(source, "10.2.0.5", 6, tcp_segment(source, "10.2.0.5", 40000, 443, {}, options),
                     {.id = id, .df = true});
}

}  // namespace espdump::test
