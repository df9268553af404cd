// A copy of the packet is tried with one bit turned at a time.
#include "decode/repair.hpp"

#include <algorithm>
#include <vector>

namespace espdump {
namespace {

// A copy of what the ICV is made of, and where ESP or AH begins in it.
class Copy {
 public:
  explicit Copy(const SealedPacket& packet)
      : is_ah_(!packet.datagram.bytes.empty()),
        start_(is_ah_ ? packet.datagram.header : 0),
        original_(packet.bytes),
        bytes_(is_ah_ ? std::vector<std::uint8_t>(packet.datagram.bytes.begin(), packet.datagram.bytes.end())
                      : std::vector<std::uint8_t>(packet.bytes.begin(), packet.bytes.end())) {}

  void turn(std::size_t byte, unsigned bit) {
    bytes_[start_ + byte] = static_cast<std::uint8_t>(bytes_[start_ + byte] ^ 1U << bit);
  }
  [[nodiscard]] SealedPacket packet() {
    return is_ah_ ? SealedPacket{original_, {bytes_, start_}} : SealedPacket{bytes_, {}};
  }

 private:
  bool is_ah_;
  std::size_t start_;
  Bytes original_;
  std::vector<std::uint8_t> bytes_;
};

}  // namespace

std::uint64_t repair_cost(const Opener& opener, const SealedPacket& packet) {
  std::uint64_t bits = 0;
  for (const Opener::Field& field : opener.own_fields(packet)) bits += 8 * field.size;
  return bits * std::max(packet.bytes.size(), packet.datagram.bytes.size());
}

std::optional<FlippedBit> find_flipped_bit(Opener& opener, const SealedPacket& packet, std::uint32_t high_half) {
  Copy copy{packet};
  for (const Opener::Field& field : opener.own_fields(packet)) {
    for (std::size_t byte = field.offset; byte < field.offset + field.size; ++byte) {
      for (unsigned bit = 0; bit < 8; ++bit) {
        copy.turn(byte, bit);
        if (opener.verify(copy.packet(), high_half) == Opener::Outcome::verified)
          return FlippedBit{field.name, static_cast<std::uint32_t>(byte), static_cast<std::uint8_t>(bit)};
        copy.turn(byte, bit);
      }
    }
  }
  return std::nullopt;
}

}  // namespace espdump
