// Where each kind of bad packet goes. Plants keep a distance, so that each meets a gateway in order.
#include "analysis/gateway_attack.hpp"

#include <algorithm>

#include "decode/ip_layer.hpp"

namespace espdump {
namespace {

constexpr std::size_t most_sources = 1U << 20;  // of one SA
constexpr std::size_t most_sas = 64;            // that plants go to
constexpr std::size_t lead = 3;                 // good packets before the first plant, and behind the last
constexpr std::size_t apart = 2;                // good packets from one plant to the next
constexpr std::size_t least_body = 16;          // bytes of IV and ciphertext of a packet that plants are made of
constexpr std::size_t large = 1000;             // bytes of ESP
constexpr std::int64_t pause = 100'000;         // nanoseconds: longer than a second capture of one packet takes

std::size_t sizes_of(const SecurityAssociation& sa, std::size_t& icv) {
  const AlgorithmUse& checked = sa.is_aead() ? sa.encryption : sa.integrity;
  icv = checked.icv_bits / 8U;
  return sa.encryption.info != nullptr ? sa.encryption.info->iv : 0;
}

}  // namespace

void AttackMaker::learn(const Packet& packet, const Decoder& decoder) {
  ++learned_;
  if (packet.ipsec().empty()) return;
  const OpenRecord& record = packet.ipsec().front();
  const Layer& layer = packet.layers()[record.layer];
  const bool fresh = record.replay == ReplayVerdict::fresh;
  const SecurityAssociation* sa = decoder.association(record.sa);
  // Numbers of packets that nothing can be made of are taken, too.
  if (record.icv != IcvVerdict::bad) newest_[record.sa] = std::max(newest_[record.sa], record.sequence);
  if (record.protocol != IpsecProtocol::esp || record.icv != IcvVerdict::ok || !fresh || layer.buffer != 0 ||
      sa == nullptr || record.encapsulation == Encapsulation::tcp)
    return;
  const auto ip = find_ip_layer(packet, record.layer);
  const Bytes frame = packet.buffers()[0].bytes;
  if (!ip || frame.size() < packet.wire_length) return;
  Source source;
  source.ordinal = source.of = learned_;
  source.ip = static_cast<std::size_t>(ip->headers.data() - frame.data());
  source.esp = static_cast<std::size_t>(layer.header.data() - frame.data());
  source.length = record.length;
  source.iv = sizes_of(*sa, source.icv);
  source.spi = record.spi;
  source.window = sa->replay_window;
  source.sequence = record.sequence;
  source.sa = record.sa;
  source.ipv4 = ip->source.is_v4();
  source.udp = record.encapsulation == Encapsulation::udp;
  ++usable_;
  if (sources_.size() >= most_sas && sources_.count(record.sa) == 0) return;
  auto& list = sources_[record.sa];
  if (list.size() < most_sources) list.push_back(source);
  keep_mould(source, sa, frame);
}

void AttackMaker::plan() {
  std::size_t first_kind = 0;
  for (const auto& [number, sources] : sources_) {
    plan_for(sources, first_kind, false);
    first_kind += sources.size() / apart;
  }
  plan_largest();
  plan_behind();
  note_skipped();
  sources_.clear();
}

// Kinds go round: where one SA has no room for all, the next one takes the others first.
void AttackMaker::plan_for(const std::vector<Source>& sources, std::size_t first_kind, bool missing_only) {
  const auto all = plant_kinds();
  if (sources.size() < 2 * lead + apart) return;
  const std::size_t step = std::max(apart, (sources.size() - 2 * lead) / (all.size() + 1));
  std::size_t at = lead;
  for (std::size_t n = 0; n < all.size() && at + lead < sources.size(); ++n) {
    const PlantKind& kind = all[(first_kind + n) % all.size()];
    if (kind.largest || (missing_only && !is_missing(kind))) continue;
    if (plan_one(kind, sources, at)) at += step;
  }
}

bool AttackMaker::plan_one(const PlantKind& kind, const std::vector<Source>& sources, std::size_t at) {
  const Source& source = sources[at];
  const std::size_t behind = at + kind.places(source);
  const bool fits = behind + lead < sources.size() && source.length >= 8 + source.icv + least_body;
  // Two plants in one place would fight over it.
  if (!fits || !kind.suits(source) || used_.count(source.ordinal) != 0) return false;
  put(kind, source, sources[behind].ordinal);
  return true;
}

void AttackMaker::put(const PlantKind& kind, const Source& source, std::uint64_t behind) {
  steps_[behind].push_back({&kind, source});
  used_.insert(source.ordinal);
  if (kind.replaces) held_.insert(source.ordinal);
  if (behind != source.ordinal) kept_[source.ordinal];
  done_.insert(kind.name);
}

// What may not fit behind a gateway is best made of what hardly fits in front of it.
void AttackMaker::plan_largest() {
  for (const PlantKind& kind : plant_kinds()) {
    if (!kind.largest) continue;
    const Source* most = nullptr;
    for (const auto& [number, sources] : sources_) {
      has_udp_ = has_udp_ || (!sources.empty() && sources.front().udp);
      has_ipv4_ = has_ipv4_ || (!sources.empty() && sources.front().ipv4);
      for (const Source& source : sources)
        if (kind.suits(source) && used_.count(source.ordinal) == 0 && (most == nullptr || source.length > most->length))
          most = &source;
    }
    has_large_ = most != nullptr && most->length >= large;
    if (has_large_) put(kind, *most, most->ordinal);
  }
}

void AttackMaker::note_skipped() {
  std::string cannot;
  for (const auto& [number, mould] : moulds_)
    if (!mould.renumber) cannot = mould.why_not;
  for (const PlantKind& kind : plant_kinds()) {
    if (!is_missing(kind)) continue;
    std::string why = "too few packets, and no more can be made: " + cannot;
    if (kind.udp_only && !has_udp_)
      why = "no SA goes in UDP";
    else if (kind.ipv4_only && !has_ipv4_)
      why = "no SA goes over IPv4";
    else if (kind.largest)
      why = "no packet over IPv4 is large, 1,000 bytes of ESP and more";
    else if (cannot.empty())
      why = kind.distance == PlantKind::Distance::beyond_window ? "the windows are too large: more packets are needed"
                                                                : "no packet suits it";
    skipped_.push_back({kind.name, std::move(why)});
  }
  if (done_.count("authentic-zero") == 0)
    skipped_.push_back({"authentic-zero", cannot.empty() ? "all SAs have ESN" : "no packet can be made: " + cannot});
  if (done_.count("esn-boundary") == 0)
    skipped_.push_back({"esn-boundary", has_esn_ ? "no more packets can be made: " + cannot : "no SA has ESN"});
}

void AttackMaker::emit_good(Timestamp time, Bytes frame, std::size_t wire_length, const Emit& emit) {
  last_time_ = written_ == 0 ? time.nanoseconds : std::max(time.nanoseconds, last_time_ + 1);
  ++written_;
  emit(Timestamp{last_time_}, frame, wire_length);
}

void AttackMaker::plant(const Step& step, const Octets& frame, Timestamp time, const Emit& emit) {
  const attack::Crafted crafted = step.kind->craft(step.source, frame);
  if (crafted.frames.empty()) return;
  const Source& source = step.source;
  planted_.push_back({step.kind->name, crafted.detail, step.kind->expected, written_ + 1, source.of, source.sa,
                      source.spi, source.sequence});
  for (const Octets& one : crafted.frames) {
    const std::int64_t next = std::max(time.nanoseconds, last_time_) + (step.kind->replaces ? 0 : pause);
    emit_good(Timestamp{next}, one, one.size(), emit);
  }
}

void AttackMaker::plant_behind(std::uint64_t ordinal, const Octets& frame, Timestamp time, const Emit& emit) {
  const auto steps = steps_.find(ordinal);
  if (steps == steps_.end()) return;
  for (const Step& step : steps->second) {
    const auto source = kept_.find(step.source.ordinal);
    const bool here = step.source.ordinal == ordinal;
    if (!here && source == kept_.end()) continue;
    plant(step, here ? frame : source->second, time, emit);
    if (!here) kept_.erase(source);
  }
  steps_.erase(steps);
}

void AttackMaker::make(const Frame& frame, const Emit& emit) {
  ++taken_;
  const auto kept = kept_.find(taken_);
  const bool held = held_.count(taken_) != 0;
  Octets bytes;
  if (kept != kept_.end() || held || steps_.count(taken_) != 0) bytes.assign(frame.bytes.begin(), frame.bytes.end());
  if (kept != kept_.end()) kept->second = bytes;
  if (!held) emit_good(frame.time, frame.bytes, frame.wire_length, emit);
  plant_behind(taken_, bytes, frame.time, emit);
}

}  // namespace espdump
