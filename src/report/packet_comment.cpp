// "frame 7, ESP SA #1 0x69427567 10.55.55.1 -> 10.66.66.1 tunnel AES-GCM-16-256, seq 3, ICV ok"
#include "report/packet_comment.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "report/text_util.hpp"

namespace espdump {
namespace {

using Records = std::vector<const OpenRecord*>;

// All that the packet was in, outermost first.
Records records_around(const Packet& packet, const InnerPacket& inner) {
  Records out{&packet.ipsec()[inner.record]};
  for (std::size_t outer = inner.inside; outer != InnerPacket::none; outer = packet.inner()[outer].inside) {
    const OpenRecord* record = &packet.ipsec()[packet.inner()[outer].record];
    if (record != out.back()) out.push_back(record);  // IPComp inside it has none of its own
  }
  std::reverse(out.begin(), out.end());
  return out;
}

std::string verdict(const OpenRecord& record) {
  switch (record.replay) {
    case ReplayVerdict::fresh: return ", new";
    case ReplayVerdict::reordered: return ", out of order";
    case ReplayVerdict::stale: return ", too late";
    case ReplayVerdict::duplicate:
      return record.first_frame == 0 ? ", replay" : fmt::format(", replay of frame {}", record.first_frame);
    case ReplayVerdict::capture_duplicate: return fmt::format(", seen already in frame {}", record.first_frame);
    case ReplayVerdict::unjudged: break;
  }
  return {};
}

std::string line(const OpenRecord& record, const Decoder& decoder) {
  std::string out = record.protocol == IpsecProtocol::esp ? "ESP" : "AH";
  if (record.sa != 0) out += fmt::format(" SA #{}", record.sa);
  out += fmt::format(" 0x{:08x} {} -> {} {}", record.spi, record.source.to_string(), record.destination.to_string(),
                     to_string(record.mode));
  if (const SecurityAssociation* sa = decoder.association(record.sa)) out += " " + suite_name(*sa);
  return out + fmt::format(", seq {}, ICV {}{}", record.sequence, to_string(record.icv), verdict(record));
}

bool concerns(const Finding& finding, const Records& records) {
  const auto is_of = [&](const OpenRecord* record) { return record->sa == finding.sa; };
  return finding.sa == 0 || std::any_of(records.begin(), records.end(), is_of);
}

}  // namespace

std::string packet_comment(const Packet& packet, const InnerPacket& inner, const Decoder& decoder,
                           const std::string& capture) {
  const Records records = records_around(packet, inner);
  std::string out = fmt::format("frame {}", packet.frame);
  if (!capture.empty()) out += " of " + terminal_safe(capture);
  for (const OpenRecord* record : records)
    out += (record == records.front() ? ", " : "\ninside it ") + line(*record, decoder);
  for (const Finding& finding : packet.findings())
    if (concerns(finding, records)) out += fmt::format("\n{}: {}", finding.info->code, terminal_safe(finding.message));
  return out;
}

}  // namespace espdump
