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
#include <array>
#include <map>
#include <utility>

#include "analysis/analyzers.hpp"
#include "analysis/by_sa.hpp"
#include "analysis/overhead.hpp"
#include "analysis/path_mtu.hpp"
#include "decode/ip_layer.hpp"
#include "packet/fragment.hpp"

namespace espdump {
namespace {

using wire::Icmp;
using wire::Icmpv6;

// Packets that were on their way, or queued, when the ICMP message came are no sign that it is not heeded.
constexpr std::int64_t grace = 200'000'000;

std::optional<IpAddress> sender_of_icmp(const Packet& packet) {
  const auto& layers = packet.layers();
  for (std::size_t index = layers.size(); index-- > 0;) {
    const bool icmp = layers[index].is(ProtocolKind::icmp) || layers[index].is(ProtocolKind::icmpv6);
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

// The IP header around ESP or AH in the same bytes; null: there is none.
const Layer* ip_around(const Packet& packet, const OpenRecord& record) {
  const auto& layers = packet.layers();
  for (LayerIndex at = layers[record.layer].outer; at != no_layer; at = layers[at].outer)
    if (is_ip(layers[at])) return &layers[at];
  return nullptr;
}

constexpr std::size_t header_size(Family family) { return family == Family::ipv6 ? 40 : 20; }

std::string commands_hint(std::size_t path_mtu) {
  return fmt::format(" The commands: `espdump mtu --keys FILE --mtu {}`.", path_mtu);
}

// The first fragment of what may be an ESP or AH packet, also one in UDP, outside all tunnels.
struct FirstPiece {
  IpAddress source, destination;
  std::uint8_t protocol = 0;
  std::uint32_t identification = 0;
  std::size_t size = 0;  // on the wire
  std::uint16_t file = 0;
  bool whole = false;  // the rest came
};

struct FragmentFacts {
  bool first = false;
  std::uint8_t protocol = 0;
  std::uint32_t identification = 0;
};

FragmentFacts fragment_facts(const Layer& layer) {
  if (layer.is(ProtocolKind::ipv4)) {
    const auto ip = wire::Ipv4::over(layer.header);
    return {ip.fragment_offset() == 0, ip.protocol_number(), ip.id()};
  }
  const auto fragment = wire::Ipv6Fragment::over(layer.header);
  return {fragment.offset() == 0 && fragment.more(), fragment.next_header(), fragment.id()};
}

bool is_ipsec(std::uint8_t protocol) {
  return protocol == static_cast<std::uint8_t>(IpsecProtocol::esp) ||
         protocol == static_cast<std::uint8_t>(IpsecProtocol::ah);
}

std::optional<FirstPiece> first_piece_in(const Packet& packet) {
  constexpr std::uint8_t udp = 17;
  const Layer* layer = fragment_in(packet);
  if (layer == nullptr) return std::nullopt;
  const FragmentFacts facts = fragment_facts(*layer);
  if (!facts.first || (!is_ipsec(facts.protocol) && facts.protocol != udp)) return std::nullopt;
  const auto ip = find_ip_layer(packet, static_cast<std::size_t>(layer - packet.layers().data()));
  if (!ip) return std::nullopt;
  const Layer& outer = packet.layers()[ip->index];
  return FirstPiece{
      ip->source, ip->destination, facts.protocol, facts.identification, outer.header.size() + outer.payload_claimed,
      packet.file};
}

class PathMtuAnalyzer final : public Analyzer {
 public:
  explicit PathMtuAnalyzer(PathFacts& paths) : Analyzer(signs::any), paths_(paths), sas_(paths.sas) {}

  void on_packet(const Packet& packet, const Decoder& decoder, Findings& out) override {
    if (packet.file >= ends_.size()) ends_.resize(std::size_t{packet.file} + 1);
    ends_[packet.file] = packet.time;
    note_icmp(packet, decoder, out);
    note_fragment(packet);
    for (const OpenRecord& record : packet.ipsec())
      if (record.sa != 0 && has_size_of_its_own(packet, record)) note_size(packet, record, decoder, out);
  }

  void finish(const Decoder& decoder, Findings&, std::vector<Conclusion>& conclusions) override {
    add_df_counts();
    const PathMtus mtus{paths_, decoder};
    for (const auto& [sa, sizes] : paths_.sas) {
      if (sizes.told.count() != 0) conclusions.push_back(exceeded(sa, sizes, decoder));
      if (sizes.in_pieces.count() != 0) conclusions.push_back(fragmented(sa, sizes, mtus.of(sa), decoder));
    }
    for (const auto& [hosts, pieces] : pieces_)
      if (const std::uint64_t lost = lost_of(pieces); lost != 0)
        conclusions.push_back(lost_pieces(hosts, pieces, lost));
  }

 private:
  using Hosts = std::pair<IpAddress, IpAddress>;
  static constexpr std::size_t most_hosts = 4096, most_elsewhere = 64;

  // First fragments between two hosts; of those in UDP the latest alone, for they may be of anything.
  struct Pieces {
    FrameList first;
    std::uint64_t whole = 0;  // of these, how many came together
    std::array<FirstPiece, 16> latest{};
    std::size_t next = 0;
    // Where a capture has a first fragment alone, and another one the rest: the former, and when that came.
    std::vector<std::pair<std::uint16_t, Timestamp>> elsewhere{};
  };
  // A packet in fragments that is there from the first one on.
  struct Whole {
    std::size_t first_size = 0;  // 0: it was not met
    bool is_copy = false;        // another capture has it in fragments, too
  };

  // Of one SA, in few bytes: most packets are as large as the one before, and of thousands of SAs no more than this is
  // in the caches.
  struct Usual {
    std::uint64_t ipv4_packets = 0, with_df = 0;
    std::uint32_t inner = 0;
    std::uint16_t size = 0;  // on the wire; 0: the next packet has to be looked at, whatever its size
  };

  void note_icmp(const Packet& packet, const Decoder& decoder, Findings& out) {
    if (!packet.quoted_ipsec || packet.quoted_ipsec->sa == 0) return;
    const auto mtu = mtu_told(packet);
    const auto router = sender_of_icmp(packet);
    if (!mtu || !router) return;
    const SaNumber number = packet.quoted_ipsec->sa;
    SaSizes& sizes = sas_[number];
    const std::size_t quoted = quoted_size(packet);
    if (sizes.told.count() == 0) sizes.first_told = packet.time, sizes.router = *router;
    if (*mtu != 0) sizes.told_mtu = sizes.told_mtu == 0 ? *mtu : std::min(sizes.told_mtu, *mtu);
    sizes.largest_quoted = std::max(sizes.largest_quoted, quoted);
    sizes.told.add(packet.frame, packet.file);
    if (number < usual_.size()) usual_[number].size = 0;
    std::string message = fmt::format("{} has no room for a packet of {} bytes", router->to_string(), quoted);
    message += *mtu == 0 ? ", and does not say for how many" : fmt::format(": path MTU {}", *mtu);
    if (const std::string fits = what_fits(decoder.association(number), *mtu); !fits.empty())
      message += fmt::format(". Inside fit {}", fits);
    out.push_back({&codes::mtu_exceeded, packet.frame, packet.file, number, std::move(message), {}});
  }

  void note_fragment(const Packet& packet) {
    const bool is_whole = !packet.ipsec().empty() && packet.layers()[packet.ipsec().front().layer].buffer == 0;
    if (is_whole) return;
    const auto piece = first_piece_in(packet);
    if (!piece) return;
    const Hosts hosts{piece->source, piece->destination};
    if (pieces_.size() == most_hosts && pieces_.count(hosts) == 0) {
      ++paths_.left_out.pieces;
      return;
    }
    Pieces& pieces = pieces_[hosts];
    if (is_ipsec(piece->protocol)) pieces.first.add(packet.frame, packet.file);
    pieces.latest[pieces.next++ % pieces.latest.size()] = *piece;
  }

  void note_size(const Packet& packet, const OpenRecord& record, const Decoder& decoder, Findings& out) {
    const std::size_t size = wire_size(record), inner = inner_size(packet, record);
    const bool in_pieces = packet.buffers()[packet.layers()[record.layer].buffer].origin == Origin::reassembled;
    const bool copied = record.replay == ReplayVerdict::capture_duplicate;
    if (record.sa >= usual_.size()) usual_.resize(std::size_t{record.sa} + 1 + usual_.size() / 2);
    Usual& usual = usual_[record.sa];
    if (!in_pieces && !copied) {
      count_df(packet, record, usual);
      if (size == usual.size && inner == usual.inner) return;
    }
    SaSizes& sizes = sas_[record.sa];
    sizes.largest_inner = std::max(sizes.largest_inner, inner);
    if (in_pieces) return note_pieces(packet, record, size, decoder, out);
    if (copied) return;
    note_whole(packet, size, sizes);
    const bool nothing_to_note = sizes.told.count() == 0 && size <= ethernet_mtu;
    usual.size = nothing_to_note ? static_cast<std::uint16_t>(size) : 0;
    usual.inner = static_cast<std::uint32_t>(inner);
  }

  static void count_df(const Packet& packet, const OpenRecord& record, Usual& usual) {
    const Layer* outer = ip_around(packet, record);
    if (outer == nullptr || !outer->is(ProtocolKind::ipv4)) return;
    const auto ip = wire::Ipv4::from(outer->header);
    if (!ip) return;
    ++usual.ipv4_packets;
    usual.with_df += ip->dont_fragment() ? 1 : 0;
  }

  void add_df_counts() {
    for (auto& [sa, sizes] : paths_.sas) {
      if (sa >= usual_.size()) continue;
      sizes.ipv4_packets = usual_[sa].ipv4_packets;
      sizes.with_df = usual_[sa].with_df;
    }
  }

  static void note_whole(const Packet& packet, std::size_t size, SaSizes& sizes) {
    sizes.largest_outer = std::max(sizes.largest_outer, size);
    if (size < sizes.in_one.size()) sizes.in_one.set(size);
    if (size > ethernet_mtu) ++sizes.beyond_ethernet;
    if (sizes.told.count() == 0 || packet.time.nanoseconds - sizes.first_told.nanoseconds <= grace) return;
    sizes.largest_after = std::max(sizes.largest_after, size);
    // One larger than any that a router refused may be what a network card has yet to cut.
    if (sizes.told_mtu != 0 && size > sizes.told_mtu && size <= sizes.largest_quoted)
      sizes.too_large_after.add(packet.frame, packet.file);
  }

  void note_pieces(const Packet& packet, const OpenRecord& record, std::size_t size, const Decoder& decoder,
                   Findings& out) {
    const Whole whole = note_whole_datagram(packet, record);
    if (whole.is_copy) return;
    SaSizes& sizes = sas_[record.sa];
    sizes.in_pieces.add(packet.frame, packet.file);
    sizes.smallest_in_pieces = sizes.smallest_in_pieces == 0 ? size : std::min(sizes.smallest_in_pieces, size);
    sizes.largest_in_pieces = std::max(sizes.largest_in_pieces, size);
    std::string message = fmt::format("a packet of {} bytes came in fragments", size);
    if (const std::size_t piece = whole.first_size; piece != 0) {
      if (piece < sizes.in_one.size()) sizes.in_one.set(piece);
      message += fmt::format(", the first of {}", piece);
    }
    const std::size_t largest = largest_in_one(sizes.in_one, sizes.smallest_in_pieces);
    if (const std::string fits = what_fits(decoder.association(record.sa), largest); largest != 0 && !fits.empty())
      message += fmt::format(". In one piece go, inside, {}", fits);
    out.push_back({&codes::mtu_outer_fragments, packet.frame, packet.file, record.sa, std::move(message), {}});
  }

  // Of the packet that came whole with this frame. Its first fragment is in this capture or, where they follow each
  // other, in an earlier one.
  Whole note_whole_datagram(const Packet& packet, const OpenRecord& record) {
    const auto place = pieces_.find({record.source, record.destination});
    const Layer* layer = fragment_in(packet);
    if (place == pieces_.end() || layer == nullptr) return {};
    Pieces& pieces = place->second;
    const FragmentFacts facts = fragment_facts(*layer);
    FirstPiece *own = nullptr, *open = nullptr, *done = nullptr;
    for (FirstPiece& piece : pieces.latest) {
      if (piece.size == 0 || piece.identification != facts.identification) continue;
      const bool is_own = piece.file == packet.file;
      FirstPiece*& kind = is_own ? own : piece.whole ? done : open;
      if (kind == nullptr || kind->whole) kind = &piece;
    }
    FirstPiece* const first = own != nullptr ? own : done != nullptr ? done : open;
    if (is_ipsec(facts.protocol)) {
      pieces.whole += first == nullptr || !first->whole ? 1 : 0;
      if (own != nullptr && open != nullptr && pieces.elsewhere.size() < most_elsewhere)
        pieces.elsewhere.emplace_back(open->file, packet.time);
    }
    if (first == nullptr) return {};
    first->whole = true;
    return {first->size, done != nullptr && record.replay == ReplayVerdict::capture_duplicate};
  }

  // First fragments without the rest, but for those behind which their capture ended.
  [[nodiscard]] std::uint64_t lost_of(const Pieces& pieces) const {
    const auto found =
        static_cast<std::uint64_t>(std::count_if(pieces.elsewhere.begin(), pieces.elsewhere.end(),
                                                 [&](const auto& one) { return ends_[one.first] <= one.second; }));
    const std::uint64_t missing = pieces.first.count() - std::min(pieces.whole, pieces.first.count());
    return missing - std::min(found, missing);
  }

  static Conclusion exceeded(SaNumber sa, const SaSizes& sizes, const Decoder& decoder) {
    Conclusion out{&codes::mtu_exceeded, {sa}, {}, {}, {}};
    out.what =
        fmt::format("{} of {}, {}{}", count_of(sizes.told.count(), "ICMP message"), sizes.router.to_string(),
                    sizes.told.to_string(), sizes.told_mtu == 0 ? "" : fmt::format(": path MTU {}", sizes.told_mtu));
    if (sizes.too_large_after.count() != 0)
      out.why = fmt::format(
          "The gateway does not heed them: {} larger than that went out afterwards, up to {} bytes, {}. Either they do "
          "not reach it, or it drops them.",
          count_of(sizes.too_large_after.count(), "packet"), sizes.largest_after, sizes.too_large_after.to_string());
    else if (sizes.largest_after != 0 && sizes.told_mtu != 0)
      out.why = sizes.largest_after <= sizes.told_mtu
                    ? fmt::format("They were heeded: no packet that went out later was larger than {} bytes.",
                                  sizes.largest_after)
                    : fmt::format(
                          "Whether they were heeded cannot be told: packets of up to {} bytes were captured "
                          "later, before a network card cut them.",
                          sizes.largest_after);
    if (const std::string fits = what_fits(decoder.association(sa), sizes.told_mtu); !fits.empty()) {
      out.remedy = fmt::format(
          "Through #{} fit {}: set that, or let the gateway learn it (ICMP \"fragmentation needed\" "
          "and \"packet too big\" must reach it).",
          sa, fits);
      out.remedy += commands_hint(sizes.told_mtu);
    }
    return out;
  }

  static Conclusion fragmented(SaNumber sa, const SaSizes& sizes, const PathEvidence& path, const Decoder& decoder) {
    Conclusion out{&codes::mtu_outer_fragments, {sa}, {}, {}, {}};
    out.what =
        fmt::format("{} of {}{} bytes came in fragments, complete in {}", count_of(sizes.in_pieces.count(), "packet"),
                    sizes.in_pieces.count() == 1 ? "" : "up to ", sizes.largest_in_pieces, sizes.in_pieces.to_string());
    if (path.kind == PathEvidence::Kind::assumed) return out;
    out.why = path.kind == PathEvidence::Kind::icmp
                  ? fmt::format("The path MTU is {}.", path.to_string())
                  : fmt::format(
                        "Between these hosts packets and first fragments of up to {} bytes went in one piece, "
                        "packets of {} did not: the path MTU lies between.",
                        path.mtu, path.below);
    if (const std::string fits = what_fits(decoder.association(sa), path.mtu); !fits.empty())
      out.remedy = fmt::format(
          "In one piece go through #{}: {}. Set that: fragments are slow, and many firewalls drop "
          "them.{}",
          sa, fits, commands_hint(path.mtu));
    return out;
  }

  static Conclusion lost_pieces(const Hosts& hosts, const Pieces& pieces, std::uint64_t lost) {
    Conclusion out{&codes::mtu_outer_fragments, {}, {}, {}, {}};
    out.what =
        fmt::format("{} of ESP or AH from {} to {} without the rest (of {}, {})", count_of(lost, "first fragment"),
                    hosts.first.to_string(), hosts.second.to_string(), pieces.first.count(), pieces.first.to_string());
    out.why = "Something on the way drops the fragments that follow, or they went past this capture.";
    out.remedy = "Make packets small enough to go in one piece (`espdump mtu` tells how), or let fragments through.";
    return out;
  }

  PathFacts& paths_;
  BySa<SaSizes> sas_;
  std::vector<Usual> usual_;  // by SA number
  std::map<Hosts, Pieces> pieces_;
  std::vector<Timestamp> ends_;  // of captures: of the latest frame so far
};

}  // namespace

std::optional<std::uint32_t> mtu_told(const Packet& packet) {
  if (const auto icmp = packet.find<Icmp>(); icmp && icmp->is_fragmentation_needed()) return icmp->next_hop_mtu();
  if (const auto icmp = packet.find<Icmpv6>(); icmp && icmp->type() == Icmpv6::packet_too_big) return icmp->mtu();
  return std::nullopt;
}

std::size_t wire_size(const OpenRecord& record) {
  return record.length + header_size(record.source.family()) + (record.encapsulation == Encapsulation::udp ? 8 : 0);
}

std::size_t inner_size(const Packet& packet, const OpenRecord& record) {
  const std::size_t index = std::size_t{record.layer} + 1;
  if (!record.decrypted || index >= packet.layers().size()) return 0;
  const Layer& first = packet.layers()[index];
  if (first.outer != record.layer) return 0;
  const std::size_t size = first.header.size() + first.payload_claimed;
  return is_ip(first) ? size : size + header_size(record.source.family());
}

bool has_size_of_its_own(const Packet& packet, const OpenRecord& record) {
  const Origin origin = packet.buffers()[packet.layers()[record.layer].buffer].origin;
  return record.encapsulation != Encapsulation::tcp && (origin == Origin::capture || origin == Origin::reassembled);
}

std::string what_fits(const SecurityAssociation* sa, std::size_t path_mtu) {
  const auto overhead = sa == nullptr ? std::nullopt : overhead_of(*sa);
  const std::size_t mtu = overhead ? safe_mtu(*overhead, path_mtu) : 0;
  if (mtu == 0) return {};
  std::string mss;
  const auto add = [&](Family family, std::string_view name) {
    if (!carries(*overhead, family) || mss_of(mtu, family) == 0) return;
    mss += fmt::format("{}{} ({})", mss.empty() ? "" : " or ", mss_of(mtu, family), name);
  };
  add(Family::ipv4, "IPv4");
  add(Family::ipv6, "IPv6");
  return fmt::format("{} bytes{}{}", mtu, mss.empty() ? "" : ", a TCP MSS of ", mss);
}

std::string PathEvidence::to_string() const {
  switch (kind) {
    case Kind::icmp: return fmt::format("{} by the ICMP in frame {}", mtu, frame);
    case Kind::fragments: return fmt::format("{} by the fragments in frame {}", mtu, frame);
    case Kind::assumed: break;
  }
  return fmt::format("{}, assumed", mtu);
}

std::size_t largest_in_one(const SaSizes::InOne& in_one, std::size_t below) {
  std::size_t size = std::min(below, in_one.size());
  while (size > 0 && !in_one[size - 1]) --size;
  return size == 0 ? 0 : size - 1;
}

PathMtus::PathMtus(const PathFacts& paths, const Decoder& decoder) {
  std::map<Hosts, SaSizes::InOne> in_one;
  std::map<Hosts, std::pair<std::size_t, FrameNumber>> in_pieces;  // the smallest, and the first of them
  for (const SaStatistics& sa : decoder.statistics()) {
    const Hosts hosts{std::min(sa.source, sa.destination), std::max(sa.source, sa.destination)};
    hosts_[sa.number] = hosts;
    const auto found = paths.sas.find(sa.number);
    if (found == paths.sas.end()) continue;
    const SaSizes& sizes = found->second;
    in_one[hosts] |= sizes.in_one;
    if (sizes.in_pieces.count() != 0) {
      const auto known = in_pieces.emplace(hosts, std::pair{sizes.smallest_in_pieces, sizes.in_pieces.first()}).first;
      known->second.first = std::min(known->second.first, sizes.smallest_in_pieces);
    }
    if (sizes.told_mtu == 0) continue;
    PathEvidence& evidence = evidence_[hosts];
    if (evidence.kind == PathEvidence::Kind::assumed || sizes.told_mtu < evidence.mtu)
      evidence = {PathEvidence::Kind::icmp, sizes.told_mtu, 0, sizes.told.first()};
  }
  for (const auto& [hosts, pieces] : in_pieces)
    if (const std::size_t largest = largest_in_one(in_one[hosts], pieces.first);
        largest != 0 && (evidence_.count(hosts) == 0 || largest < evidence_[hosts].mtu))
      evidence_[hosts] = {PathEvidence::Kind::fragments, largest, pieces.first, pieces.second};
}

PathEvidence PathMtus::of(SaNumber sa) const {
  const auto hosts = hosts_.find(sa);
  const auto found = hosts == hosts_.end() ? evidence_.end() : evidence_.find(hosts->second);
  return found == evidence_.end() ? PathEvidence{} : found->second;
}

std::unique_ptr<Analyzer> make_path_mtu_analyzer(PathFacts& paths) { return std::make_unique<PathMtuAnalyzer>(paths); }

}  // namespace espdump
