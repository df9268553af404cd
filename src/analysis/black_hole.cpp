// mtu.blackhole: full-size TCP segments inside an SA that are sent again and again and never acknowledged, while
// smaller ones get through. What proves it is the segment at the edge of what the other end has acknowledged; a capture
// that does not show the other end proves nothing.
#include <fmt/core.h>

#include <espdump/codes.hpp>
#include <espdump/wire/tcp.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <utility>

#include "analysis/analyzers.hpp"
#include "analysis/path_mtu.hpp"
#include "decode/ip_layer.hpp"

namespace espdump {
namespace {

using wire::Tcp;

constexpr std::size_t most_flows = 65'536, most_told = 1024;
constexpr std::uint32_t enough_tries = 4;
constexpr std::size_t fits_everywhere = 576;  // RFC 1122: what every path carries

bool is_after(std::uint32_t one, std::uint32_t other) { return static_cast<std::int32_t>(one - other) > 0; }

struct Segment {
  std::uint32_t sequence = 0;
  std::size_t length = 0;  // of the payload; 0: none
  std::size_t outer = 0;   // the packet on the wire
  [[nodiscard]] std::uint32_t end() const { return sequence + static_cast<std::uint32_t>(length); }
};

// The segment at the edge, and what was seen since it was first sent.
struct Edge {
  Segment segment;
  std::size_t inner = 0;  // its IP packet
  std::uint32_t sent = 0;
  FrameList frames;
  FrameNumber last_frame = 0;
  std::uint16_t file = 0;
  Timestamp first, last;
  std::size_t shrunk_to = 0;    // the same number, sent shorter
  bool heard = false;           // the other end, after the third try
  bool smaller_passed = false;  // it has smaller ones from behind the edge (SACK)
  bool larger_passed = false;   // or others of the size
};

// One direction of a connection.
struct Direction {
  SaNumber sa = 0;
  bool has_acknowledged = false;
  std::uint32_t acknowledged = 0;
  std::size_t largest_acknowledged = 0;
  Edge edge;
  std::array<Segment, 32> recent;  // the latest that were sent
  std::size_t next = 0;

  void remember(const Segment& segment) { recent[next++ % recent.size()] = segment; }
};

struct Met {
  IpAddress source, destination;
  Tcp tcp;
  Segment segment;
  std::size_t inner = 0;
  SaNumber sa = 0;
};

bool is_fresh(const OpenRecord& record) {
  return record.decrypted && record.icv != IcvVerdict::bad && record.replay != ReplayVerdict::capture_duplicate &&
         record.replay != ReplayVerdict::duplicate && record.replay != ReplayVerdict::stale;
}

// The TCP segment inside, where the packet holds one only.
std::optional<Met> segment_in(const Packet& packet) {
  if (packet.ipsec().empty() || !is_fresh(packet.ipsec().front()) || packet.ipsec().front().sa == 0)
    return std::nullopt;
  const auto& layers = packet.layers();
  std::optional<std::size_t> found;
  for (std::size_t index = packet.ipsec().front().layer; index < layers.size(); ++index) {
    if (layers[index].quoted || layers[index].protocol->name != Tcp::protocol) continue;
    if (found) return std::nullopt;
    found = index;
  }
  if (!found) return std::nullopt;
  const auto tcp = Tcp::from(layers[*found].header);
  const auto ip = find_ip_layer(packet, *found);
  if (!tcp || !ip) return std::nullopt;
  const OpenRecord& outermost = packet.ipsec().front();
  Met out{ip->source, ip->destination, *tcp, {}, 0, outermost.sa};
  out.segment = {tcp->sequence(), layers[*found].payload_claimed, wire_size(outermost)};
  out.inner = layers[ip->index].header.size() + layers[ip->index].payload_claimed;
  return out;
}

class BlackHoleAnalyzer final : public Analyzer {
 public:
  void on_packet(const Packet& packet, const Decoder&, Findings&) override {
    if (packet.quoted_ipsec && packet.quoted_ipsec->sa != 0)
      if (const auto mtu = mtu_told(packet); mtu && *mtu != 0) {
        const auto known = told_mtu_.emplace(packet.quoted_ipsec->sa, *mtu).first;
        known->second = std::min(known->second, *mtu);
      }
    const auto met = segment_in(packet);
    if (!met) return;
    if (Direction* answered =
            direction(met->destination, met->source, met->tcp.destination_port(), met->tcp.source_port()))
      if (met->tcp.has(Tcp::ack)) take_acknowledgment(*met, *answered);
    if (met->segment.length == 0 || met->tcp.has(Tcp::syn | Tcp::rst)) return;
    if (Direction* sending =
            direction(met->source, met->destination, met->tcp.source_port(), met->tcp.destination_port()))
      take_segment(packet, *met, *sending);
  }

  void finish(const Decoder& decoder, Findings& out, std::vector<Conclusion>& conclusions) override {
    for (auto& [flow, direction] : flows_) judge(flow, direction, false);
    std::map<SaNumber, std::vector<const Hole*>> by_sa;
    for (const Hole& hole : holes_) {
      out.push_back(
          {&codes::mtu_blackhole, hole.edge.last_frame, hole.edge.file, hole.sa, what(hole) + ". " + why(hole), {}});
      by_sa[hole.sa].push_back(&hole);
    }
    for (const auto& [sa, holes] : by_sa) conclusions.push_back(conclusion(sa, holes, decoder));
  }

 private:
  using Flow = std::tuple<IpAddress, IpAddress, std::uint16_t, std::uint16_t>;
  struct Hole {
    Flow flow;
    SaNumber sa = 0;
    Edge edge;
    std::uint32_t told_mtu = 0;  // by ICMP; 0: none was
    bool recovered = false;
  };

  Direction* direction(const IpAddress& source, const IpAddress& destination, std::uint16_t from, std::uint16_t to) {
    const Flow flow{source, destination, from, to};
    if (flows_.size() == most_flows && flows_.count(flow) == 0) return nullptr;
    return &flows_[flow];
  }

  void take_segment(const Packet& packet, const Met& met, Direction& sending) {
    sending.sa = met.sa;
    sending.remember(met.segment);
    if (!sending.has_acknowledged || met.segment.sequence != sending.acknowledged) return;
    Edge& edge = sending.edge;
    if (edge.sent != 0 && met.segment.length < edge.segment.length) {
      edge.shrunk_to = std::max(edge.shrunk_to, met.segment.length);
      return;
    }
    if (edge.sent == 0 || met.segment.length != edge.segment.length) {
      edge = {};
      edge.segment = met.segment, edge.inner = met.inner, edge.first = packet.time;
    }
    ++edge.sent;
    edge.frames.add(packet.frame, packet.file);
    edge.last_frame = packet.frame, edge.file = packet.file, edge.last = packet.time;
  }

  void take_acknowledgment(const Met& met, Direction& sending) {
    const std::uint32_t number = met.tcp.acknowledgment();
    Edge& edge = sending.edge;
    if (sending.has_acknowledged && !is_after(number, sending.acknowledged)) {
      if (number != sending.acknowledged || edge.sent == 0) return;
      edge.heard = edge.heard || edge.sent >= enough_tries - 1;
      take_blocks(met.tcp, sending);
      return;
    }
    if (edge.sent != 0) {
      judge({met.destination, met.source, met.tcp.destination_port(), met.tcp.source_port()}, sending, true);
      edge = {};
    }
    for (const Segment& segment : sending.recent)
      if (segment.length != 0 && sending.has_acknowledged && !is_after(segment.end(), number))
        sending.largest_acknowledged = std::max(sending.largest_acknowledged, segment.length);
    sending.has_acknowledged = true;
    sending.acknowledged = number;
  }

  // Selective acknowledgments, RFC 2018: what of the latest segments lies in them.
  static void take_blocks(const Tcp& tcp, Direction& sending) {
    constexpr std::uint8_t sack = 5;
    wire::Options options{tcp.options(), wire::Options::Style::ipv4};
    while (const auto option = options.next()) {
      if (option->kind != sack) continue;
      for (std::size_t at = 0; at + 8 <= option->data.size(); at += 8)
        for (const Segment& segment : sending.recent) {
          const std::uint32_t left = read_u32(option->data, at), right = read_u32(option->data, at + 4);
          if (segment.length == 0 || is_after(left, segment.sequence) || is_after(segment.end(), right)) continue;
          const bool smaller = segment.length < sending.edge.segment.length;
          sending.edge.smaller_passed = sending.edge.smaller_passed || smaller;
          sending.edge.larger_passed = sending.edge.larger_passed || !smaller;
        }
    }
  }

  // Acknowledged in the end it is a black hole all the same, if only the same bytes in smaller segments came through.
  void judge(const Flow& flow, const Direction& direction, bool acknowledged) {
    const Edge& edge = direction.edge;
    if (edge.sent < enough_tries || edge.larger_passed || edge.segment.outer <= fits_everywhere) return;
    if (acknowledged && edge.shrunk_to == 0) return;  // lost, and at last not lost
    const auto told = told_mtu_.find(direction.sa);
    const bool proved_by_icmp = told != told_mtu_.end() && told->second < edge.segment.outer;
    const bool proved_by_size =
        (edge.heard || edge.smaller_passed || acknowledged) && edge.segment.length > direction.largest_acknowledged;
    if ((!proved_by_icmp && !proved_by_size) || holes_.size() == most_told) return;
    holes_.push_back({flow, direction.sa, edge, proved_by_icmp ? told->second : 0, acknowledged});
  }

  static std::string what(const Hole& hole) {
    const auto& [source, destination, from, to] = hole.flow;
    return fmt::format("{}.{} > {}.{}: {} bytes of TCP in a packet of {} ({} outside) sent {} times in {}, {}",
                       source.to_string(), from, destination.to_string(), to, hole.edge.segment.length, hole.edge.inner,
                       hole.edge.segment.outer, hole.edge.sent,
                       duration(hole.edge.last.nanoseconds - hole.edge.first.nanoseconds),
                       hole.edge.frames.to_string());
  }

  static std::string why(const Hole& hole) {
    std::string out = hole.recovered
                          ? fmt::format("Only in segments of {} bytes and less did they arrive.", hole.edge.shrunk_to)
                          : "They were never acknowledged";
    if (!hole.recovered)
      out += hole.edge.smaller_passed ? ", while a smaller segment sent after them was."
             : hole.edge.heard        ? ", although the other end is there and answers."
                                      : ".";
    if (hole.told_mtu != 0)
      return out + fmt::format(" A router says why: path MTU {}; the gateway does not heed it.", hole.told_mtu);
    return out + " No ICMP in this capture says so: it is filtered, or nobody sends it.";
  }

  static Conclusion conclusion(SaNumber sa, const std::vector<const Hole*>& holes, const Decoder& decoder) {
    constexpr std::size_t safe_everywhere = 1280;
    const Hole& first = *holes.front();
    Conclusion out{&codes::mtu_blackhole, {sa}, what(first), why(first), {}};
    if (holes.size() > 1) out.what += fmt::format("; and {} more", count_of(holes.size() - 1, "connection"));
    const std::size_t path = first.told_mtu != 0 ? first.told_mtu : safe_everywhere;
    const std::string fits = what_fits(decoder.association(sa), path);
    if (fits.empty()) return out;
    out.remedy = first.told_mtu != 0
                     ? fmt::format(
                           "Through #{} fit {}: set that, and let ICMP \"fragmentation needed\" and \"packet too "
                           "big\" reach the gateway.",
                           sa, fits)
                     : fmt::format(
                           "Find the path MTU (`ping -M do -s SIZE` between the gateways). For 1280, which nearly "
                           "every path has, {} fit through #{}.",
                           fits, sa);
    out.remedy += fmt::format(" The commands: `espdump mtu --keys FILE --mtu {}`.", path);
    return out;
  }

  std::map<Flow, Direction> flows_;
  std::map<SaNumber, std::uint32_t> told_mtu_;
  std::vector<Hole> holes_;
};

}  // namespace

std::unique_ptr<Analyzer> make_black_hole_analyzer() { return std::make_unique<BlackHoleAnalyzer>(); }

}  // namespace espdump
