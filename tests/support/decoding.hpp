// Drives a Decoder and the analysers with crafted frames, from the text of a dump on.
#pragma once

#include <espdump/analysis.hpp>
#include <espdump/decoder.hpp>
#include <espdump/keystore.hpp>
#include <espdump/path_facts.hpp>

#include <string>
#include <vector>

#include "support/craft.hpp"

namespace espdump::test {

inline const std::string gcm = "aead rfc4106(gcm(aes)) 0x3d9f1c7ae4405b86d2a17f0c95be68e3014c7d92 128";
inline const std::string other_gcm = "aead rfc4106(gcm(aes)) 0xb7021ed85f6a93c44e19f7a08dd36c5b92e80f31 128";
inline const std::string cbc_sha256 =
    "enc cbc(aes) 0xc4179be2605dfa38917fe3044ab86d15 / auth-trunc hmac(sha256) "
    "0x61d0a7f3182bc94e75fa06e8b39d5c24e1077ac3d95f4b8620bd93fe68154ca7 128";
inline const std::string cbc_alone = "enc cbc(aes) 0xc4179be2605dfa38917fe3044ab86d15";

// One SA: what its dump says, and what its sender does.
struct SaText {
  std::string source = "192.0.2.1", destination = "192.0.2.2";
  std::uint32_t spi = 0x1001;
  std::string mode = "tunnel";
  std::string algorithms = gcm;  // as seal_from_text takes it
  std::uint32_t window = 32;
  bool esn = false;
  std::string selector{};  // "src 10.0.0.1/32 dst 10.0.0.2/32"
  std::string line{};      // one line more
  std::string protocol = "esp";
};
// As `ip xfrm state` prints it.
std::string dump_text(const SaText& sa);
Seal seal_of(const SaText& sa);

// An ICMP echo request in IPv4 or IPv6, which tunnel mode carries.
Octets inner_v4(std::uint16_t number = 1, std::size_t size = 40);
Octets inner_v6(std::uint16_t number = 1, std::size_t size = 40);
// An IP packet of the family of the SA's addresses.
Octets outer_packet(const SaText& sa, std::uint8_t protocol, const Octets& payload, const Ipv4Options& options = {});
Octets esp_of(const SaText& sa, std::uint64_t sequence, const Octets& payload, std::uint8_t next_header = 4);
// The same in IP and Ethernet.
Octets esp_frame(const SaText& sa, std::uint64_t sequence, const Octets& payload, std::uint8_t next_header = 4);
Octets esp_frame(const SaText& sa, std::uint64_t sequence);
// An IP packet with the SA's AH in it, and that in Ethernet.
Octets ah_packet(const SaText& sa, std::uint64_t sequence, const Octets& packet, std::size_t alignment = 8);
Octets ah_frame(const SaText& sa, std::uint64_t sequence, const Octets& packet, std::size_t alignment = 8);
// With a wrong last byte.
Octets forged(Octets frame);

// How a frame was met, where it matters.
struct Met {
  std::int64_t gap = 1'000'000;  // nanoseconds after the frame before
  std::size_t captured = ~std::size_t{0};
  std::uint32_t interface = 0;
  std::uint16_t file = 0;
  std::uint32_t link_type = 1;
};

class Rig {
 public:
  explicit Rig(Keystore sealed, DecoderOptions options = {});
  explicit Rig(const std::string& keys, DecoderOptions options = {});
  explicit Rig(const std::vector<SaText>& sas, DecoderOptions options = {});
  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;
  ~Rig() = default;

  // Decodes and analyses one frame; numbers count from 1. The packet is valid until the next call.
  const Packet& feed(const Octets& frame, const Met& met);
  const Packet& feed(const Octets& frame) { return feed(frame, Met{}); }
  // Lets the analysers finish.
  void finish();

  [[nodiscard]] const Decoder& decoder() const { return decoder_; }
  [[nodiscard]] SaStatistics sa(std::size_t index) const;
  // All findings of one code so far: of packets and of analysers.
  [[nodiscard]] Findings found(const FindingInfo& info) const;
  [[nodiscard]] std::vector<Conclusion> concluded(const FindingInfo& info) const;
  // What, why and what to do of these, a line each.
  [[nodiscard]] std::string told(const FindingInfo& info) const;
  // Complete after finish().
  [[nodiscard]] PathFacts& paths() { return paths_; }

 private:
  Keystore store_;
  Decoder decoder_;
  PathFacts paths_;
  std::vector<std::unique_ptr<Analyzer>> analyzers_;
  Octets bytes_;
  Packet packet_;
  FrameNumber frames_ = 0;
  Timestamp time_{1'700'000'000'000'000'000};
  Findings findings_;
  std::vector<Conclusion> conclusions_;
};

// The names of the layers of one packet, joined by blanks.
std::string layer_names(const Packet& packet);
Octets octets(Bytes bytes);

}  // namespace espdump::test
