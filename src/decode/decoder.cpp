// The peel loop: layers are dissected until something is sealed or partial; what comes out of that is dissected again.
#include <espdump/decoder.hpp>

#include <algorithm>
#include <utility>

#include <espdump/assert.hpp>
#include <espdump/dissector.hpp>
#include <espdump/wire/ah.hpp>
#include <espdump/wire/esp.hpp>
#include <espdump/wire/ipv4.hpp>
#include <espdump/wire/ipv6.hpp>
#include <espdump/wire/ipv6_fragment.hpp>

#include "decode/beet.hpp"
#include "decode/esp_input.hpp"
#include "decode/fragments.hpp"
#include "decode/ip_layer.hpp"
#include "decode/transport.hpp"

namespace espdump {
namespace {

// As deep as Linux goes (XFRM_MAX_DEPTH is 6), and room for fragments around and inside.
constexpr std::size_t most_unwraps = 8;
// How many packets one frame may hold: a TCP segment or an AGGFRAG payload has many.
constexpr std::size_t most_works = 2048;
// What one round of the peel loop may add to a packet, with room to spare.
constexpr std::size_t layers_of_a_round = 64, buffers_of_a_round = 8;

// Bytes still to be dissected.
struct Work {
  BufferIndex buffer = 0;
  Bytes bytes;
  std::size_t claimed = 0;
  Claim claim;
  LayerIndex outer = no_layer;             // what they came out of
  std::size_t inside = InnerPacket::none;  // which inner packet they belong to
  std::size_t depth = 0;                   // how many unwraps led here
};

constexpr std::uint8_t dummy_packet = 59;  // RFC 4303 section 2.6: carries nothing

constexpr Claim ip_version_claim(std::uint8_t first_byte) {
  return {Space::ip_version, static_cast<std::uint32_t>(first_byte >> 4)};
}

bool is_whole_ah(const Layer& layer) {
  return !layer.quoted && !layer.malformed && layer.protocol->name == wire::Ah::protocol;
}

bool has_room(const Packet& packet) {
  return packet.layers().size() + layers_of_a_round <= Packet::most_layers &&
         packet.buffers().size() + buffers_of_a_round <= Packet::most_buffers;
}

// An IP packet without what stands behind its own length (traffic flow confidentiality padding).
Bytes trim_to_ip_length(Bytes bytes) {
  if (const auto v4 = wire::Ipv4::from(bytes); v4 && bytes[0] >> 4 == 4)
    return v4->total_length() >= v4->header_length() && v4->total_length() <= bytes.size()
               ? bytes.first(v4->total_length())
               : bytes;
  if (const auto v6 = wire::Ipv6::from(bytes); v6 && bytes[0] >> 4 == 6) {
    const std::size_t length = wire::Ipv6::size + v6->payload_length();
    return length <= bytes.size() && v6->payload_length() != 0 ? bytes.first(length) : bytes;
  }
  return bytes;
}

}  // namespace

struct Decoder::State {
  State(const Keystore& store, DecoderOptions wanted) : options(wanted), flows(store), receiver(flows, wanted) {
    const Dissector* esp_in_udp = claims.find({Space::udp_port, 4500});
    ESPDUMP_ASSERT(esp_in_udp != nullptr);
    for (const std::uint16_t port : store.udp_encapsulation_ports()) claims.add({Space::udp_port, port}, *esp_in_udp);
  }

  void decode(const Frame& frame, Packet& packet);
  void peel(Packet& packet, const Work& work);
  void unwrap(Packet& packet, const ChainEnd& end, const Work& from);
  void add_work(const Work& from, std::size_t layer, Work work);
  std::optional<Work> reassemble(Packet& packet, std::size_t layer);
  std::optional<Work> open_esp(Packet& packet, std::size_t layer, std::size_t inside);
  Work unpack(Packet& packet, const EspContents& contents, const IpLayer& outer, InnerPacket inner);
  std::optional<Work> unpack_beet(Packet& packet, const EspContents& contents, const IpLayer& outer, InnerPacket inner);
  void note_ah(Packet& packet, std::size_t layer);
  void note_quotation(Packet& packet, std::size_t layer) const;
  OpenRecord start_record(Packet& packet, std::size_t layer, const IpLayer& outer, EspInput& input) const;

  DecoderOptions options;
  ClaimTable claims;
  FlowTable flows;
  EspReceiver receiver;
  FragmentReassembler fragments;
  std::vector<Work> todo;   // the last one is the next
  std::vector<Work> found;  // by the unwrap under way, in order
};

void Decoder::State::decode(const Frame& frame, Packet& packet) {
  packet.frame = frame.number;
  packet.file = frame.file;
  packet.interface = frame.interface;
  packet.time = frame.time;
  packet.link_type = frame.link_type;
  packet.wire_length = frame.wire_length;
  const BufferIndex captured = packet.add_buffer(frame.bytes, Origin::capture);
  todo.push_back({captured, frame.bytes, frame.wire_length, {Space::link_type, frame.link_type}});
  for (std::size_t done = 0; !todo.empty() && done < most_works && has_room(packet); ++done) {
    const Work work = todo.back();
    todo.pop_back();
    peel(packet, work);
  }
  todo.clear();
}

// Dissects one run of bytes. What it holds goes before all that is still to do, so that layers stand in order.
void Decoder::State::peel(Packet& packet, const Work& work) {
  const std::size_t before = packet.layers().size();
  const ChainEnd end = dissect_chain(packet, claims, work.buffer, work.bytes, work.claimed, work.claim, work.outer);
  if (packet.layers().size() == before) return;
  for (std::size_t layer = before; layer < packet.layers().size(); ++layer)
    if (is_whole_ah(packet.layers()[layer])) note_ah(packet, layer);
  if (work.depth < most_unwraps) unwrap(packet, end, work);
  todo.insert(todo.end(), found.rbegin(), found.rend());
  found.clear();
}

void Decoder::State::unwrap(Packet& packet, const ChainEnd& end, const Work& from) {
  const Layer last = packet.layers()[end.layer];
  if (last.quoted) note_quotation(packet, end.layer);
  if (last.quoted || end.shortfall) return;
  std::optional<Work> work;
  if (end.kind == Step::Kind::partial) {
    work = reassemble(packet, end.layer);
    if (work) work->inside = from.inside;
  } else if (end.kind == Step::Kind::sealed && last.protocol->name == wire::Esp::protocol) {
    work = open_esp(packet, end.layer, from.inside);
  }
  if (work) add_work(from, end.layer, *work);
}

void Decoder::State::add_work(const Work& from, std::size_t layer, Work work) {
  work.outer = static_cast<LayerIndex>(layer);
  work.depth = from.depth + 1;
  found.push_back(work);
}

std::optional<Work> Decoder::State::reassemble(Packet& packet, std::size_t layer) {
  const std::optional<IpLayer> ip = find_ip_layer(packet, layer);
  if (!ip) return std::nullopt;
  // How deep inside IPsec it lies, so that inner and outer fragments never mix.
  const auto scope = static_cast<std::uint8_t>(packet.ipsec().size());
  const std::optional<Fragment> fragment = fragment_of(packet, layer, *ip, scope);
  if (!fragment) return std::nullopt;
  const auto outcome = fragments.add(fragment->key, fragment->piece, packet.frame, packet.time);
  if (outcome.kind == FragmentReassembler::Kind::overlap)
    packet.add_finding(
        codes::packet_malformed,
        "IP fragments of one datagram overlap and disagree: what a receiver makes of them differs by system");
  if (outcome.kind != FragmentReassembler::Kind::complete) return std::nullopt;
  const MutableBytes whole = packet.allocate(outcome.packet.size());
  std::copy(outcome.packet.begin(), outcome.packet.end(), whole.begin());
  packet.reassembled = true;
  const BufferIndex buffer = packet.add_buffer(whole, Origin::reassembled);
  return Work{buffer, whole, whole.size(), ip_version_claim(whole[0])};
}

OpenRecord Decoder::State::start_record(Packet& packet, std::size_t layer, const IpLayer& outer,
                                        EspInput& input) const {
  const Layer& sealed = packet.layers()[layer];
  input.bytes = whole_layer(packet, sealed);
  input.length = sealed.header.size() + sealed.payload_claimed;
  OpenRecord record;
  record.layer = static_cast<LayerIndex>(layer);
  record.source = outer.source;
  record.destination = outer.destination;
  record.length = input.length;
  if (sealed.outer != no_layer && packet.layers()[sealed.outer].protocol->name == "udpencap")
    record.encapsulation = Encapsulation::udp;
  return record;
}

std::optional<Work> Decoder::State::open_esp(Packet& packet, std::size_t layer, std::size_t inside) {
  const std::optional<IpLayer> outer = find_ip_layer(packet, layer);
  if (!outer) return std::nullopt;
  EspInput input;
  OpenRecord record = start_record(packet, layer, *outer, input);
  const wire::Esp esp = wire::Esp::over(packet.layers()[layer].header);
  record.protocol = IpsecProtocol::esp;
  record.spi = esp.spi();
  record.sequence = esp.sequence();
  input.sighting = sighting_of(packet, *outer, input.bytes, input.length, esp.sequence());
  record.digest = input.sighting.digest;
  const std::optional<EspContents> contents = receiver.receive(input, record, packet);
  packet.ipsec().push_back(record);
  if (!contents || contents->trailer.next_header == dummy_packet) return std::nullopt;
  InnerPacket inner;
  inner.record = packet.ipsec().size() - 1;
  inner.inside = inside;
  if (contents->association->mode == SaMode::beet) return unpack_beet(packet, *contents, *outer, inner);
  return unpack(packet, *contents, *outer, inner);
}

// AH is shown and its numbers are followed; its ICV is not verified.
void Decoder::State::note_ah(Packet& packet, std::size_t layer) {
  const std::optional<IpLayer> outer = find_ip_layer(packet, layer);
  if (!outer) return;
  EspInput input;
  OpenRecord record = start_record(packet, layer, *outer, input);
  const wire::Ah ah = wire::Ah::over(packet.layers()[layer].header);
  record.protocol = IpsecProtocol::ah;
  record.spi = ah.spi();
  record.sequence = ah.sequence();
  record.next_header = ah.next_header();
  input.sighting = sighting_of(packet, *outer, input.bytes, input.length, ah.sequence());
  receiver.receive(input, record, packet);
  packet.ipsec().push_back(record);
}

// Which SA an ICMP error is about.
void Decoder::State::note_quotation(Packet& packet, std::size_t layer) const {
  const Layer& quoted = packet.layers()[layer];
  const std::optional<IpLayer> ip = find_ip_layer(packet, layer);
  const auto esp = wire::Esp::from(quoted.header);
  if (!ip || !esp || quoted.protocol->name != wire::Esp::protocol) return;
  const Flow* flow = flows.peek({ip->source, ip->destination, esp->spi(), IpsecProtocol::esp});
  const Session* session = flow == nullptr ? nullptr : flow->latest_session();
  packet.quoted_ipsec = QuotedIpsec{esp->spi(), esp->sequence(), session == nullptr ? 0 : session->counts.number};
}

std::optional<Work> Decoder::State::unpack_beet(Packet& packet, const EspContents& contents, const IpLayer& outer,
                                                InnerPacket inner) {
  const SecurityAssociation& sa = *contents.association;
  IpAddress source, destination;
  if (sa.selector) source = sa.selector->source.address, destination = sa.selector->destination.address;
  const MutableBytes out = packet.allocate(contents.trailer.payload.size() + beet_growth);
  const auto size = rebuild_beet_packet(sa.selector_family, source, destination, outer.facts,
                                        contents.trailer.next_header, contents.trailer.payload, out);
  OpenRecord& record = packet.ipsec()[inner.record];
  if (!size) {
    packet.add_finding(codes::esp_malformed,
                       "the inner header of this BEET packet cannot be rebuilt: " + size.error().text, record.sa);
    record.decrypted = false;
    --flows.session(record.sa).counts.decrypted;
    return std::nullopt;
  }
  const Bytes rebuilt = out.first(*size);
  inner.buffer = packet.add_buffer(rebuilt, Origin::reconstructed);
  Work work{inner.buffer, rebuilt, rebuilt.size(), ip_version_claim(rebuilt[0])};
  work.inside = packet.add_inner(inner);
  return work;
}

Work Decoder::State::unpack(Packet& packet, const EspContents& contents, const IpLayer& outer, InnerPacket inner) {
  constexpr std::uint8_t ipv4 = 4, ipv6 = 41;
  const EspTrailer& trailer = contents.trailer;
  const BufferIndex buffer = packet.add_buffer(trailer.payload, Origin::decrypted);
  Work work{buffer, trailer.payload, trailer.payload.size(), {Space::ip_protocol, trailer.next_header}};
  work.inside = inner.inside;
  if (trailer.next_header == ipv4 || trailer.next_header == ipv6) {
    const Bytes whole = trim_to_ip_length(trailer.payload);
    inner.buffer = whole.size() == trailer.payload.size() ? buffer : packet.add_buffer(whole, Origin::decrypted);
    work.inside = packet.add_inner(inner);
  } else if (options.keep_inner_packets) {
    const MutableBytes out = packet.allocate(outer.headers.size() + trailer.payload.size());
    const std::optional<std::size_t> size =
        rebuild_transport_packet(outer.headers, outer.next_header_offset, trailer.next_header, trailer.payload, out);
    if (!size) return work;
    inner.buffer = packet.add_buffer(out.first(*size), Origin::reconstructed);
    work.inside = packet.add_inner(inner);
  }
  return work;
}

Decoder::Decoder(const Keystore& keystore, DecoderOptions options)
    : state_(std::make_unique<State>(keystore, options)) {}
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;
Decoder::~Decoder() = default;

void Decoder::decode(const Frame& frame, Packet& out) noexcept {
  out.reset();
  state_->decode(frame, out);
}

std::vector<SaStatistics> Decoder::statistics() const {
  std::vector<SaStatistics> out;
  for (const Session& session : state_->flows.sessions()) out.push_back(session.statistics());
  return out;
}

ReassemblyStatistics Decoder::reassembly() const {
  const FragmentReassembler::Counters& counters = state_->fragments.counters();
  return {state_->fragments.waiting(), counters.evicted_by_count + counters.evicted_by_bytes + counters.evicted_by_age,
          counters.overlaps, counters.refused};
}

std::uint64_t Decoder::untracked_packets() const { return state_->flows.untracked(); }
const Keystore& Decoder::keystore() const { return state_->flows.keystore(); }

const SecurityAssociation* Decoder::association(SaNumber number) const noexcept {
  return number == 0 ? nullptr : state_->flows.session(number).counts.association;
}

}  // namespace espdump
