#include "page/sa_track.hpp"

#include <algorithm>
#include <optional>

#include "analysis/path_mtu.hpp"

namespace espdump {
namespace {

std::optional<SaEvent::Kind> event_of(const OpenRecord& record) {
  if (record.icv == IcvVerdict::bad) return SaEvent::Kind::bad_icv;
  switch (record.replay) {
    case ReplayVerdict::duplicate: return SaEvent::Kind::replay;
    case ReplayVerdict::stale: return SaEvent::Kind::late;
    case ReplayVerdict::reordered: return SaEvent::Kind::reordered;
    default: return std::nullopt;
  }
}

// Not inside another tunnel.
bool is_outermost(const Packet& packet, const OpenRecord& record) {
  const Origin origin = packet.buffers()[packet.layers()[record.layer].buffer].origin;
  return origin == Origin::capture || origin == Origin::reassembled || origin == Origin::segments;
}

}  // namespace

void Tracks::add(const Packet& packet) {
  for (const OpenRecord& record : packet.ipsec())
    if (record.replay != ReplayVerdict::capture_duplicate) add(packet, record);
}

void Tracks::add(const Packet& packet, const OpenRecord& record) {
  const std::size_t outer = wire_size(record);
  if (is_outermost(packet, record)) {
    ByteStep& step = bytes_.at(packet.time);
    step.outer += outer;
    step.inner += inner_size(packet, record);
  }
  if (record.sa == 0 || record.sa > most_sas) return;
  while (tracks_.size() < record.sa) tracks_.push_back(std::make_unique<SaTrack>());
  SaTrack& track = *tracks_[record.sa - 1];
  ++track.sizes[std::min(outer / SaTrack::bucket, SaTrack::buckets - 1)];
  const std::optional<SaEvent::Kind> kind = event_of(record);
  // What does not verify proves no number.
  if (!kind || *kind == SaEvent::Kind::reordered) track.numbers.at(packet.time).add(record.sequence);
  if (!kind) return;
  if (track.counts[static_cast<std::size_t>(*kind)]++ < SaTrack::most_events)
    track.events.push_back({*kind, packet.time, record.sequence, packet.frame, packet.file});
}

}  // namespace espdump
