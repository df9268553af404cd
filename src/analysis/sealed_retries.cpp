#include "analysis/sealed_retries.hpp"

#include <algorithm>
#include <utility>

#include "analysis/path_mtu.hpp"

namespace espdump {
namespace {

constexpr std::uint32_t enough_doublings = 3;
constexpr std::size_t fits_everywhere = 576;  // RFC 1122: what every path carries
constexpr std::int64_t least_gap = 150'000'000;

}  // namespace

void Backoff::add(const Packet& packet) {
  const std::int64_t gap = packet.time.nanoseconds - last_.nanoseconds;
  const bool doubled = gap_ >= least_gap && gap * 10 >= gap_ * 16 && gap * 10 <= gap_ * 25;
  if (doubled) {
    ++doublings_;
  } else {
    frames_ = {};
    if (last_frame_ != 0) frames_.add(last_frame_, last_file_);
    first_ = last_;
    doublings_ = 0;
  }
  frames_.add(packet.frame, packet.file);
  gap_ = last_frame_ == 0 ? 0 : gap;
  last_ = packet.time, last_frame_ = packet.frame, last_file_ = packet.file;
}

void SealedRetries::take(const Packet& packet, const OpenRecord& record) {
  hear(record);
  Path& path = paths_[{record.source, record.destination}];
  const auto known = path.senders.find(record.sa);
  if (known == path.senders.end() && count_ == most_senders) {
    ++left_out_;
    return;
  }
  if (known == path.senders.end()) ++count_;
  Sender& sender = known == path.senders.end() ? path.senders[record.sa] : known->second;
  sender.sa = record.sa;
  take_size(packet, wire_size(record), sender);
  take_number(packet, record.sequence, sender);
  const bool doubled = sender.sent.doublings() >= enough_doublings || sender.missing.doublings() >= enough_doublings;
  if (doubled && !std::exchange(sender.waits, true)) path.waiting.push_back(&sender);
  sender.last = packet.time, sender.last_frame = packet.frame, sender.file = packet.file;
}

void SealedRetries::take_size(const Packet& packet, std::size_t size, Sender& sender) {
  if (size > sender.size) {
    sender.smaller = std::max(sender.smaller, sender.size);
    sender.size = size;
    sender.sent = {};
    sender.sent_heard = false;
  }
  if (size < sender.size)
    sender.smaller = std::max(sender.smaller, size);
  else if (size <= ethernet_mtu)
    sender.sent.add(packet);
}

// A single number missing between two packets that came soon after each other.
void SealedRetries::take_number(const Packet& packet, std::uint64_t number, Sender& sender) {
  const std::int64_t gap = packet.time.nanoseconds - sender.last.nanoseconds;
  if (sender.last_frame != 0 && number == sender.number + 2 && gap < least_gap / 3) sender.missing.add(packet);
  sender.number = std::max(sender.number, number);
}

void SealedRetries::hear(const OpenRecord& record) {
  const auto others = paths_.find({record.destination, record.source});
  if (others == paths_.end()) return;
  for (Sender* sender : others->second.waiting) {
    sender->sent_heard = sender->sent_heard || sender->sent.doublings() >= enough_doublings;
    sender->missing_heard = sender->missing_heard || sender->missing.doublings() >= enough_doublings;
    sender->waits = false;
  }
  others->second.waiting.clear();
}

std::vector<SealedRetry> SealedRetries::found() const {
  std::vector<SealedRetry> out;
  for (const auto& [direction, path] : paths_)
    for (const auto& [sa, sender] : path.senders) {
      const bool sent = sender.sent_heard && sender.sent.doublings() >= enough_doublings &&
                        sender.size > fits_everywhere && sender.smaller != 0;
      const bool missing =
          sender.missing_heard && sender.missing.doublings() >= enough_doublings && sender.size <= fits_everywhere;
      if (!sent && !missing) continue;
      const Backoff& backoff = sent ? sender.sent : sender.missing;
      out.push_back({sa, sender.last_frame, sender.file, sent ? sender.size : 0, sent ? sender.smaller : sender.size,
                     backoff.frames(), backoff.span()});
    }
  return out;
}

}  // namespace espdump
