// A finished packet with bytes of its own, for those that a page shows once everything is known.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <espdump/packet.hpp>

namespace espdump {

class KeptPacket {
 public:
  KeptPacket() = default;
  KeptPacket(const KeptPacket&) = delete;
  KeptPacket& operator=(const KeptPacket&) = delete;
  ~KeptPacket();

  // Takes the place of what was kept before, and uses its memory.
  void keep(const Packet& packet);
  // The packet as it was; its spans end with what is kept here.
  void restore(Packet& out) const;
  // Bytes that it takes, about.
  [[nodiscard]] std::size_t size() const;

  std::uint64_t index = 0;  // of those seen, from 0
  bool wanted = false;      // there is a reason to show this one

 private:
  struct Piece {
    const std::uint8_t* was;  // where its bytes were, to find those of layers in it
    std::size_t offset, size;
    Origin origin;
    bool overlapped;
    std::size_t left_out;
  };
  [[nodiscard]] Bytes moved(Bytes part, const Piece& piece) const;

  FrameNumber frame_ = 0, quoted_frame_ = 0;
  std::uint16_t file_ = 0;
  std::uint32_t interface_ = 0, link_type_ = 0;
  Timestamp time_;
  std::size_t wire_length_ = 0;
  bool reassembled_ = false;
  std::optional<QuotedIpsec> quoted_ipsec_;
  std::vector<std::uint8_t> bytes_;
  std::vector<Piece> pieces_;
  std::vector<Layer> layers_;
  std::vector<OpenRecord> ipsec_;
  std::vector<IkeRecord> ike_;
  std::vector<InnerPacket> inner_;
  Findings findings_;
};

}  // namespace espdump
