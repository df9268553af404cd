// Frames on their way through decoder, analysers and a reporter into a string, as the main job does it with files.
#pragma once

#include <espdump/report.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "support/craft.hpp"

namespace espdump::test {

inline constexpr std::string_view gcm_suite = "aead rfc4106(gcm(aes)) 0x7c1f0e9a3b5d48c2a6e1900d5f7b23c84e6a91d3 128";
inline constexpr std::string_view back_suite = "aead rfc4106(gcm(aes)) 0xd2493ab07e81c65f1c0a97e4b3586d2f09fe4b17 128";

// One record as `ip xfrm state` prints it; `more` are further lines.
struct StateRecord {
  std::string_view source = "10.9.1.1", destination = "10.9.1.2";
  std::uint32_t spi = 0x1001;
  std::string_view mode = "tunnel";
  std::string_view suite = gcm_suite;
  std::string_view more = "";
  std::string_view protocol = "esp";
  unsigned window = 32;
};
std::string state_text(const StateRecord& record);

// An IPv4 packet with an ICMP echo request of 84 bytes from 192.168.1.2 to 192.168.2.2.
Octets inner_ping(std::uint16_t number);
// An Ethernet frame from 10.9.1.1 to 10.9.1.2 with an ESP packet in tunnel mode.
Octets sealed_frame(std::uint64_t sequence, const Octets& inner, std::uint32_t spi = 0x1001,
                    std::uint8_t next_header = 4);
// The same from 10.9.1.2 to 10.9.1.1 with SPI 0x2002 and `back_suite`.
Octets sealed_reply(std::uint64_t sequence, const Octets& inner);
// The keys of both.
std::string both_states();
// The same frame with one bit of its last byte turned.
Octets spoiled(Octets frame);

// Frames of a capture that is not written anywhere, 10 ms apart unless wait() says more.
class Scene {
 public:
  explicit Scene(std::string keys = {}) : keys_(std::move(keys)) {}
  Scene& frame(Octets bytes, std::size_t wire_length = 0);
  Scene& wait(std::int64_t nanoseconds);
  Scene& in_file(std::uint16_t file);
  // The link type of the frames that follow.
  Scene& link_type(std::uint32_t type);

  std::vector<std::string> files{"wire.pcap"};
  DecoderOptions decoding;

  [[nodiscard]] std::string text(TextOptions options = {}) const;
  [[nodiscard]] std::string json(bool quiet = false) const;
  // The page, with at most so many packets.
  [[nodiscard]] std::string page(std::size_t most_packets = 500) const;
  // The lines of packets only: what stands before the first empty line of the text.
  [[nodiscard]] std::vector<std::string> packet_lines(TextOptions options = {}) const;

 private:
  struct Kept {
    Octets bytes;
    std::size_t wire_length;
    std::int64_t time;
    std::uint16_t file;
    FrameNumber number;
    std::uint32_t link_type;
  };
  // `settled` sees each packet once its findings are all there.
  void run(Reporter& reporter, const std::function<void(const Packet&)>& settled = {}) const;

  std::string keys_;
  std::vector<Kept> frames_;
  std::int64_t time_ = 1'700'000'000'000'000'000;
  std::uint16_t file_ = 0;
  std::uint32_t link_type_ = 1;
};

std::vector<std::string> lines_of(const std::string& text);

}  // namespace espdump::test
