// The peel loop: layers are dissected until something is sealed or partial; what comes out of that is dissected again.
#include <espdump/decoder.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include <espdump/assert.hpp>
#include <espdump/dissector.hpp>
#include <espdump/wire/ah.hpp>
#include <espdump/wire/esp.hpp>
#include <espdump/wire/next_header.hpp>
#include <espdump/wire/tcp.hpp>

#include "base/file_digest.hpp"
#include "crypto/ah_mutable.hpp"
#include "decode/assembly.hpp"
#include "decode/begin.hpp"
#include "decode/ike_follower.hpp"
#include "decode/ip_layer.hpp"
#include "decode/ipcomp.hpp"
#include "decode/lessons.hpp"
#include "decode/pre_decoded.hpp"
#include "decode/pre_decoder.hpp"
#include "decode/quotations.hpp"
#include "decode/receiver.hpp"
#include "decode/tape.hpp"
#include "decode/transport.hpp"
#include "decode/unpack.hpp"
#include "decode/work.hpp"

namespace espdump {
namespace {

// As deep as Linux goes (XFRM_MAX_DEPTH is 6), and room for fragments around and inside.
constexpr std::size_t most_unwraps = 8;
// How many packets one frame may hold: a TCP segment or an AGGFRAG payload has many.
constexpr std::size_t most_works = 8192;
// What one round of the peel loop may add to a packet, with room to spare.
constexpr std::size_t layers_of_a_round = 64, buffers_of_a_round = 16;

bool is_whole_ah(const Layer& layer) { return !layer.quoted && !layer.malformed && layer.is(ProtocolKind::ah); }

bool is_ipsec(const Layer& layer) {
  return !layer.malformed && (layer.is(ProtocolKind::esp) || layer.is(ProtocolKind::ah));
}

// Protocol, SPI and the low half of the sequence number, off an ESP or AH layer.
struct SaHeader {
  IpsecProtocol protocol = IpsecProtocol::esp;
  std::uint32_t spi = 0, sequence = 0;
};
SaHeader sa_header(const Layer& layer) {
  if (layer.is(ProtocolKind::ah)) {
    const auto ah = wire::Ah::over(layer.header);
    return {IpsecProtocol::ah, ah.spi(), ah.sequence()};
  }
  const auto esp = wire::Esp::over(layer.header);
  return {IpsecProtocol::esp, esp.spi(), esp.sequence()};
}

// The datagram as the receiver of this AH sees it, once what is around AH in the same IP packet is taken off.
AhDatagram datagram_of(Packet& packet, const IpLayer& ip, Bytes ah) {
  constexpr auto named = static_cast<std::uint8_t>(IpsecProtocol::ah);
  const MutableBytes out = packet.allocate(ip.headers.size() + ah.size());
  const auto size = rebuild_transport_packet(ip.headers, ip.next_header_offset, named, ah, out);
  if (!size) return {};
  zero_mutable_fields(out.first(ip.headers.size()));
  return {out.first(*size), ip.headers.size()};
}

Encapsulation encapsulation_of(const Packet& packet, const Layer& sealed) {
  if (sealed.outer == no_layer) return Encapsulation::none;
  switch (packet.layers()[sealed.outer].protocol->kind) {
    case ProtocolKind::udpencap: return Encapsulation::udp;
    case ProtocolKind::espintcp: return Encapsulation::tcp;
    default: return Encapsulation::none;
  }
}

bool has_room(const Packet& packet) {
  return packet.layers().size() + layers_of_a_round <= Packet::most_layers &&
         packet.buffers().size() + buffers_of_a_round <= Packet::most_buffers;
}

}  // namespace

struct Decoder::State {
  State(const Keystore& store, DecoderOptions wanted)
      : options(wanted),
        tape(wanted.taping),
        flows(store),
        receiver(flows, wanted, lessons, tape),
        ike(store, flows, tape),
        assembly(store) {
    const Dissector* esp_in_udp = claims.find({Space::udp_port, 4500});
    ESPDUMP_ASSERT(esp_in_udp != nullptr);
    for (const std::uint16_t port : store.udp_encapsulation_ports()) claims.add({Space::udp_port, port}, *esp_in_udp);
  }

  void decode(const Frame& frame, Packet& packet);
  void replay(const FrameRecord& record, Packet& packet);
  ChainEnd dissect(Packet& packet, const Work& work);
  void decode_prepared(const PreDecoded::State& done, Packet& packet);
  void peel(Packet& packet, const Work& work);
  void work_off(Packet& packet);
  // Whether a pre-decoder met the packet of this layer, an ESP one, whatever it did with it.
  [[nodiscard]] bool is_ahead(std::size_t layer) const {
    return ahead != nullptr && ahead->ip && layer == ahead->end.layer;
  }
  ChainEnd take_ahead(Packet& packet) const;
  void follow(Packet& packet, std::size_t before, const ChainEnd& end, const Work& work);
  void follow_ah(Packet& packet, std::size_t before, Work& from);
  void unwrap(Packet& packet, const ChainEnd& end, const Work& from);
  void join(Packet& packet, const ChainEnd& end, const Layer& last, const Nesting& around);
  std::optional<Contents> receive(Packet& packet, std::size_t layer, const IpLayer& outer);
  void open_esp(Packet& packet, std::size_t layer, const Nesting& around);
  void open_ah(Packet& packet, std::size_t layer, Nesting& around);
  std::optional<Unwrapped> inflated(Packet& packet) const;
  void inflate(Packet& packet, std::size_t layer, const Nesting& around);
  void follow_ike(Packet& packet, std::size_t before, const ChainEnd& end, const Work& from);
  void note_quotation(Packet& packet, std::size_t layer) const;
  void tie_quotation(Packet& packet);

  DecoderOptions options;
  Tape tape;
  ClaimTable claims;
  FlowTable flows;
  Lessons lessons;
  Receiver receiver;
  IkeFollower ike;
  Assembly assembly;
  Inflater inflater;
  Quotations quotations;
  std::vector<Work> todo;                    // the last one is the next
  std::vector<Work> found;                   // by the unwrap under way, in order
  const PreDecoded::State* ahead = nullptr;  // of the packet under way
  // Of those who noted what is replayed.
  ReassemblyStatistics noted_reassembly;
  std::uint64_t noted_ike_messages = 0;
};

void Decoder::State::decode(const Frame& frame, Packet& packet) {
  assembly.begin(frame.file);
  const BufferIndex captured = begin_packet(frame, packet);
  peel(packet, {captured, frame.bytes, frame.wire_length, {Space::link_type, frame.link_type}});
  work_off(packet);
}

// Like decode(), of a frame of which there are sizes and headers alone.
void Decoder::State::replay(const FrameRecord& record, Packet& packet) {
  Frame frame;
  frame.number = record.number;
  frame.file = record.file;
  frame.interface = record.interface;
  frame.time = record.time;
  frame.link_type = record.link_type;
  frame.wire_length = record.wire_length;
  const BufferIndex captured = begin_packet(frame, packet);
  packet.buffers()[captured].bytes = tape.replayer->begin(record, packet);
  peel(packet, {captured, packet.buffers()[captured].bytes, record.wire_length, {Space::link_type, record.link_type}});
  work_off(packet);
}

void Decoder::State::decode_prepared(const PreDecoded::State& done, Packet& packet) {
  ahead = &done;
  assembly.begin(packet.file);
  if (!packet.layers().empty()) {
    const Bytes captured = packet.buffers()[0].bytes;
    follow(packet, 0, done.end, {0, captured, packet.wire_length, {Space::link_type, packet.link_type}});
  }
  work_off(packet);
  ahead = nullptr;
}

// One round: what is to be read is dissected, and what that ends in unwrapped.
void Decoder::State::peel(Packet& packet, const Work& work) {
  const std::size_t before = packet.layers().size();
  const ChainEnd end = dissect(packet, work);
  if (packet.layers().size() != before) follow(packet, before, end, work);
}

ChainEnd Decoder::State::dissect(Packet& packet, const Work& work) {
  if (ahead != nullptr && ahead->inside.answers(packet, work)) return take_ahead(packet);
  if (tape.replayer) return tape.replayer->chain(packet, work).value_or(ChainEnd{});
  const std::size_t before = packet.layers().size(), findings = packet.findings().size();
  const ChainEnd end = dissect_chain(packet, claims, work.buffer, work.bytes, work.claimed, work.claim, work.outer);
  if (tape.recorder) tape.recorder->chain(packet, work, before, findings, end);
  return end;
}

void Decoder::State::work_off(Packet& packet) {
  for (std::size_t done = 0; !todo.empty() && done < most_works && has_room(packet); ++done) {
    const Work work = todo.back();
    todo.pop_back();
    peel(packet, work);
  }
  if (!todo.empty())
    packet.add_finding(codes::capture_truncated, "more packets in one frame than are looked at: " +
                                                     std::to_string(todo.size()) + " or more are left out");
  todo.clear();
  tie_quotation(packet);
}

// Takes the layers that a pre-decoder found.
ChainEnd Decoder::State::take_ahead(Packet& packet) const {
  for (const Layer& layer : ahead->inside.layers) packet.add_layer(layer);
  for (const Finding& finding : ahead->inside.findings) packet.findings().push_back(finding);
  return ahead->inside.end;
}

// Which frame and SA an ICMP error is about, as far as what it quotes does not say so itself.
void Decoder::State::tie_quotation(Packet& packet) {
  const auto& layers = packet.layers();
  const bool may_quote = packet.may_have(ProtocolKind::icmp) || packet.may_have(ProtocolKind::icmpv6);
  if (may_quote && std::any_of(layers.begin(), layers.end(), [](const Layer& layer) { return layer.quoted; })) {
    packet.quoted_frame = quotations.frame_of(packet);
    const SaNumber sa = packet.quoted_ipsec ? SaNumber{0} : quotations.sa_by_ports(packet);
    if (sa != 0) packet.quoted_ipsec = QuotedIpsec{flows.session(sa).counts.spi, 0, sa, true};
  }
  quotations.remember(packet);
}

// Unwraps what a chain of layers ended in. What comes out goes before all that is still to do, so that layers stand in
// order.
void Decoder::State::follow(Packet& packet, std::size_t before, const ChainEnd& end, const Work& work) {
  if (tape.recorder) tape.recorder->follow(work);
  if (tape.replayer) tape.replayer->follow(work);
  if (packet.may_have(ProtocolKind::ah)) {
    Work from = work;
    follow_ah(packet, before, from);
    if (from.depth < most_unwraps) unwrap(packet, end, from);
    if (from.depth < most_unwraps) follow_ike(packet, before, end, from);
  } else if (work.depth < most_unwraps) {
    unwrap(packet, end, work);
    if (packet.may_have(ProtocolKind::ikev2)) follow_ike(packet, before, end, work);
  }
  if (tape.recorder) tape.recorder->children(found);
  if (tape.replayer) tape.replayer->children(found);
  if (found.size() == 1 && todo.empty()) return todo.swap(found);
  todo.insert(todo.end(), found.rbegin(), found.rend());
  found.clear();
}

void Decoder::State::follow_ah(Packet& packet, std::size_t before, Work& from) {
  for (std::size_t layer = before; layer < packet.layers().size() && from.depth < most_unwraps; ++layer) {
    if (!is_whole_ah(packet.layers()[layer])) continue;
    open_ah(packet, layer, from.nesting);
    ++from.depth;
  }
}

void Decoder::State::unwrap(Packet& packet, const ChainEnd& end, const Work& from) {
  const Layer& last = packet.layers()[end.layer];
  if (last.quoted) note_quotation(packet, end.layer);
  if (last.quoted || end.shortfall) return;
  const ProtocolKind kind = last.protocol->kind;
  if (end.kind == Step::Kind::sealed && kind == ProtocolKind::esp)
    open_esp(packet, end.layer, from.nesting);
  else if (end.kind == Step::Kind::sealed && kind == ProtocolKind::ipcomp)
    inflate(packet, end.layer, from.nesting);
  else if (end.kind == Step::Kind::partial || kind == ProtocolKind::tcp)
    join(packet, end, last, from.nesting);
  for (Work& one : found) {
    one.outer = static_cast<LayerIndex>(end.layer);
    one.depth = from.depth + 1;
  }
}

// Adds a piece of something larger to its other pieces.
void Decoder::State::join(Packet& packet, const ChainEnd& end, const Layer& last, const Nesting& around) {
  if (tape.replayer) return tape.replayer->join(packet, end.layer, around, found);
  const std::size_t findings = packet.findings().size();
  const Layer piece = last;
  if (end.kind == Step::Kind::partial && last.is(ProtocolKind::aggfrag))
    assembly.add_aggfrag(packet, end.layer, around, found);
  else if (end.kind == Step::Kind::partial)
    assembly.add_fragment(packet, end.layer, around, found);
  else if (!last.malformed)
    assembly.add_segment(packet, end.layer, around, found);
  if (tape.recorder) tape.recorder->joined(packet, piece, found, findings);
}

// Has an ESP or AH packet judged, and notes its record.
std::optional<Contents> Decoder::State::receive(Packet& packet, std::size_t layer, const IpLayer& outer) {
  const Layer& sealed = packet.layers()[layer];
  const SaHeader header = sa_header(sealed);
  Arrival arrival;
  arrival.sealed.bytes = whole_layer(packet, sealed);
  arrival.length = sealed.header.size() + sealed.payload_claimed;
  if (is_ahead(layer)) {
    arrival.sighting = ahead->sighting;
    arrival.ahead = &ahead->opened;
  } else {
    arrival.sighting = sighting_of(packet, outer, arrival.sealed.bytes, arrival.length, header.sequence);
  }
  if (tape.replayer) {
    tape.replayer->next_sealed();
    arrival.sighting.digest = tape.replayer->digest();
  }
  if (tape.recorder) tape.recorder->sealed(lasting_hash(arrival.sealed.bytes));
  arrival.is_dropped_before = packet.buffers()[sealed.buffer].overlapped;
  OpenRecord& record = packet.ipsec().emplace_back();
  record.protocol = header.protocol;
  record.source = outer.source;
  record.destination = outer.destination;
  record.spi = header.spi;
  record.sequence = header.sequence;
  record.layer = static_cast<LayerIndex>(layer);
  record.length = arrival.length;
  record.digest = arrival.sighting.digest;
  if (header.protocol == IpsecProtocol::ah) {
    arrival.sealed.datagram = datagram_of(packet, outer, arrival.sealed.bytes);
    record.next_header = wire::Ah::over(sealed.header).next_header();
  }
  record.encapsulation = encapsulation_of(packet, sealed);
  arrival.sighting.in_stream = record.encapsulation == Encapsulation::tcp;
  std::optional<Contents> contents = receiver.receive(arrival, record, packet);
  if (contents && contents->trailer.next_header == wire::next_header::none) {
    ++flows.session(record.sa).counts.dummies;
    contents.reset();
  }
  return contents;
}

void Decoder::State::open_esp(Packet& packet, std::size_t layer, const Nesting& around) {
  const bool known = is_ahead(layer);
  const std::optional<IpLayer> found_now = known ? std::nullopt : find_ip_layer(packet, layer);
  const std::optional<IpLayer>& outer = known ? ahead->ip : found_now;
  if (!outer) return;
  const std::optional<Contents> contents = receive(packet, layer, *outer);
  if (!contents) return;
  Nesting inside = around;
  inside.opened = packet.ipsec().size() - 1;
  const auto& [association, trailer] = *contents;
  if (tape.recorder) tape.recorder->opened(trailer.payload);
  packet.ipsec().back().tfc_padding = tfc_padding_of(trailer.next_header, trailer.payload);
  const bool aggregated = trailer.next_header == wire::next_header::aggfrag;
  if (association->mode != SaMode::beet || aggregated) {
    const BufferIndex buffer = packet.add_buffer(trailer.payload, Origin::decrypted);
    const bool rebuild = options.keep_inner_packets && !aggregated;
    found.push_back(unpack(packet, {trailer.next_header, trailer.payload, buffer}, *outer, inside, rebuild));
    return;
  }
  Result<Work> work = unpack_beet(packet, *association, trailer.next_header, trailer.payload, *outer, inside);
  if (work) return found.push_back(*work);
  OpenRecord& record = packet.ipsec().back();
  packet.add_finding(codes::esp_malformed,
                     "the inner header of this BEET packet cannot be rebuilt: " + work.error().text, record.sa);
  record.decrypted = false;
  --flows.session(record.sa).counts.decrypted;
}

// What AH carries is dissected already, be it authentic or not; here it is judged.
void Decoder::State::open_ah(Packet& packet, std::size_t layer, Nesting& around) {
  const std::optional<IpLayer> outer = find_ip_layer(packet, layer);
  if (!outer) return;
  const std::optional<Contents> contents = receive(packet, layer, *outer);
  around.refused = around.refused || packet.ipsec().back().icv == IcvVerdict::bad;
  if (!contents) return;
  around.opened = packet.ipsec().size() - 1;
  const Unwrapped it{contents->trailer.next_header, contents->trailer.payload, packet.layers()[layer].buffer};
  around = add_inner_packet(packet, it, *outer, around, options.keep_inner_packets);
}

std::optional<Unwrapped> Decoder::State::inflated(Packet& packet) const {
  const InflatedRecord* noted = tape.replayer->inflated(packet);
  if (noted == nullptr || noted->size == 0) return std::nullopt;
  const MutableBytes out = packet.allocate(noted->size);
  fill(out, noted->kept);
  return Unwrapped{noted->next_header, out, packet.add_buffer(out, Origin::inflated)};
}

void Decoder::State::inflate(Packet& packet, std::size_t layer, const Nesting& around) {
  const std::optional<IpLayer> outer = find_ip_layer(packet, layer);
  if (!outer) return;
  const bool authentic = around.opened && packet.ipsec()[*around.opened].icv == IcvVerdict::ok && !around.refused;
  const std::size_t findings = packet.findings().size();
  const auto it = tape.replayer ? inflated(packet) : decompress(packet, packet.layers()[layer], authentic, inflater);
  if (tape.recorder)
    tape.recorder->inflated(packet, it ? it->next_header : 0, it ? it->payload.size() : 0, it.has_value(), findings);
  if (it) found.push_back(unpack(packet, *it, *outer, around, options.keep_inner_packets));
}

// An IKE message may be cut or break off; what can be read of it is followed all the same.
void Decoder::State::follow_ike(Packet& packet, std::size_t before, const ChainEnd& end, const Work& from) {
  const auto& layers = packet.layers();
  const auto header = std::find_if(
      layers.begin() + static_cast<std::ptrdiff_t>(before), layers.end(),
      [](const Layer& layer) { return layer.is(ProtocolKind::ikev2) && !layer.quoted && !layer.malformed; });
  if (header == layers.end()) return;
  const auto index = static_cast<LayerIndex>(header - layers.begin());
  const std::optional<IpLayer> outer = find_ip_layer(packet, index);
  if (!outer) return;
  const bool is_sealed = layers[end.layer].is(ProtocolKind::ikev2_encrypted);
  const LayerIndex sealed = is_sealed ? static_cast<LayerIndex>(end.layer) : no_layer;
  const auto opened = ike.follow(packet, index, sealed, *outer);
  if (!opened || opened->payloads.empty()) return;
  const BufferIndex buffer = packet.add_buffer(opened->payloads, opened->origin);
  const Claim claim{Space::ike_payload, opened->first};
  found.push_back({buffer, opened->payloads, opened->payloads.size(), claim, from.nesting, sealed, from.depth + 1});
}

// Which SA an ICMP error is about: that of the outermost ESP or AH header quoted.
void Decoder::State::note_quotation(Packet& packet, std::size_t layer) const {
  std::optional<std::size_t> quoted;
  for (std::size_t at = layer; at != no_layer && packet.layers()[at].quoted; at = packet.layers()[at].outer)
    if (is_ipsec(packet.layers()[at])) quoted = at;
  if (!quoted) return;
  const std::optional<IpLayer> ip = find_ip_layer(packet, *quoted);
  if (!ip) return;
  const SaHeader header = sa_header(packet.layers()[*quoted]);
  const Flow* flow = flows.peek({ip->source, ip->destination, header.spi, header.protocol});
  const Session* session = flow == nullptr ? nullptr : flow->latest_session();
  packet.quoted_ipsec = QuotedIpsec{header.spi, header.sequence, session == nullptr ? 0 : session->counts.number};
}

Decoder::Decoder(const Keystore& keystore, DecoderOptions options)
    : state_(std::make_unique<State>(keystore, options)) {}
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;
Decoder::~Decoder() = default;

void Decoder::decode(const Frame& frame, Packet& out) noexcept { state_->decode(frame, out); }
void Decoder::decode(const PreDecoded& done, Packet& out) noexcept { state_->decode_prepared(*done.state_, out); }

void Decoder::decode(const Frame& frame, Packet& out, FrameRecord& record) noexcept {
  state_->tape.recorder->begin(frame, record);
  state_->decode(frame, out);
  state_->tape.recorder->finish();
}
void Decoder::replay(const FrameRecord& record, Packet& out) noexcept { state_->replay(record, out); }

void Decoder::take_totals(const ReassemblyStatistics& reassembly, std::uint64_t ike_messages) {
  state_->noted_reassembly = reassembly;
  state_->noted_ike_messages = ike_messages;
}

void Decoder::expect(std::span<const PreDecoded> coming) const noexcept {
  std::array<FlowTable::Coming, most_expected> packets;
  std::array<Bytes, most_expected> sealed;
  std::size_t count = 0;
  for (const PreDecoded& one : coming) {
    const PreDecoded::State& done = *one.state_;
    if (!done.ip || count == packets.size()) continue;
    const Sighting& sighting = done.sighting;
    sealed[count] = done.opened.sealed;
    packets[count++] = {{done.ip->source, done.ip->destination, read_u32(done.opened.sealed, 0), IpsecProtocol::esp},
                        sighting.sequence};
  }
  state_->flows.expect(std::span{packets}.first(count));
  for (std::size_t i = 0; i < count; ++i)
    if (packets[i].current != nullptr) state_->receiver.expect(*packets[i].current, sealed[i]);
}

PreDecoder::PreDecoder(const Decoder& decoder)
    : state_(std::make_unique<State>(State{decoder.state_->claims, decoder.state_->options, decoder.state_->lessons})) {
}

std::vector<SaStatistics> Decoder::statistics() const {
  std::vector<SaStatistics> out;
  out.reserve(state_->flows.sessions().size());
  for (const Session& session : state_->flows.sessions()) out.push_back(session.statistics());
  return out;
}

ReassemblyStatistics Decoder::reassembly() const {
  return state_->tape.replayer ? state_->noted_reassembly : state_->assembly.statistics();
}

void Decoder::count_anew(std::size_t captures) { state_->assembly.count_anew(captures); }

LeftOut Decoder::left_out() const {
  const FlowTable& flows = state_->flows;
  return {flows.untried(), flows.learned().left_out(), state_->ike.given_up() + state_->noted_ike_messages,
          state_->ike.torn(), state_->receiver.untried()};
}

std::uint64_t Decoder::untracked_packets() const { return state_->flows.untracked(); }
const Keystore& Decoder::keystore() const { return state_->flows.keystore(); }

const SecurityAssociation* Decoder::association(SaNumber number) const noexcept {
  return number == 0 ? nullptr : state_->flows.session(number).counts.association;
}

std::uint64_t Decoder::verified(SaNumber number) const noexcept { return state_->flows.session(number).counts.icv_ok; }

const SecurityAssociation* Decoder::loaded(const SecurityAssociation& used) const noexcept {
  if (const SecurityAssociation* original = state_->flows.learned().original(used)) return original;
  const auto all = keystore().associations();
  const std::less<> before;
  const bool inside = !before(&used, all.data()) && before(&used, all.data() + all.size());
  return inside ? &used : nullptr;
}

std::vector<const IkeSa*> Decoder::ike_sas() const { return state_->ike.all(); }
const IkeSa* Decoder::ike_sa(IkeSaNumber number) const noexcept { return state_->ike.find(number); }
std::uint64_t Decoder::untracked_ike_messages() const { return state_->ike.untracked(); }

}  // namespace espdump
