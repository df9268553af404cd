// Fragments by RFC 791 section 3.2 and RFC 8200 section 4.5; how long they wait for each other, by RFC 1122
// section 3.3.2.
#include "analysis/gateway_pieces.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <espdump/wire/esp.hpp>
#include <espdump/wire/ipv4.hpp>
#include <espdump/wire/ipv6.hpp>
#include <espdump/wire/ipv6_fragment.hpp>
#include <espdump/wire/udp.hpp>

#include "base/packet_hash.hpp"
#include "decode/ip_layer.hpp"

namespace espdump {
namespace {

constexpr std::uint8_t esp_number = 50, udp_number = 17;
constexpr std::size_t most_open = 4096, most_given_up = 65'536;  // the oldest go
constexpr std::int64_t longest_wait = 60'000'000'000;            // nanoseconds; then the identification is another's

struct Piece {
  BrokenDatagram datagram;
  std::uint8_t protocol = 0;
  Bytes payload;
};

std::optional<Piece> piece_of(const Packet& packet, const Layer& ip) {
  Piece out;
  if (const auto v4 = wire::Ipv4::from(ip.header); v4 && ip.is(ProtocolKind::ipv4)) {
    if (!v4->is_fragment()) return std::nullopt;
    out.datagram = {v4->source(), v4->destination(), v4->id(), 0, 0, 0, v4->fragment_offset() == 0, 0, 0};
    out.protocol = v4->protocol_number();
    out.payload = ip.payload;
    return out;
  }
  const auto v6 = wire::Ipv6::from(ip.header);
  if (!v6 || !ip.is(ProtocolKind::ipv6)) return std::nullopt;
  const auto layer = std::find_if(packet.layers().begin(), packet.layers().end(), [&](const Layer& it) {
    return is_of<wire::Ipv6Fragment>(it) && it.buffer == ip.buffer && !it.quoted;
  });
  if (layer == packet.layers().end()) return std::nullopt;
  const auto header = wire::Ipv6Fragment::from(layer->header);
  if (!header || header->is_atomic()) return std::nullopt;
  out.datagram = {v6->source(), v6->destination(), header->id(), 0, 0, 0, header->offset() == 0, 0, 0};
  out.protocol = header->next_header();
  out.payload = layer->payload;
  return out;
}

// SPI and number, where the fragment begins the datagram.
void read_start(Piece& piece) {
  if (!piece.datagram.has_start) return;
  const std::size_t skip = piece.protocol == udp_number ? wire::Udp::size : 0;
  const auto esp = wire::Esp::from(piece.payload.subspan(std::min(skip, piece.payload.size())));
  piece.datagram.has_start = esp.has_value();
  if (!esp) return;
  piece.datagram.spi = esp->spi();
  piece.datagram.number = esp->sequence();
}

std::uint64_t key_of(const Piece& piece) {
  std::array<std::uint8_t, 5> rest{};
  write_u32(rest, 0, piece.datagram.id);
  rest[4] = piece.datagram.source.is_v4() ? piece.protocol : 0;  // RFC 8200 names no protocol
  return hosts_hash(piece.datagram.source, piece.datagram.destination, rest);
}

}  // namespace

void GatewayPieces::take(const Packet& packet, std::int64_t time) {
  const auto layer = std::find_if(packet.layers().begin(), packet.layers().end(), is_ip);
  if (layer == packet.layers().end()) return;
  auto piece = piece_of(packet, *layer);
  if (!piece || (piece->protocol != esp_number && piece->protocol != udp_number)) return;
  read_start(*piece);
  piece->datagram.frame = packet.frame;
  piece->datagram.file = packet.file;
  piece->datagram.time = time;
  const std::uint64_t key = key_of(*piece);
  if (packet.reassembled)
    open_.erase(key);
  else
    add(key, piece->datagram);
}

void GatewayPieces::add(std::uint64_t key, const BrokenDatagram& piece) {
  if (const auto same = open_.find(key); same != open_.end()) {
    BrokenDatagram& known = same->second;
    if (piece.time - known.time <= longest_wait) {
      if (!known.has_start && piece.has_start) {
        known.has_start = true;
        known.spi = piece.spi;
        known.number = piece.number;
      }
      return;
    }
    give_up(key);
  }
  open_.emplace(key, piece);
  order_.emplace_back(key, piece.frame);
  if (order_.size() <= most_open) return;
  const auto [oldest, frame] = order_.front();
  order_.pop_front();
  if (const auto it = open_.find(oldest); it != open_.end() && it->second.frame == frame) give_up(oldest);
}

void GatewayPieces::give_up(std::uint64_t key) {
  const auto it = open_.find(key);
  given_up_.push_back(it->second);
  open_.erase(it);
  if (given_up_.size() > most_given_up) given_up_.pop_front();
}

std::vector<BrokenDatagram> GatewayPieces::broken() const {
  std::vector<BrokenDatagram> out(given_up_.begin(), given_up_.end());
  out.reserve(given_up_.size() + open_.size());
  for (const auto& [key, datagram] : open_) out.push_back(datagram);
  return out;
}

}  // namespace espdump
