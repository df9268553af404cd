// Frames changed byte by byte, checksums updated by what changed.
#include "support/gateway_frames.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace espdump::test {
namespace {

constexpr std::uint8_t udp_number = 17, esp_number = 50, fragment_number = 44;

std::uint16_t word(const Octets& bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes.at(at) << 8 | bytes.at(at + 1));
}
void put_word(Octets& bytes, std::size_t at, std::uint32_t value) {
  bytes.at(at) = static_cast<std::uint8_t>(value >> 8);
  bytes.at(at + 1) = static_cast<std::uint8_t>(value);
}
Octets word_of(std::uint32_t value) {
  return {static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

// RFC 1624 equation 3.
std::uint16_t updated(std::uint16_t checksum, std::uint16_t before, std::uint16_t now) {
  std::uint32_t sum = static_cast<std::uint16_t>(~checksum) + std::uint32_t{static_cast<std::uint16_t>(~before)} + now;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

Octets address_of(std::string_view text, bool ipv4) {
  Octets bytes(ipv4 ? 4 : 16);
  if (inet_pton(ipv4 ? AF_INET : AF_INET6, std::string{text}.c_str(), bytes.data()) != 1)
    throw std::runtime_error("no such address: " + std::string{text});
  return bytes;
}

void read_ipv4(const Octets& frame, FrameParts& out) {
  out.protocol = frame.at(out.ip + 9);
  out.upper = out.ip + frame.at(out.ip) % 16U * 4;
  out.end = out.ip + word(frame, out.ip + 2);
  const std::uint16_t flags = word(frame, out.ip + 6);
  out.fragment = (flags & 0x3fff) != 0;
  out.first = (flags & 0x1fff) == 0;
}

// Hop-by-hop options, destination options and fragment headers.
void read_ipv6(const Octets& frame, FrameParts& out) {
  out.ipv4 = false;
  out.protocol = frame.at(out.ip + 6);
  out.upper = out.ip + 40;
  out.end = out.upper + word(frame, out.ip + 4);
  while (out.first && (out.protocol == 0 || out.protocol == 60 || out.protocol == fragment_number)) {
    if (out.protocol == fragment_number) {
      out.fragment = true;
      out.first = word(frame, out.upper + 2) < 8;
    }
    const std::size_t size = out.protocol == fragment_number ? 8 : 8 + frame.at(out.upper + 1) * 8U;
    out.protocol = frame.at(out.upper);
    out.upper += size;
  }
}

}  // namespace

bool FrameParts::is_esp(const Octets& frame) const {
  if (!udp) return protocol == esp_number;
  const bool port = first && (word(frame, upper) == 4500 || word(frame, upper + 2) == 4500);
  return port && end >= payload + 4 && word(frame, payload) + word(frame, payload + 2) != 0;
}

FrameParts parts_of(const Octets& frame) {
  FrameParts out;
  if (word(frame, 12) == 0x8100) out.ip += 4;
  if (frame.at(out.ip) >> 4 == 6)
    read_ipv6(frame, out);
  else
    read_ipv4(frame, out);
  out.udp = out.protocol == udp_number;
  out.payload = out.upper + (out.udp && out.first ? 8 : 0);
  return out;
}

void rewrite(Octets& frame, std::size_t at, const Octets& bytes) {
  const FrameParts parts = parts_of(frame);
  const bool in_header = at < parts.upper;
  // Of the IP header, UDP's checksum covers the addresses.
  const bool in_addresses = in_header && at >= parts.ip + (parts.ipv4 ? 12 : 8);
  const bool udp = parts.udp && parts.first && (!in_header || in_addresses) && word(frame, parts.upper + 6) != 0;
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    const std::uint16_t before = word(frame, at + i), now = word(bytes, i);
    put_word(frame, at + i, now);
    if (parts.ipv4 && in_header) put_word(frame, parts.ip + 10, updated(word(frame, parts.ip + 10), before, now));
    if (udp) put_word(frame, parts.upper + 6, updated(word(frame, parts.upper + 6), before, now));
  }
}

Octets routed(Octets frame, int hops) {
  const FrameParts parts = parts_of(frame);
  const std::size_t at = parts.ip + (parts.ipv4 ? 8 : 6);  // TTL and protocol; next header and hop limit
  const int step = parts.ipv4 ? 256 : 1;
  rewrite(frame, at, word_of(static_cast<std::uint32_t>(word(frame, at) - hops * step)));
  return frame;
}

Octets with_tos(Octets frame, std::uint8_t tos) {
  const FrameParts parts = parts_of(frame);
  const std::uint16_t first = word(frame, parts.ip);
  rewrite(frame, parts.ip, word_of(parts.ipv4 ? (first & 0xff00U) | tos : (first & 0xf00fU) | tos * 16U));
  return frame;
}

Octets with_flow_label(Octets frame, std::uint32_t label) {
  const FrameParts parts = parts_of(frame);
  rewrite(frame, parts.ip, word_of((word(frame, parts.ip) & 0xfff0U) | label >> 16));
  rewrite(frame, parts.ip + 2, word_of(label & 0xffff));
  return frame;
}

Octets with_id(Octets frame, std::uint16_t id, bool dont_fragment) {
  const FrameParts parts = parts_of(frame);
  rewrite(frame, parts.ip + 4, word_of(id));
  rewrite(frame, parts.ip + 6, word_of((word(frame, parts.ip + 6) & 0xbfffU) | (dont_fragment ? 0x4000U : 0U)));
  return frame;
}

Octets with_source(Octets frame, std::string_view address, std::uint16_t port) {
  const FrameParts parts = parts_of(frame);
  rewrite(frame, parts.ip + (parts.ipv4 ? 12 : 8), address_of(address, parts.ipv4));
  if (port != 0 && parts.udp && parts.first) rewrite(frame, parts.upper, word_of(port));
  return frame;
}

Octets with_destination(Octets frame, std::string_view address) {
  const FrameParts parts = parts_of(frame);
  rewrite(frame, parts.ip + (parts.ipv4 ? 16 : 24), address_of(address, parts.ipv4));
  return frame;
}

Octets tagged(const Octets& frame, std::uint16_t vlan) {
  Octets out(frame.begin(), frame.begin() + 12);
  const Octets tag{0x81, 0, static_cast<std::uint8_t>(vlan >> 8), static_cast<std::uint8_t>(vlan)};
  out.insert(out.end(), tag.begin(), tag.end());
  out.insert(out.end(), frame.begin() + 12, frame.end());
  return out;
}

namespace {

Octets slice(const Octets& bytes, std::size_t from, std::size_t to) {
  return {bytes.begin() + static_cast<std::ptrdiff_t>(from), bytes.begin() + static_cast<std::ptrdiff_t>(to)};
}

Octets ipv4_fragment(const Octets& frame, const FrameParts& parts, std::size_t from, std::size_t to, std::uint32_t id) {
  Octets out = slice(frame, 0, parts.upper);
  const Octets piece = slice(frame, from, to);
  out.insert(out.end(), piece.begin(), piece.end());
  const std::size_t offset = from - parts.upper;
  // The checksum covers no bytes behind the header, and UDP's is of the whole.
  for (const auto& [at, value] :
       {std::pair<std::size_t, std::uint32_t>{2, static_cast<std::uint32_t>(out.size() - parts.ip)},
        {4, id},
        {6, (to != parts.end ? 0x2000U : 0U) | static_cast<std::uint32_t>(offset / 8)}}) {
    const std::uint16_t before = word(out, parts.ip + at);
    put_word(out, parts.ip + at, value);
    put_word(out, parts.ip + 10, updated(word(out, parts.ip + 10), before, static_cast<std::uint16_t>(value)));
  }
  return out;
}

// All headers but the upper one stay in front of the fragment header.
Octets ipv6_fragment(const Octets& frame, const FrameParts& parts, std::size_t from, std::size_t to, std::uint32_t id) {
  Octets out = slice(frame, 0, parts.upper);
  // The byte that named the upper layer.
  std::size_t name = parts.ip + 6;
  for (std::size_t at = parts.ip + 40; at < parts.upper; at += 8 + frame[at + 1] * 8U) name = at;
  out[name] = fragment_number;
  const auto offset = static_cast<std::uint32_t>(from - parts.upper);
  const std::uint32_t place = offset | (to != parts.end ? 1U : 0U);
  const Octets header{parts.protocol,
                      0,
                      static_cast<std::uint8_t>(place >> 8),
                      static_cast<std::uint8_t>(place),
                      static_cast<std::uint8_t>(id >> 24),
                      static_cast<std::uint8_t>(id >> 16),
                      static_cast<std::uint8_t>(id >> 8),
                      static_cast<std::uint8_t>(id)};
  const Octets piece = slice(frame, from, to);
  out.insert(out.end(), header.begin(), header.end());
  out.insert(out.end(), piece.begin(), piece.end());
  put_word(out, parts.ip + 4, static_cast<std::uint32_t>(out.size() - parts.ip - 40));
  return out;
}

}  // namespace

std::vector<Octets> fragments_of(const Octets& frame, std::size_t cut, std::uint32_t id) {
  const FrameParts parts = parts_of(frame);
  const std::size_t middle = parts.upper + cut;
  if (cut % 8 != 0 || middle >= parts.end) throw std::runtime_error("no place to cut");
  if (parts.ipv4)
    return {ipv4_fragment(frame, parts, parts.upper, middle, id), ipv4_fragment(frame, parts, middle, parts.end, id)};
  return {ipv6_fragment(frame, parts, parts.upper, middle, id), ipv6_fragment(frame, parts, middle, parts.end, id)};
}

}  // namespace espdump::test
