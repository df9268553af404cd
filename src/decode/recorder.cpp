#include "decode/recorder.hpp"

#include <algorithm>
#include <array>
#include <functional>

#include "base/file_digest.hpp"
#include "decode/learned_sas.hpp"

namespace espdump {
namespace {

constexpr std::size_t no_try = ~std::size_t{0};
// Of a frame: no packet is larger, and larger records hold something else.
constexpr std::size_t most_bytes = 256 * 1024;

// What no later step looks at: payloads of IKE, whose meaning is noted apart, and what applications say.
bool is_contents(const Layer& layer) {
  const std::string_view name = layer.protocol->name;
  return layer.is(ProtocolKind::other) && (name.substr(0, 3) == "ike" || name == "dns");
}

std::size_t offset_in(Bytes whole, Bytes part) {
  return part.empty() && part.data() == nullptr ? 0 : static_cast<std::size_t>(part.data() - whole.data());
}

bool lies_in(Bytes whole, Bytes part) {
  const std::less_equal<> before;
  return before(whole.data(), part.data()) && before(part.data() + part.size(), whole.data() + whole.size());
}

void put(std::vector<std::uint8_t>& kept, std::size_t offset, Bytes bytes) {
  kept.resize(std::max(kept.size(), offset + bytes.size()));
  std::copy(bytes.begin(), bytes.end(), kept.begin() + static_cast<std::ptrdiff_t>(offset));
}

}  // namespace

void Recorder::begin(const Frame& frame, FrameRecord& out) {
  record_ = &out;
  out.number = frame.number;
  out.file = frame.file;
  out.interface = frame.interface;
  out.time = frame.time;
  out.link_type = frame.link_type;
  out.size = std::min(frame.bytes.size(), most_bytes);
  out.wire_length = frame.wire_length;
  out.kept.clear();
  out.chains.assign(1, {});
  current_ = 0;
  works_.assign(1, {});
  parents_.assign(1, {});
  chain_extra_.assign(1, 0);
  opened_.assign(1, {no_try, {}});
}

std::vector<FindingRecord> Recorder::findings_of(const Packet& packet, std::size_t from, bool of_opened) {
  std::vector<FindingRecord> out;
  for (std::size_t i = from; i < packet.findings().size(); ++i) {
    const Finding& finding = packet.findings()[i];
    out.push_back({finding.info, finding.message, finding.remedy, of_opened && finding.sa != 0});
  }
  return out;
}

void Recorder::chain(const Packet& packet, const Work& work, std::size_t before, std::size_t findings,
                     const ChainEnd& end) {
  ChainRecord& out = record_->chains[work.chain];
  works_[work.chain] = work;
  out.known = true;
  const auto& layers = packet.layers();
  for (std::size_t i = before; i < layers.size(); ++i) {
    const Layer& layer = layers[i];
    if (offset_in(work.bytes, layer.header) + layer.header.size() > most_bytes) break;
    LayerRecord& one = out.layers.emplace_back();
    one.protocol = layer.protocol;
    one.header = static_cast<std::uint32_t>(offset_in(work.bytes, layer.header));
    one.header_size = static_cast<std::uint32_t>(layer.header.size());
    one.payload = static_cast<std::uint32_t>(offset_in(work.bytes, layer.payload));
    one.payload_size = static_cast<std::uint32_t>(std::min(layer.payload.size(), most_bytes - one.payload));
    one.claimed = layer.payload_claimed;
    one.reached_by = layer.reached_by;
    one.outer =
        layer.outer == no_layer || layer.outer < before ? 0 : static_cast<std::uint32_t>(layer.outer - before + 1);
    one.quoted = layer.quoted;
    one.malformed = layer.malformed;
  }
  out.findings = findings_of(packet, findings, false);
  out.end = end.kind;
  out.last = static_cast<std::uint32_t>(end.layer >= before ? end.layer - before : 0);
  out.shortfall = end.shortfall;
}

void Recorder::children(std::vector<Work>& found) {
  auto& chains = record_->chains;
  ChainRecord& parent = chains[current_];
  parent.first_child = static_cast<std::uint32_t>(chains.size());
  parent.children = static_cast<std::uint32_t>(found.size());
  for (std::uint32_t i = 0; i < found.size(); ++i) {
    found[i].chain = static_cast<std::uint32_t>(chains.size());
    chains.emplace_back();
    works_.push_back(found[i]);
    parents_.push_back({current_, i});
    chain_extra_.push_back(0);
    opened_.push_back({no_try, {}});
  }
}

void Recorder::sealed(std::uint64_t digest) {
  record_->chains[current_].sealed.emplace_back().digest = digest;
  payloads_.clear();
}

void Recorder::carries(const EspTrailer& trailer, bool convincing) {
  TryRecord& one = now().tries.back();
  one.has_trailer = true;
  one.standard_padding = trailer.standard_padding;
  one.convincing = convincing;
  one.pad_length = trailer.pad_length;
  one.next_header = trailer.next_header;
  one.payload_size = static_cast<std::uint32_t>(trailer.payload.size());
  one.kept.assign(trailer.payload.begin(), trailer.payload.begin() + (trailer.payload.empty() ? 0 : 1));
  payloads_.back() = trailer.payload;
}

void Recorder::opened(Bytes payload) {
  for (std::size_t i = 0; i < payloads_.size(); ++i)
    if (payloads_[i].data() == payload.data() && payloads_[i].size() == payload.size())
      opened_[current_] = {i, payload};
}

void Recorder::joined(const Packet& packet, const Layer& layer, const std::vector<Work>& found, std::size_t findings) {
  ChainRecord& out = record_->chains[current_];
  out.join_findings = findings_of(packet, findings, true);
  for (const Work& work : found) {
    PieceRecord& one = out.pieces.emplace_back();
    one.size = work.bytes.size();
    one.claimed = work.claimed;
    one.claim = work.claim;
    one.in_place = lies_in(layer.payload, work.bytes);
    if (one.in_place) one.offset = offset_in(layer.payload, work.bytes);
    one.origin = packet.buffers()[work.buffer].origin;
    one.overlapped = packet.buffers()[work.buffer].overlapped;
  }
}

void Recorder::inflated(const Packet& packet, std::uint8_t next_header, std::size_t size, bool whole,
                        std::size_t findings) {
  ChainRecord& out = record_->chains[current_];
  out.join_findings = findings_of(packet, findings, false);
  if (whole) out.inflated = InflatedRecord{next_header, size, {}};
}

void Recorder::learned(const IkeSa& sa, const IkeExchange& exchange, const Keystore& keystore,
                       std::vector<AssociationPair>& made) {
  const auto id_of = [&](const SecurityAssociation& one, std::size_t place) {
    for (const std::uint32_t index : keystore.find(one.protocol, one.spi))
      if (same_keys(keystore.associations()[index], one)) return keys_of(keystore.associations()[index]);
    std::array<std::uint8_t, 32> facts{};
    const auto put64 = [&](std::size_t at, std::uint64_t number) {
      write_u32(facts, at, static_cast<std::uint32_t>(number >> 32));
      write_u32(facts, at + 4, static_cast<std::uint32_t>(number));
    };
    put64(0, sa.initiator_spi);
    put64(8, sa.responder_spi);
    put64(16, std::uint64_t{exchange.message_id} << 16 | std::uint64_t{exchange.type} << 8 |
                  (exchange.from_initiator ? 1U : 0U));
    put64(24, place);
    return lasting_hash(facts) | learned_keys;
  };
  std::size_t place = 0;
  for (auto& [forth, back] : made) {
    forth.keys_id = id_of(forth, place++);
    back.keys_id = id_of(back, place++);
    if (IkeMessageRecord* message = ike())
      message->learned.push_back({forth.keys_id, back.keys_id, static_cast<std::uint16_t>(forth.encryption.key.size()),
                                  static_cast<std::uint16_t>(forth.integrity.key.size())});
  }
}

void Recorder::end_ike() {
  IkeMessageRecord* message = ike();
  if (message == nullptr) return;
  if (const auto found = known_.find(message->digest); found != known_.end()) {
    const bool lacks = !message->opened || message->learned.empty();
    if (lacks) *message = found->second;
    return;
  }
  const bool in_pieces = message->opened && message->origin == Origin::ike_fragments;
  if (message->learned.empty() && !in_pieces) return;
  if (known_.size() == most_known) known_.clear();
  known_.emplace(message->digest, *message);
}

std::vector<std::uint8_t> Recorder::kept_of(std::uint32_t place) const {
  const ChainRecord& chain = record_->chains[place];
  const Bytes bytes = works_[place].bytes;
  std::vector<std::uint8_t> out;
  if (!chain.known) return out;
  for (const LayerRecord& layer : chain.layers) {
    Layer probe;
    probe.protocol = layer.protocol;
    if (!is_contents(probe)) put(out, layer.header, bytes.subspan(layer.header, layer.header_size));
  }
  if (!chain.layers.empty() && chain_extra_[place] != 0) {
    const LayerRecord& last = chain.layers.back();
    const std::size_t from = std::size_t{last.header} + last.header_size;
    put(out, from, bytes.subspan(from, std::min(chain_extra_[place], bytes.size() - from)));
  }
  // Messages of a TCP connection that stand where they were captured.
  for (std::uint32_t i = 0; i < chain.pieces.size(); ++i) {
    const PieceRecord& piece = chain.pieces[i];
    if (piece.in_place) put(out, offset_in(bytes, works_[chain.first_child + i].bytes), piece.kept);
  }
  return out;
}

// To what the bytes of a chain came out of.
void Recorder::give(std::uint32_t place, std::vector<std::uint8_t> kept) {
  const auto [at, child] = parents_[place];
  ChainRecord& parent = record_->chains[at];
  if (child < parent.pieces.size()) {
    parent.pieces[child].kept = std::move(kept);
  } else if (parent.inflated) {
    parent.inflated->kept = std::move(kept);
  } else if (const Opened& opened = opened_[at]; opened.place != no_try && !parent.sealed.empty()) {
    // In BEET mode another header stands before the last bytes of the payload.
    const std::size_t wanted = kept.size() + opened.payload.size();
    const std::size_t size = works_[place].bytes.size();
    const std::size_t first = wanted > size ? std::min(wanted - size, opened.payload.size()) : 0;
    if (works_[place].bytes.data() == opened.payload.data())
      parent.sealed.back().tries[opened.place].kept = std::move(kept);
    else if (first != 0)
      parent.sealed.back().tries[opened.place].kept.assign(opened.payload.begin(),
                                                           opened.payload.begin() + static_cast<std::ptrdiff_t>(first));
  }
}

void Recorder::finish() {
  for (auto place = static_cast<std::uint32_t>(record_->chains.size()); --place != 0;) give(place, kept_of(place));
  record_->kept = kept_of(0);
  for (std::uint32_t place = 0; place < record_->chains.size(); ++place)
    for (PieceRecord& piece : record_->chains[place].pieces)
      if (piece.in_place) piece.kept.clear();
}

}  // namespace espdump
