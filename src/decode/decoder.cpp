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

// Bytes still to be dissected.
struct Work {
  std::uint8_t buffer = 0;
  Bytes bytes;
  std::size_t claimed = 0;
  Claim claim;
};

constexpr Claim ip_version_claim(std::uint8_t first_byte) {
  return {Space::ip_version, static_cast<std::uint32_t>(first_byte >> 4)};
}

bool is_whole_ah(const Layer& layer) {
  return !layer.quoted && !layer.malformed && layer.protocol->name == wire::Ah::protocol;
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
  std::optional<Work> unwrap(Packet& packet, const ChainEnd& end);
  std::optional<Work> reassemble(Packet& packet, std::size_t layer);
  std::optional<Work> open_esp(Packet& packet, std::size_t layer);
  std::optional<Work> unpack(Packet& packet, const EspContents& contents, const IpLayer& outer, OpenRecord& record);
  std::optional<Work> unpack_beet(Packet& packet, const EspContents& contents, const IpLayer& outer,
                                  OpenRecord& record);
  void note_ah(Packet& packet, std::size_t layer);
  void note_quotation(Packet& packet, std::size_t layer) const;
  OpenRecord start_record(Packet& packet, std::size_t layer, const IpLayer& outer, EspInput& input) const;

  DecoderOptions options;
  ClaimTable claims;
  FlowTable flows;
  EspReceiver receiver;
  FragmentReassembler fragments;
};

void Decoder::State::decode(const Frame& frame, Packet& packet) {
  packet.frame = frame.number;
  packet.file = frame.file;
  packet.interface = frame.interface;
  packet.time = frame.time;
  packet.link_type = frame.link_type;
  packet.wire_length = frame.wire_length;
  const std::uint8_t captured = packet.add_buffer(frame.bytes, Origin::capture);
  std::optional<Work> work = Work{captured, frame.bytes, frame.wire_length, {Space::link_type, frame.link_type}};
  for (std::size_t depth = 0; work && depth <= most_unwraps; ++depth) {
    const std::size_t before = packet.layers().size();
    const ChainEnd end = dissect_chain(packet, claims, work->buffer, work->bytes, work->claimed, work->claim);
    for (std::size_t layer = before; layer < packet.layers().size(); ++layer)
      if (is_whole_ah(packet.layers()[layer])) note_ah(packet, layer);
    work = depth < most_unwraps ? unwrap(packet, end) : std::nullopt;
  }
}

std::optional<Work> Decoder::State::unwrap(Packet& packet, const ChainEnd& end) {
  if (packet.layers().empty()) return std::nullopt;
  const Layer& last = packet.layers()[end.layer];
  if (last.quoted) note_quotation(packet, end.layer);
  if (last.quoted || end.shortfall) return std::nullopt;
  if (end.kind == Step::Kind::partial) return reassemble(packet, end.layer);
  if (end.kind == Step::Kind::sealed && last.protocol->name == wire::Esp::protocol) return open_esp(packet, end.layer);
  return std::nullopt;
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
  const std::uint8_t buffer = packet.add_buffer(whole, Origin::reassembled);
  return Work{buffer, whole, whole.size(), ip_version_claim(whole[0])};
}

OpenRecord Decoder::State::start_record(Packet& packet, std::size_t layer, const IpLayer& outer,
                                        EspInput& input) const {
  const Layer& sealed = packet.layers()[layer];
  input.bytes = whole_layer(packet, sealed);
  input.length = sealed.header.size() + sealed.payload_claimed;
  OpenRecord record;
  record.layer = static_cast<std::uint8_t>(layer);
  record.source = outer.source;
  record.destination = outer.destination;
  record.length = input.length;
  if (layer > 0 && packet.layers()[layer - 1].protocol->name == "udpencap") record.encapsulation = Encapsulation::udp;
  return record;
}

std::optional<Work> Decoder::State::open_esp(Packet& packet, std::size_t layer) {
  const std::optional<IpLayer> outer = find_ip_layer(packet, layer);
  if (!outer) return std::nullopt;
  EspInput input;
  OpenRecord record = start_record(packet, layer, *outer, input);
  const wire::Esp esp = wire::Esp::over(packet.layers()[layer].header);
  record.protocol = IpsecProtocol::esp;
  record.spi = esp.spi();
  record.sequence = esp.sequence();
  input.sighting = sighting_of(packet, *outer, input.bytes, input.length, esp.sequence());
  const std::optional<EspContents> contents = receiver.receive(input, record, packet);
  std::optional<Work> work;
  if (contents) work = unpack(packet, *contents, *outer, record);
  packet.ipsec().push_back(record);
  return work;
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
                                                OpenRecord& record) {
  const SecurityAssociation& sa = *contents.association;
  IpAddress source, destination;
  if (sa.selector) source = sa.selector->source.address, destination = sa.selector->destination.address;
  const MutableBytes out = packet.allocate(contents.trailer.payload.size() + beet_growth);
  const auto size = rebuild_beet_packet(sa.selector_family, source, destination, outer.facts,
                                        contents.trailer.next_header, contents.trailer.payload, out);
  if (!size) {
    packet.add_finding(codes::esp_malformed,
                       "the inner header of this BEET packet cannot be rebuilt: " + size.error().text, record.sa);
    record.decrypted = false;
    --flows.session(record.sa).counts.decrypted;
    return std::nullopt;
  }
  const Bytes inner = out.first(*size);
  record.inner_buffer = packet.add_buffer(inner, Origin::reconstructed);
  return Work{*record.inner_buffer, inner, inner.size(), ip_version_claim(inner[0])};
}

std::optional<Work> Decoder::State::unpack(Packet& packet, const EspContents& contents, const IpLayer& outer,
                                           OpenRecord& record) {
  constexpr std::uint8_t ipv4 = 4, ipv6 = 41, dummy = 59;
  const EspTrailer& trailer = contents.trailer;
  if (trailer.next_header == dummy) return std::nullopt;
  if (contents.association->mode == SaMode::beet) return unpack_beet(packet, contents, outer, record);
  const bool is_packet = trailer.next_header == ipv4 || trailer.next_header == ipv6;
  if (is_packet) {
    const Bytes inner = trim_to_ip_length(trailer.payload);
    const std::uint8_t buffer = packet.add_buffer(trailer.payload, Origin::decrypted);
    record.inner_buffer = inner.size() == trailer.payload.size() ? buffer : packet.add_buffer(inner, Origin::decrypted);
    return Work{buffer, trailer.payload, trailer.payload.size(), {Space::ip_protocol, trailer.next_header}};
  }
  const std::uint8_t buffer = packet.add_buffer(trailer.payload, Origin::decrypted);
  if (options.keep_inner_packets) {
    const MutableBytes out = packet.allocate(outer.headers.size() + trailer.payload.size());
    const std::optional<std::size_t> size =
        rebuild_transport_packet(outer.headers, outer.next_header_offset, trailer.next_header, trailer.payload, out);
    if (size) record.inner_buffer = packet.add_buffer(out.first(*size), Origin::reconstructed);
  }
  return Work{buffer, trailer.payload, trailer.payload.size(), {Space::ip_protocol, trailer.next_header}};
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

}  // namespace espdump
