#include "decode/replayer.hpp"

#include <algorithm>
#include <utility>

#include <espdump/wire/ah.hpp>
#include <espdump/wire/esp.hpp>
#include <espdump/wire/ikev2.hpp>
#include <espdump/wire/tcp.hpp>

#include "keys/false_key.hpp"

namespace espdump {
namespace {

// Whether a header is one that its dissector takes, which those who unwrap such layers rely on.
bool is_sound(const LayerRecord& layer, Bytes header) {
  switch (layer.protocol->kind) {
    case ProtocolKind::esp: return wire::Esp::from(header).has_value();
    case ProtocolKind::ah: return wire::Ah::from(header).has_value();
    case ProtocolKind::ikev2: return layer.quoted || wire::Ikev2::from(header).has_value();
    case ProtocolKind::tcp: return layer.quoted || wire::Tcp::from(header).has_value();
    default: return true;
  }
}

// Whether a layer lies in these bytes, and has the header that it claims.
bool fits(const LayerRecord& layer, Bytes bytes) {
  const std::uint64_t header_end = std::uint64_t{layer.header} + layer.header_size;
  const std::uint64_t payload_end = std::uint64_t{layer.payload} + layer.payload_size;
  const bool lies = layer.protocol != nullptr && header_end <= bytes.size() && payload_end <= bytes.size() &&
                    layer.claimed >= layer.payload_size;
  return lies && (layer.malformed || is_sound(layer, bytes.subspan(layer.header, layer.header_size)));
}

}  // namespace

void fill(MutableBytes out, Bytes kept) {
  const std::size_t size = std::min(out.size(), kept.size());
  std::copy_n(kept.begin(), size, out.begin());
  std::fill(out.begin() + static_cast<std::ptrdiff_t>(size), out.end(), std::uint8_t{0});
}

Bytes Replayer::begin(const FrameRecord& record, Packet& packet) {
  record_ = &record;
  current_ = 0;
  sealed_ = nullptr;
  const MutableBytes bytes = packet.allocate(record.size);
  fill(bytes, record.kept);
  return bytes;
}

std::optional<ChainEnd> Replayer::chain(Packet& packet, const Work& work) {
  if (work.chain >= record_->chains.size()) return std::nullopt;
  const ChainRecord& noted = record_->chains[work.chain];
  const auto& layers = noted.layers;
  const bool whole =
      std::all_of(layers.begin(), layers.end(), [&](const LayerRecord& layer) { return fits(layer, work.bytes); });
  const std::size_t last = std::min<std::size_t>(noted.last, layers.empty() ? 0 : layers.size() - 1);
  // Of what is malformed nothing was unwrapped.
  const bool ends_well = noted.end == Step::Kind::end || layers.empty() || !layers[last].malformed;
  if (!noted.known || !whole || !ends_well) return std::nullopt;
  const std::size_t before = packet.layers().size();
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const LayerRecord& one = layers[i];
    Layer& layer = packet.add_layer(*one.protocol);
    layer.header = work.bytes.subspan(one.header, one.header_size);
    layer.payload = work.bytes.subspan(one.payload, one.payload_size);
    layer.payload_claimed = one.claimed;
    layer.reached_by = one.reached_by;
    layer.buffer = work.buffer;
    layer.outer = one.outer == 0 || one.outer > i ? work.outer : static_cast<LayerIndex>(before + one.outer - 1);
    layer.quoted = one.quoted;
    layer.malformed = one.malformed;
  }
  complain(packet, noted.findings, 0);
  ChainEnd end;
  end.kind = noted.end;
  end.layer = before + last;
  end.shortfall = noted.shortfall;
  return end;
}

void Replayer::complain(Packet& packet, const std::vector<FindingRecord>& findings, SaNumber sa) {
  for (const FindingRecord& finding : findings)
    packet.add_finding(*finding.info, finding.message, finding.of_opened ? sa : 0, finding.remedy);
}

void Replayer::children(std::vector<Work>& found) const {
  const ChainRecord& parent = now();
  for (std::uint32_t i = 0; i < found.size(); ++i)
    found[i].chain = i < parent.children ? parent.first_child + i : never_noted;
}

void Replayer::next_sealed() {
  const auto& sealed = now().sealed;
  sealed_ = next_sealed_ < sealed.size() ? &sealed[next_sealed_] : nullptr;
  ++next_sealed_;
}

const TryRecord* Replayer::find(KeysId keys, bool esn, std::uint32_t high, std::uint32_t assumed) const {
  if (sealed_ == nullptr) return nullptr;
  for (const TryRecord& one : sealed_->tries)
    if (one.keys == keys && one.esn == esn && one.high == high && one.assumed == assumed) return &one;
  return nullptr;
}

IcvDiagnosis Replayer::diagnosis() const {
  return sealed_ == nullptr ? IcvDiagnosis{} : sealed_->diagnosis.value_or(IcvDiagnosis{});
}

bool Replayer::lacked(KeysId keys) const {
  return (keys & learned_keys) != 0 && (sealed_ == nullptr || !sealed_->tried_learned);
}

std::optional<FlippedBit> Replayer::flipped(std::uint32_t high_half) const {
  return sealed_ == nullptr || sealed_->flipped_high != high_half ? std::nullopt : sealed_->flipped;
}

bool Replayer::behind_nat(KeysId keys) const {
  return sealed_ != nullptr &&
         std::find(sealed_->behind_nat.begin(), sealed_->behind_nat.end(), keys) != sealed_->behind_nat.end();
}

void Replayer::join(Packet& packet, std::size_t layer, const Nesting& around, std::vector<Work>& found) const {
  const Layer whole = packet.layers()[layer];
  const bool aggregated = whole.is(ProtocolKind::aggfrag);
  complain(packet, now().join_findings, around.opened ? packet.ipsec()[*around.opened].sa : 0);
  constexpr std::size_t spare = 64;
  for (const PieceRecord& piece : now().pieces) {
    if (packet.buffers().size() + found.size() + spare > Packet::most_buffers) return;
    const bool lies =
        piece.in_place && piece.offset <= whole.payload.size() && piece.size <= whole.payload.size() - piece.offset;
    if (piece.in_place != lies) return;
    Bytes bytes = lies ? whole.payload.subspan(piece.offset, piece.size) : Bytes{};
    if (!lies) {
      const MutableBytes made = packet.allocate(piece.size);
      fill(made, piece.kept);
      packet.reassembled = true;
      bytes = made;
    }
    const bool stays = lies && !aggregated;
    const BufferIndex buffer = stays ? whole.buffer : packet.add_buffer(bytes, piece.origin, piece.overlapped);
    Nesting inside = around;
    if (aggregated && around.opened) inside.inner = packet.add_inner({buffer, *around.opened, around.inner});
    found.push_back({buffer, bytes, piece.claimed, piece.claim, inside});
  }
}

const InflatedRecord* Replayer::inflated(Packet& packet) const {
  complain(packet, now().join_findings, 0);
  return now().inflated ? &*now().inflated : nullptr;
}

const IkeMessageRecord* Replayer::ike() const { return now().ike ? &*now().ike : nullptr; }

std::vector<AssociationPair> Replayer::learned(const IkeChild& child) {
  std::vector<AssociationPair> out;
  if (!now().ike) return out;
  for (const LearnedRecord& one : now().ike->learned) {
    const auto keys = [&](KeysId id) {
      return FalseKeys{id, false_key(false_keys_, encryption_of(id), one.encryption_size),
                       false_key(false_keys_, integrity_of(id), one.integrity_size)};
    };
    if (auto pair = associations_with(child, keys(one.forth), keys(one.back))) out.push_back(std::move(*pair));
  }
  return out;
}

}  // namespace espdump
