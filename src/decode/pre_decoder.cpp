// Work that needs nothing of the frames before: outer layers, the ICV and the cipher under an SA that is likely the
// right one, inner layers.
#include "decode/pre_decoder.hpp"

#include <espdump/wire/esp.hpp>
#include <espdump/wire/next_header.hpp>

#include <utility>

#include "decode/begin.hpp"
#include "decode/ip_layer.hpp"
#include "decode/pre_decoded.hpp"

namespace espdump {
namespace {

// Takes the layers and findings from these places on off the packet: their turn has not come.
void set_aside(Packet& packet, std::size_t first_layer, std::size_t first_finding, ChainAhead& out) {
  auto& layers = packet.layers();
  auto& findings = packet.findings();
  out.layers.assign(layers.begin() + static_cast<std::ptrdiff_t>(first_layer), layers.end());
  layers.resize(first_layer);
  for (std::size_t at = first_finding; at < findings.size(); ++at) out.findings.push_back(std::move(findings[at]));
  findings.resize(first_finding);
}

}  // namespace

PreDecoded::PreDecoded() : state_(std::make_unique<State>()) {}
PreDecoded::PreDecoded(PreDecoded&&) noexcept = default;
PreDecoded& PreDecoded::operator=(PreDecoded&&) noexcept = default;
PreDecoded::~PreDecoded() = default;

PreDecoder::PreDecoder(PreDecoder&&) noexcept = default;
PreDecoder& PreDecoder::operator=(PreDecoder&&) noexcept = default;
PreDecoder::~PreDecoder() = default;

void PreDecoder::catch_up() {
  State& state = *state_;
  state.heard = state.lessons.tell(state.heard, [&](const Lesson& lesson) { state.learn(lesson); });
}

void PreDecoder::prepare(const Frame& frame, Packet& out, PreDecoded& done) noexcept {
  PreDecoded::State& ahead = *done.state_;
  const BufferIndex captured = begin_packet(frame, out);
  const Claim link{Space::link_type, frame.link_type};
  ahead.end = dissect_chain(out, state_->claims, captured, frame.bytes, frame.wire_length, link);
  ahead.ip.reset();
  ahead.opened = {};
  ahead.inside.bytes = {};
  if (ahead.end.kind == Step::Kind::sealed && !ahead.end.shortfall) state_->prepare_esp(out, ahead);
}

void PreDecoder::State::learn(const Lesson& lesson) {
  Known& sa = known[lesson.flow];
  if (sa.lesson.association != lesson.association) {
    sa.tried = false;
    sa.opener.reset();
  }
  sa.lesson = lesson;
}

PreDecoder::State::Known* PreDecoder::State::find(const FlowKey& flow) {
  if (latest != nullptr && latest->lesson.flow == flow) return latest;
  const auto found = known.find(flow);
  return found == known.end() ? nullptr : latest = &found->second;
}

Opener* PreDecoder::State::opener_of(Known& sa) const {
  if (!std::exchange(sa.tried, true))
    if (auto made = Opener::make(*sa.lesson.association, options.crypto)) sa.opener = std::move(*made);
  return sa.opener.get();
}

void PreDecoder::State::prepare_esp(Packet& packet, PreDecoded::State& done) {
  const std::size_t index = done.end.layer;
  const Layer& sealed = packet.layers()[index];
  if (!sealed.is(ProtocolKind::esp) || sealed.malformed) return;
  done.ip = find_ip_layer(packet, index);
  if (!done.ip) return;
  const auto esp = wire::Esp::over(sealed.header);
  done.opened.sealed = whole_layer(packet, sealed);
  const std::size_t length = sealed.header.size() + sealed.payload_claimed;
  done.sighting = sighting_of(packet, *done.ip, done.opened.sealed, length, esp.sequence());
  if (done.opened.sealed.size() < length) return;  // cut: nobody opens it
  Known* sa = find({done.ip->source, done.ip->destination, esp.spi(), IpsecProtocol::esp});
  if (sa == nullptr) return;
  open(packet, *sa, done.opened);
  if (done.opened.trailer) dissect_inside(packet, *sa, done);
}

void PreDecoder::State::open(Packet& packet, Known& sa, OpenedAhead& opened) const {
  Opener* opener = opener_of(sa);
  const SealedPacket input{opened.sealed};
  if (opener == nullptr || !opener->can_verify()) return;
  const std::optional<std::size_t> size = opener->plaintext_size(input);
  if (!size) return;
  const bool opens = !options.verify_only && opener->can_open();
  if (opens) opened.plaintext = packet.allocate(*size);
  opened.outcome =
      opens ? opener->open(input, sa.lesson.high, opened.plaintext) : opener->verify(input, sa.lesson.high);
  opened.association = sa.lesson.association;
  opened.high = sa.lesson.high;
  if (opens && opened.outcome != Opener::Outcome::bad_icv) opened.trailer = opener->contents(input, opened.plaintext);
}

// But for what BEET and AGGFRAG carry, which the decoder has to put together first.
void PreDecoder::State::dissect_inside(Packet& packet, const Known& sa, PreDecoded::State& done) const {
  const EspTrailer& trailer = *done.opened.trailer;
  const bool stands_so = trailer.next_header != wire::next_header::aggfrag &&
                         trailer.next_header != wire::next_header::none && sa.lesson.association->mode != SaMode::beet;
  if (!stands_so || trailer.payload.empty()) return;
  ChainAhead& inside = done.inside;
  inside.bytes = trailer.payload;
  inside.claim = {Space::ip_protocol, trailer.next_header};
  inside.buffer = static_cast<BufferIndex>(packet.buffers().size());  // the one that the decoder will add
  inside.first = packet.layers().size();
  inside.outer = static_cast<LayerIndex>(done.end.layer);
  const std::size_t findings = packet.findings().size();
  inside.findings.clear();
  inside.end =
      dissect_chain(packet, claims, inside.buffer, inside.bytes, inside.bytes.size(), inside.claim, inside.outer);
  set_aside(packet, inside.first, findings, inside);
}

}  // namespace espdump
