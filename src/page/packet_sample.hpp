// Which packets a page shows: all of a small capture; of a large one those with findings and their neighbours, the
// first of IKE, and every so many-th of the rest. Memory is bounded, whatever comes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "page/kept_packet.hpp"

namespace espdump {

class PacketSample {
 public:
  // At most so many.
  explicit PacketSample(std::size_t most) : most_(most) {}

  // The next packet, with its findings.
  void add(const Packet& packet);
  // After the last one.
  void finish();

  // In the order in which they came.
  [[nodiscard]] const std::vector<std::unique_ptr<KeptPacket>>& packets() const { return kept_; }
  [[nodiscard]] std::uint64_t seen() const { return seen_; }
  // Every so many-th is there; 1: all, but for those too large.
  [[nodiscard]] std::uint64_t stride() const { return stride_; }
  // Left out because they would take too much memory.
  [[nodiscard]] std::uint64_t too_large() const { return too_large_; }

 private:
  static constexpr std::size_t neighbours = 2;  // on either side

  bool has_reason(const Packet& packet);
  void want(KeptPacket& packet);
  void settle(std::unique_ptr<KeptPacket>& packet);
  void thin();
  std::unique_ptr<KeptPacket> fresh();

  std::size_t most_;
  std::size_t bytes_ = 0;
  std::uint64_t seen_ = 0, stride_ = 1, too_large_ = 0;
  std::size_t wanted_ = 0, wanted_next_ = 0;
  std::size_t ike_ = 0;
  std::map<std::string_view, std::size_t> by_code_;
  std::array<std::unique_ptr<KeptPacket>, neighbours + 1> latest_;  // by index modulo their number
  std::vector<std::unique_ptr<KeptPacket>> kept_, unused_;
};

}  // namespace espdump
