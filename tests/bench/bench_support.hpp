// Security associations and packets to measure with; deterministic.
#pragma once

#include <fmt/core.h>

#include <stdexcept>
#include <string>

#include <espdump/keystore.hpp>

#include "support/craft.hpp"

namespace espdump::bench {

using test::Octets;

inline constexpr std::uint32_t first_spi = 0x1000;
inline constexpr std::string_view sender = "192.0.2.1", receiver = "192.0.2.2";
inline constexpr std::string_view gcm = "aead rfc4106(gcm(aes)) 0x000102030405060708090a0b0c0d0e0f10111213 128";

// One SA of each number below `count`, as `ip xfrm state` prints them.
inline std::string dump_text(std::size_t count, std::string_view algorithms = gcm) {
  std::string lines{algorithms}, out;
  if (const auto at = lines.find(" / "); at != std::string::npos) lines.replace(at, 3, "\n\t");
  for (std::size_t i = 0; i < count; ++i)
    out += fmt::format(
        "src {} dst {}\n\tproto esp spi 0x{:08x} reqid 1 mode tunnel\n\treplay-window 32\n\t{}\n"
        "\tanti-replay context: seq 0x0, oseq 0x0, bitmap 0x00000000\n",
        sender, receiver, first_spi + i, lines);
  return out;
}

inline Keystore store_of(const std::string& text) {
  Keystore store;
  const auto report = store.import_text("bench", {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  if (!report || report->usable != report->records) throw std::runtime_error("the SAs of a benchmark are not usable");
  store.seal();
  return store;
}

// An IPv4 packet of `size` bytes with UDP inside.
inline Octets inner_packet(std::size_t size) {
  return test::ipv4_packet("10.0.0.1", "10.0.0.2", 17,
                           test::udp_datagram("10.0.0.1", "10.0.0.2", 4000, 5000, Octets(size - 28, 0x55)));
}

inline Octets esp_frame(const test::Seal& seal, std::uint32_t spi, std::uint64_t sequence, std::size_t inner_size) {
  return test::ethernet_frame(
      test::ipv4_packet(sender, receiver, 50, test::seal_esp(seal, spi, sequence, 4, inner_packet(inner_size))));
}

// So many of AES-GCM, of SAs in turn, each numbered from 1.
inline std::vector<Octets> frames_of(std::size_t count, std::size_t inner_size, std::size_t sas) {
  const test::Seal seal = test::seal_from_text(gcm);
  std::vector<Octets> out;
  out.reserve(count);
  for (std::size_t i = 0; i < count; ++i)
    out.push_back(esp_frame(seal, static_cast<std::uint32_t>(first_spi + i % sas), 1 + i / sas, inner_size));
  return out;
}

}  // namespace espdump::bench
