// mtu.exceeded and mtu.outer-fragments: routers that say that a tunnel packet is too large, and ESP that arrives in
// pieces. Both name what fits.
#include <fmt/core.h>

#include <espdump/codes.hpp>
#include <espdump/wire/esp.hpp>
#include <espdump/wire/icmp.hpp>
#include <espdump/wire/icmpv6.hpp>
#include <espdump/wire/ipv4.hpp>
#include <espdump/wire/ipv6_fragment.hpp>

#include <algorithm>
#include <map>
#include <utility>

#include "analysis/analyzers.hpp"
#include "analysis/overhead.hpp"
#include "analysis/path_mtu.hpp"
#include "decode/ip_layer.hpp"

namespace espdump {
namespace {

using wire::Icmp;
using wire::Icmpv6;

// Packets that were on their way, or queued, when the ICMP message came are no sign that it is not heeded.
constexpr std::int64_t grace = 200'000'000;

std::optional<IpAddress> sender_of_icmp(const Packet& packet) {
  const auto& layers = packet.layers();
  for (std::size_t index = layers.size(); index-- > 0;) {
    const bool icmp =
        layers[index].protocol->name == Icmp::protocol || layers[index].protocol->name == Icmpv6::protocol;
    if (layers[index].quoted || !icmp) continue;
    const auto ip = find_ip_layer(packet, index);
    return ip ? std::optional{ip->source} : std::nullopt;
  }
  return std::nullopt;
}

// Of the packet quoted, whole.
std::size_t quoted_size(const Packet& packet) {
  for (const Layer& layer : packet.layers())
    if (layer.quoted && is_ip(layer)) return layer.header.size() + layer.payload_claimed;
  return 0;
}

bool is_outermost(const Packet& packet, const OpenRecord& record) {
  const std::size_t index = packet.layers()[record.layer].buffer;
  return packet.buffers()[index].origin == Origin::capture || packet.buffers()[index].origin == Origin::reassembled;
}

std::string commands_hint(std::size_t path_mtu) {
  return fmt::format(" The commands: `espdump mtu --keys FILE --mtu {}`.", path_mtu);
}

// A first fragment of an ESP packet outside all tunnels: its size on the wire.
std::optional<std::size_t> first_fragment_of_esp(const Packet& packet, IpAddress& source, IpAddress& destination) {
  const auto& layers = packet.layers();
  for (std::size_t index = 0; index < layers.size(); ++index) {
    const Layer& layer = layers[index];
    if (layer.quoted || packet.buffers()[layer.buffer].origin != Origin::capture) continue;
    bool first = false;
    std::uint8_t protocol = 0;
    if (const auto ip = layer.protocol->name == wire::Ipv4::protocol ? wire::Ipv4::from(layer.header) : std::nullopt) {
      first = ip->more_fragments() && ip->fragment_offset() == 0;
      protocol = ip->protocol_number();
    } else if (layer.protocol->name == wire::Ipv6Fragment::protocol) {
      const auto fragment = wire::Ipv6Fragment::from(layer.header);
      first = fragment && fragment->more() && fragment->offset() == 0;
      protocol = fragment ? fragment->next_header() : std::uint8_t{0};
    }
    if (!first || protocol != static_cast<std::uint8_t>(IpsecProtocol::esp)) continue;
    const auto ip = find_ip_layer(packet, index + 1 < layers.size() ? index + 1 : index);
    if (!ip) return std::nullopt;
    source = ip->source, destination = ip->destination;
    const Layer& outer = layers[ip->index];
    return outer.header.size() + outer.payload_claimed;
  }
  return std::nullopt;
}

class PathMtuAnalyzer final : public Analyzer {
 public:
  void on_packet(const Packet& packet, const Decoder& decoder, Findings& out) override {
    note_icmp(packet, decoder, out);
    note_fragment(packet);
    for (const OpenRecord& record : packet.ipsec())
      if (record.sa != 0 && record.encapsulation != Encapsulation::tcp && is_outermost(packet, record) &&
          record.replay != ReplayVerdict::capture_duplicate)
        note_size(packet, record, decoder, out);
  }

  void finish(const Decoder& decoder, Findings&, std::vector<Conclusion>& conclusions) override {
    for (const auto& [sa, facts] : sas_) {
      if (facts.told.count() != 0) conclusions.push_back(exceeded(sa, facts, decoder));
      if (facts.in_pieces.count() != 0) conclusions.push_back(fragmented(sa, facts, decoder));
    }
    for (const auto& [hosts, pieces] : pieces_)
      if (pieces.whole < pieces.first.count()) conclusions.push_back(lost_pieces(hosts, pieces));
  }

 private:
  using Hosts = std::pair<IpAddress, IpAddress>;
  static constexpr std::size_t most_hosts = 4096;

  struct Facts {
    std::uint32_t path_mtu = 0;  // the least that was told; 0: no number
    IpAddress router;
    FrameList told;  // frames of ICMP
    Timestamp first_told;
    std::size_t largest_after = 0;  // of the packets that came later
    FrameList too_large_after;
    FrameList in_pieces;
    std::size_t largest_in_pieces = 0, largest_piece = 0;
  };
  // First fragments of ESP packets between two hosts.
  struct Pieces {
    FrameList first;
    std::uint64_t whole = 0;  // of these, how many came together
    std::size_t largest = 0;
  };

  void note_icmp(const Packet& packet, const Decoder& decoder, Findings& out) {
    if (!packet.quoted_ipsec || packet.quoted_ipsec->sa == 0) return;
    const auto mtu = mtu_told(packet);
    const auto router = sender_of_icmp(packet);
    if (!mtu || !router) return;
    const SaNumber number = packet.quoted_ipsec->sa;
    Facts& facts = sas_[number];
    if (facts.told.count() == 0) facts.first_told = packet.time, facts.router = *router;
    if (*mtu != 0) facts.path_mtu = facts.path_mtu == 0 ? *mtu : std::min(facts.path_mtu, *mtu);
    facts.told.add(packet.frame, packet.file);
    std::string message =
        fmt::format("{} has no room for a packet of {} bytes", router->to_string(), quoted_size(packet));
    message += *mtu == 0 ? ", and does not say for how many" : fmt::format(": path MTU {}", *mtu);
    if (const std::string fits = what_fits(decoder.association(number), *mtu); !fits.empty())
      message += fmt::format(". Inside fit {}", fits);
    out.push_back({&codes::mtu_exceeded, packet.frame, packet.file, number, std::move(message), {}});
  }

  void note_fragment(const Packet& packet) {
    IpAddress source, destination;
    const auto size = first_fragment_of_esp(packet, source, destination);
    if (!size || (pieces_.size() == most_hosts && pieces_.count({source, destination}) == 0)) return;
    Pieces& pieces = pieces_[{source, destination}];
    pieces.first.add(packet.frame, packet.file);
    pieces.largest = std::max(pieces.largest, *size);
  }

  void note_size(const Packet& packet, const OpenRecord& record, const Decoder& decoder, Findings& out) {
    const bool in_pieces = packet.buffers()[packet.layers()[record.layer].buffer].origin == Origin::reassembled;
    const auto known = sas_.find(record.sa);
    const std::size_t size = wire_size(record);
    if (known != sas_.end() && known->second.told.count() != 0 && !in_pieces &&
        packet.time.nanoseconds - known->second.first_told.nanoseconds > grace) {
      known->second.largest_after = std::max(known->second.largest_after, size);
      if (known->second.path_mtu != 0 && size > known->second.path_mtu)
        known->second.too_large_after.add(packet.frame, packet.file);
    }
    if (!in_pieces) return;
    Facts& facts = sas_[record.sa];
    facts.in_pieces.add(packet.frame, packet.file);
    facts.largest_in_pieces = std::max(facts.largest_in_pieces, size);
    std::string message = fmt::format("a packet of {} bytes came in fragments", size);
    if (const auto pieces = pieces_.find({record.source, record.destination}); pieces != pieces_.end()) {
      ++pieces->second.whole;
      facts.largest_piece = std::max(facts.largest_piece, pieces->second.largest);
      message += fmt::format(", of {} bytes at most", facts.largest_piece);
    }
    if (const std::string fits = what_fits(decoder.association(record.sa), facts.largest_piece);
        facts.largest_piece != 0 && !fits.empty())
      message += fmt::format(". In one piece go, inside, {}", fits);
    out.push_back({&codes::mtu_outer_fragments, packet.frame, packet.file, record.sa, std::move(message), {}});
  }

  static Conclusion exceeded(SaNumber sa, const Facts& facts, const Decoder& decoder) {
    Conclusion out{&codes::mtu_exceeded, {sa}, {}, {}, {}};
    out.what =
        fmt::format("{} of {}, {}{}", count_of(facts.told.count(), "ICMP message"), facts.router.to_string(),
                    facts.told.to_string(), facts.path_mtu == 0 ? "" : fmt::format(": path MTU {}", facts.path_mtu));
    if (facts.too_large_after.count() != 0)
      out.why = fmt::format(
          "The gateway does not heed them: {} larger than that went out afterwards, up to {} bytes, {}. Either they do "
          "not reach it, or it drops them.",
          count_of(facts.too_large_after.count(), "packet"), facts.largest_after, facts.too_large_after.to_string());
    else if (facts.largest_after != 0 && facts.path_mtu != 0)
      out.why =
          fmt::format("They were heeded: no packet that went out later was larger than {} bytes.", facts.largest_after);
    if (const std::string fits = what_fits(decoder.association(sa), facts.path_mtu); !fits.empty()) {
      out.remedy = fmt::format(
          "Through #{} fit {}: set that, or let the gateway learn it (ICMP \"fragmentation needed\" "
          "and \"packet too big\" must reach it).",
          sa, fits);
      out.remedy += commands_hint(facts.path_mtu);
    }
    return out;
  }

  static Conclusion fragmented(SaNumber sa, const Facts& facts, const Decoder& decoder) {
    Conclusion out{&codes::mtu_outer_fragments, {sa}, {}, {}, {}};
    out.what =
        fmt::format("{} of up to {} bytes came in fragments, complete in {}",
                    count_of(facts.in_pieces.count(), "packet"), facts.largest_in_pieces, facts.in_pieces.to_string());
    if (facts.largest_piece == 0) return out;
    out.why =
        fmt::format("The largest fragment has {} bytes; the path MTU is that or a little more.", facts.largest_piece);
    if (const std::string fits = what_fits(decoder.association(sa), facts.largest_piece); !fits.empty())
      out.remedy = fmt::format(
          "In one piece go through #{}: {}. Set that: fragments are slow, and many firewalls drop "
          "them.{}",
          sa, fits, commands_hint(facts.largest_piece));
    return out;
  }

  static Conclusion lost_pieces(const Hosts& hosts, const Pieces& pieces) {
    Conclusion out{&codes::mtu_outer_fragments, {}, {}, {}, {}};
    out.what = fmt::format("{} of ESP from {} to {} without the rest (of {}, {})",
                           count_of(pieces.first.count() - pieces.whole, "first fragment"), hosts.first.to_string(),
                           hosts.second.to_string(), pieces.first.count(), pieces.first.to_string());
    out.why = "Something on the way drops the fragments that follow, or they went past this capture.";
    out.remedy = "Make packets small enough to go in one piece (`espdump mtu` tells how), or let fragments through.";
    return out;
  }

  std::map<SaNumber, Facts> sas_;
  std::map<Hosts, Pieces> pieces_;
};

}  // namespace

std::optional<std::uint32_t> mtu_told(const Packet& packet) {
  if (const auto icmp = packet.find<Icmp>(); icmp && icmp->is_fragmentation_needed()) return icmp->next_hop_mtu();
  if (const auto icmp = packet.find<Icmpv6>(); icmp && icmp->type() == Icmpv6::packet_too_big) return icmp->mtu();
  return std::nullopt;
}

std::size_t wire_size(const OpenRecord& record) {
  return record.length + (record.source.family() == Family::ipv6 ? 40 : 20) +
         (record.encapsulation == Encapsulation::udp ? 8 : 0);
}

std::string what_fits(const SecurityAssociation* sa, std::size_t path_mtu) {
  const auto overhead = sa == nullptr ? std::nullopt : overhead_of(*sa);
  const std::size_t mtu = overhead ? safe_mtu(*overhead, path_mtu) : 0;
  if (mtu == 0) return {};
  std::string mss;
  const auto add = [&](Family family, std::string_view name) {
    const bool carried = overhead->mode == SaMode::tunnel ||
                         family == (overhead->mode == SaMode::beet ? overhead->inner : overhead->outer);
    if (!carried || mss_of(mtu, family) == 0) return;
    mss += fmt::format("{}{} ({})", mss.empty() ? "" : " or ", mss_of(mtu, family), name);
  };
  add(Family::ipv4, "IPv4");
  add(Family::ipv6, "IPv6");
  return fmt::format("{} bytes{}{}", mtu, mss.empty() ? "" : ", a TCP MSS of ", mss);
}

std::unique_ptr<Analyzer> make_path_mtu_analyzer() { return std::make_unique<PathMtuAnalyzer>(); }

}  // namespace espdump
