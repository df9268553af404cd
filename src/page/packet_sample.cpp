#include "page/packet_sample.hpp"

#include <algorithm>
#include <utility>

namespace espdump {
namespace {

constexpr std::size_t bytes_each = 16 * 1024, least_bytes = 16 * 1024 * 1024;
constexpr std::size_t most_unused = 64;

}  // namespace

void PacketSample::add(const Packet& packet) {
  if (most_ == 0) {
    ++seen_;
    return;
  }
  std::unique_ptr<KeptPacket>& slot = latest_[seen_ % latest_.size()];
  if (slot) settle(slot);
  if (!slot) slot = fresh();
  slot->keep(packet);
  slot->index = seen_++;
  slot->wanted = false;
  if (has_reason(packet)) {
    for (const auto& one : latest_)
      if (one) want(*one);
    wanted_next_ = neighbours;
  } else if (wanted_next_ != 0) {
    want(*slot);
    --wanted_next_;
  }
}

void PacketSample::finish() {
  for (std::size_t i = 0; i < latest_.size(); ++i)
    if (auto& slot = latest_[(seen_ + i) % latest_.size()]; slot) settle(slot);
}

// One code must not take the place of all others, nor all of them that of what is usual.
bool PacketSample::has_reason(const Packet& packet) {
  bool out = false;
  const std::size_t share = std::max<std::size_t>(most_ / 16, 1);
  for (const Finding& finding : packet.findings()) out = by_code_[finding.info->code]++ < share || out;
  if (!packet.ike().empty()) out = ike_++ < most_ / 8 || out;
  return out && wanted_ < most_ / 2;
}

void PacketSample::want(KeptPacket& packet) {
  if (packet.wanted || wanted_ >= most_ / 2) return;
  packet.wanted = true;
  ++wanted_;
}

// Its neighbours are known now.
void PacketSample::settle(std::unique_ptr<KeptPacket>& packet) {
  if (!packet->wanted && packet->index % stride_ != 0) return;
  const std::size_t size = packet->size();
  if (bytes_ + size > std::max(least_bytes, most_ * bytes_each)) {
    ++too_large_;
    return;
  }
  if (kept_.size() >= most_) thin();
  if ((!packet->wanted && packet->index % stride_ != 0) || kept_.size() >= most_) return;
  bytes_ += size;
  kept_.push_back(std::move(packet));
}

void PacketSample::thin() {
  while (kept_.size() >= most_ && stride_ <= seen_) {
    stride_ *= 2;
    const auto stays = [&](const auto& packet) { return packet->wanted || packet->index % stride_ == 0; };
    const auto end = std::stable_partition(kept_.begin(), kept_.end(), stays);
    for (auto gone = end; gone != kept_.end(); ++gone) {
      bytes_ -= (*gone)->size();
      if (unused_.size() < most_unused) unused_.push_back(std::move(*gone));
    }
    kept_.erase(end, kept_.end());
  }
}

std::unique_ptr<KeptPacket> PacketSample::fresh() {
  if (unused_.empty()) return std::make_unique<KeptPacket>();
  std::unique_ptr<KeptPacket> out = std::move(unused_.back());
  unused_.pop_back();
  return out;
}

}  // namespace espdump
