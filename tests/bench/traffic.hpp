// ESP traffic to measure with: UDP in tunnels (RFC 4303), perhaps over UDP (RFC 3948), all of it a function of the
// options alone.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "bench/esp_cipher.hpp"

namespace espdump::bench {

struct TrafficOptions {
  const Suite* suite = &suites().front();
  std::uint64_t packets = 100'000;
  std::size_t size = 1400;  // of the inner packet; 0: a mix of 64, 576 and 1400 bytes as 7:4:1
  std::uint32_t sas = 1;    // they take turns
  bool ipv6 = false, nat_t = false, esn = false;
  std::uint64_t first = 1;                                // sequence number
  std::uint64_t flows = 0;                                // inside, by number; 0: a thousand at random
  double loss = 0, reorder = 0, replay = 0, bad_icv = 0;  // percent of packets
  std::uint64_t seed = 1;
};

struct TrafficCounts {
  std::uint64_t lost = 0, reordered = 0, replayed = 0, bad_icv = 0;
};

class Traffic {
 public:
  static constexpr std::uint32_t first_spi = 0x1000;
  static constexpr std::uint64_t begins_at = 1'700'000'000;  // seconds since 1970
  static constexpr std::size_t least_size = 28, most_size = 9000;
  static constexpr std::uint64_t most_flows = 8192;
  static std::string_view sender(bool ipv6) { return ipv6 ? "2001:db8::1" : "192.0.2.1"; }
  static std::string_view receiver(bool ipv6) { return ipv6 ? "2001:db8::2" : "192.0.2.2"; }

  explicit Traffic(const TrafficOptions& options);

  // The next frame, an Ethernet one; valid until the one after it. Never ends.
  std::span<const std::uint8_t> next();
  [[nodiscard]] const TrafficCounts& counts() const { return counts_; }
  [[nodiscard]] SuiteKeys keys(std::uint32_t sa) const { return keys_of(*options_.suite, options_.seed + sa); }

 private:
  struct Sa {
    std::unique_ptr<EspCipher> cipher;  // made with its first packet
    std::uint64_t next = 1;
    std::optional<std::uint64_t> late;  // a number that its successor overtook
    std::uint64_t remembered = 0;       // what will be replayed
  };
  bool chance(double percent);
  std::uint64_t number_for(Sa& sa);
  // Everything but the outer UDP checksum is a function of SPI and number, so that a replay is the same frame again.
  std::span<std::uint8_t> frame_of(std::uint32_t index, std::uint64_t sequence);

  TrafficOptions options_;
  std::vector<Sa> sas_;
  std::vector<std::uint8_t> buffer_;
  TrafficCounts counts_;
  std::uint64_t made_ = 0, dice_ = 0;
};

}  // namespace espdump::bench
