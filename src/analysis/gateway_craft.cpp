// Lengths and checksums of IP and UDP are put right, so that nothing but ESP itself speaks against a packet.
#include "analysis/gateway_craft.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include <espdump/wire/esp.hpp>
#include <espdump/wire/ipv4.hpp>
#include <espdump/wire/ipv6.hpp>
#include <espdump/wire/udp.hpp>

#include "base/checksum.hpp"

namespace espdump::attack {
namespace {

constexpr std::uint8_t udp_number = 17;

Octets esp_of(const Source& source, const Octets& frame) {
  const auto from = frame.begin() + static_cast<std::ptrdiff_t>(source.esp);
  return {from, from + static_cast<std::ptrdiff_t>(source.length)};
}

void put_udp_right(const Source& source, Octets& frame) {
  const std::size_t udp = source.esp - wire::Udp::size;
  const MutableBytes all{frame};
  const std::size_t length = frame.size() - udp;
  const bool without = read_u16(frame, udp + wire::Udp::checksum_offset) == 0 && source.ipv4;
  write_u16(all, udp + wire::Udp::length_offset, static_cast<std::uint16_t>(length));
  write_u16(all, udp + wire::Udp::checksum_offset, 0);
  if (without) return;
  const std::size_t size = source.ipv4 ? 4 : 16;
  const std::size_t addresses = source.ip + (source.ipv4 ? wire::Ipv4::source_offset : wire::Ipv6::source_offset);
  const Bytes from = Bytes{frame}.subspan(addresses, size), to = Bytes{frame}.subspan(addresses + size, size);
  const std::uint64_t sum = checksum_add(Bytes{frame}.subspan(udp), pseudo_header_sum(from, to, udp_number, length));
  const std::uint16_t checksum = checksum_fold(sum);
  write_u16(all, udp + wire::Udp::checksum_offset, checksum == 0 ? 0xffff : checksum);
}

// Of a frame that ends where its IP packet does.
void put_right(const Source& source, Octets& frame) {
  const MutableBytes all{frame};
  if (source.udp) put_udp_right(source, frame);
  const std::size_t length = frame.size() - source.ip;
  if (!source.ipv4) {
    write_u16(all, source.ip + wire::Ipv6::payload_length_offset,
              static_cast<std::uint16_t>(length - wire::Ipv6::size));
    return;
  }
  const std::size_t header = std::size_t{frame[source.ip]} % 16 * 4;
  write_u16(all, source.ip + wire::Ipv4::total_length_offset, static_cast<std::uint16_t>(length));
  write_u16(all, source.ip + wire::Ipv4::checksum_offset, 0);
  write_u16(all, source.ip + wire::Ipv4::checksum_offset, internet_checksum(Bytes{frame}.subspan(source.ip, header)));
}

Crafted flipped(const Source& source, const Octets& frame, std::size_t byte, unsigned bit) {
  Octets esp = esp_of(source, frame);
  if (byte >= esp.size()) return {};
  esp[byte] = static_cast<std::uint8_t>(esp[byte] ^ 1U << bit);
  return {{with_esp(source, frame, esp)}, fmt::format("bit {} of byte {}", bit, byte)};
}

Crafted with_word(const Source& source, const Octets& frame, std::size_t offset, std::uint32_t value,
                  std::string detail) {
  Octets esp = esp_of(source, frame);
  write_u32(esp, offset, value);
  return {{with_esp(source, frame, esp)}, std::move(detail)};
}

// A fragment: `from` and `to` are offsets behind the IP header.
Octets fragment(const Source& source, const Octets& whole, std::size_t from, std::size_t to, bool more) {
  const std::size_t header = std::size_t{whole[source.ip]} % 16 * 4;
  const auto at = [&](std::size_t offset) { return whole.begin() + static_cast<std::ptrdiff_t>(offset); };
  Octets out(whole.begin(), at(source.ip + header));
  out.insert(out.end(), at(source.ip + header + from), at(source.ip + header + to));
  const MutableBytes all{out};
  write_u16(all, source.ip + wire::Ipv4::flags_offset, static_cast<std::uint16_t>((more ? 0x2000 : 0) | from / 8));
  write_u16(all, source.ip + wire::Ipv4::total_length_offset, static_cast<std::uint16_t>(out.size() - source.ip));
  write_u16(all, source.ip + wire::Ipv4::checksum_offset, 0);
  write_u16(all, source.ip + wire::Ipv4::checksum_offset, internet_checksum(Bytes{out}.subspan(source.ip, header)));
  return out;
}

// With an identification of its own, or its fragments would mix with those of another. Senders count it up as they do
// numbers, or keep it.
Octets renumbered(const Source& source, Octets frame) {
  const std::size_t place = source.ip + wire::Ipv4::id_offset;
  write_u16(frame, place, static_cast<std::uint16_t>(read_u16(frame, place) + 0x5a5aU + 7 * source.sequence));
  return frame;
}

// Where to cut, behind the IP header: a multiple of 8. 0: it is too short.
std::size_t middle(const Source& source, const Octets& whole) {
  const std::size_t header = std::size_t{whole[source.ip]} % 16 * 4;
  const std::size_t size = whole.size() - source.ip - header;
  return size < 32 ? 0 : size / 2 / 8 * 8;
}
std::size_t payload_size(const Source& source, const Octets& whole) {
  return whole.size() - source.ip - std::size_t{whole[source.ip]} % 16 * 4;
}

}  // namespace

Octets with_esp(const Source& source, const Octets& frame, const Octets& esp, std::uint16_t more_id) {
  Octets out(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(source.esp));
  out.insert(out.end(), esp.begin(), esp.end());
  const std::size_t id = source.ip + wire::Ipv4::id_offset;
  if (source.ipv4) write_u16(out, id, static_cast<std::uint16_t>(read_u16(out, id) + more_id));
  put_right(source, out);
  return out;
}

Crafted same(const Source&, const Octets& frame) { return {{frame}, "the same frame again, or later"}; }

Crafted flip_spi(const Source& source, const Octets& frame) { return flipped(source, frame, 1, 4); }
Crafted flip_sequence(const Source& source, const Octets& frame) { return flipped(source, frame, 7, 2); }
Crafted flip_iv(const Source& source, const Octets& frame) { return flipped(source, frame, 9, 0); }
Crafted flip_ciphertext(const Source& source, const Octets& frame) {
  const std::size_t start = wire::Esp::size + source.iv, end = source.length - source.icv;
  return flipped(source, frame, start + (end - start) / 2, 3);
}
Crafted flip_trailer(const Source& source, const Octets& frame) {
  return flipped(source, frame, source.length - source.icv - 1, 0);
}
Crafted flip_icv(const Source& source, const Octets& frame) { return flipped(source, frame, source.length - 1, 0); }

Crafted far_ahead(const Source& source, const Octets& frame) {
  const auto number = static_cast<std::uint32_t>(source.sequence) + 0x10'0000;
  return with_word(source, frame, wire::Esp::sequence_offset, number, fmt::format("number {}", number));
}
Crafted unknown_spi(const Source& source, const Octets& frame) {
  const std::uint32_t spi = source.spi ^ 0x00a5'a5a5;
  return with_word(source, frame, wire::Esp::spi_offset, spi, fmt::format("SPI 0x{:08x}", spi));
}
Crafted reserved_spi(const Source& source, const Octets& frame) {
  return with_word(source, frame, wire::Esp::spi_offset, 255, "SPI 255");
}
Crafted number_zero(const Source& source, const Octets& frame) {
  return with_word(source, frame, wire::Esp::sequence_offset, 0, "number 0");
}

Crafted truncate_icv(const Source& source, const Octets& frame) {
  Octets esp = esp_of(source, frame);
  esp.resize(esp.size() - 4);
  return {{with_esp(source, frame, esp)}, "the last 4 bytes left out"};
}
Crafted too_short(const Source& source, const Octets& frame) {
  Octets esp = esp_of(source, frame);
  esp.resize(12);
  return {{with_esp(source, frame, esp)}, "12 bytes of ESP"};
}
Crafted extend(const Source& source, const Octets& frame) {
  Octets esp = esp_of(source, frame);
  esp.resize(esp.size() + 4);
  return {{with_esp(source, frame, esp)}, "4 bytes more"};
}

Crafted wrong_address(const Source& source, const Octets& frame) {
  Octets out = with_esp(source, frame, esp_of(source, frame));
  const std::size_t last =
      source.ip + (source.ipv4 ? wire::Ipv4::destination_offset + 3 : wire::Ipv6::destination_offset + 15);
  out[last] = static_cast<std::uint8_t>(out[last] ^ 0x40);
  put_right(source, out);
  return {{std::move(out)}, "another destination"};
}

Crafted fragments_good(const Source& source, const Octets& frame) {
  const Octets whole = with_esp(source, frame, esp_of(source, frame));
  const std::size_t cut = middle(source, whole);
  if (cut == 0) return {{frame}, "too short to cut"};
  return {{fragment(source, whole, 0, cut, true), fragment(source, whole, cut, payload_size(source, whole), false)},
          "two fragments"};
}

Crafted fragments_bad(const Source& source, const Octets& frame) {
  Octets esp = esp_of(source, frame);
  esp.back() = static_cast<std::uint8_t>(esp.back() ^ 1U);
  const Octets whole = renumbered(source, with_esp(source, frame, esp));
  const std::size_t cut = middle(source, whole);
  if (cut == 0) return {};
  return {{fragment(source, whole, 0, cut, true), fragment(source, whole, cut, payload_size(source, whole), false)},
          "two fragments, bit 0 of the last byte"};
}

// Whichever of the two a receiver keeps: the whole is bad, or repeats a packet that was there before.
Crafted fragments_overlap(const Source& source, const Octets& frame) {
  const Octets good = renumbered(source, with_esp(source, frame, esp_of(source, frame)));
  const std::size_t cut = middle(source, good);
  if (cut < 16) return {};
  Octets bad = good;
  const std::size_t place = source.ip + std::size_t{bad[source.ip]} % 16 * 4 + cut - 4;
  bad[place] = static_cast<std::uint8_t>(bad[place] ^ 1U);
  return {{fragment(source, bad, 0, cut, true), fragment(source, good, cut - 8, payload_size(source, good), false)},
          "two fragments that overlap by 8 bytes and disagree"};
}

Crafted no_checksum(const Source& source, const Octets& frame) {
  Octets out = frame;
  write_u16(out, source.esp - wire::Udp::size + wire::Udp::checksum_offset, 0);
  return {{std::move(out)}, "UDP checksum 0"};
}
Crafted bad_checksum(const Source& source, const Octets& frame) {
  constexpr std::uint16_t damage = 0x0101, none = 0;
  Octets out = with_esp(source, frame, esp_of(source, frame));
  const std::size_t place = source.esp - wire::Udp::size + wire::Udp::checksum_offset;
  // One that is sent without a checksum gets one first.
  if (read_u16(out, place) == none) {
    write_u16(out, place, damage);
    put_right(source, out);
  }
  const auto wrong = static_cast<std::uint16_t>(read_u16(out, place) ^ damage);
  write_u16(out, place, wrong == none ? damage : wrong);
  return {{std::move(out)}, "a wrong UDP checksum around good ESP: who receives it drops it"};
}
Crafted behind_marker(const Source& source, const Octets& frame) {
  Octets esp(4, 0);
  const Octets good = esp_of(source, frame);
  esp.insert(esp.end(), good.begin(), good.end());
  return {{with_esp(source, frame, esp)}, "ESP behind a non-ESP marker: IKE to who receives it, and no message"};
}
Crafted dont_fragment(const Source& source, const Octets& frame) {
  Octets out = with_esp(source, frame, esp_of(source, frame));
  const std::size_t flags = source.ip + wire::Ipv4::flags_offset, size = out.size() - source.ip;
  write_u16(out, flags, static_cast<std::uint16_t>(read_u16(out, flags) | 0x4000));
  put_right(source, out);
  return {{std::move(out)}, fmt::format("DF, {} bytes: where it does not fit, an ICMP error has to say so", size)};
}
Crafted keepalive(const Source& source, const Octets& frame) {
  return {{with_esp(source, frame, Octets{0xff})}, "a NAT keepalive"};
}

}  // namespace espdump::attack
