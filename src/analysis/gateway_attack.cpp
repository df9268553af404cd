// Where each kind of bad packet goes. Plants keep a distance, so that each meets a gateway in order.
#include "analysis/gateway_attack.hpp"

#include <algorithm>
#include <limits>

#include "analysis/gateway_craft.hpp"
#include "decode/ip_layer.hpp"

namespace espdump {
namespace {

constexpr std::size_t most_sources = 1U << 20;  // of one SA
constexpr std::size_t most_sas = 64;            // that plants go to
constexpr std::size_t lead = 3;                 // good packets before the first plant, and behind the last
constexpr std::size_t apart = 2;                // good packets from one plant to the next
constexpr std::size_t widest_guess = 128;       // a window of a gateway that keeps more than its SAs say
constexpr std::int64_t pause = 100'000;         // nanoseconds: longer than a second capture of one packet takes

std::size_t sizes_of(const SecurityAssociation* sa, std::size_t& icv) {
  if (sa == nullptr) return 0;
  const AlgorithmUse& checked = sa->is_aead() ? sa->encryption : sa->integrity;
  icv = checked.icv_bits / 8;
  return sa->encryption.info != nullptr ? sa->encryption.info->iv : 0;
}

}  // namespace

// What must be stopped comes first: where packets are few, the rest is left out.
const std::vector<AttackMaker::Kind>& AttackMaker::kinds() {
  using C = AttackCraft;
  static const std::vector<Kind> all{
      {"flip-icv", false, false, false, false, 1, C::flip_icv},
      {"replay", false, false, false, false, 1, C::same},
      {"flip-ciphertext", false, false, false, false, 1, C::flip_ciphertext},
      {"far-ahead", false, false, false, false, 1, C::far_ahead},
      {"unknown-spi", false, false, false, false, 1, C::unknown_spi},
      {"old-replay", false, false, false, false, 2, C::same},
      {"stale", false, true, false, false, 2, C::same},
      {"flip-sequence", false, false, false, false, 1, C::flip_sequence},
      {"flip-iv", false, false, false, false, 1, C::flip_iv},
      {"flip-spi", false, false, false, false, 1, C::flip_spi},
      {"flip-trailer", false, false, false, false, 1, C::flip_trailer},
      {"truncate-icv", false, false, false, false, 1, C::truncate_icv},
      {"too-short", false, false, false, false, 1, C::too_short},
      {"extend", false, false, false, false, 1, C::extend},
      {"wrong-address", false, false, false, false, 1, C::wrong_address},
      {"number-zero", false, false, false, false, 1, C::number_zero},
      {"fragments-bad", false, false, false, true, 1, C::fragments_bad},
      {"fragments-overlap", false, false, false, true, 1, C::fragments_overlap},
      {"fragments-good", true, true, false, true, 1, C::fragments_good},
      {"reserved-spi", false, false, false, false, 1, C::reserved_spi},
      {"late", true, true, false, false, 3, C::same},
      {"udp-no-checksum", true, true, true, true, 1, C::no_checksum},
      {"keepalive", true, false, true, false, 1, C::keepalive},
  };
  return all;
}

// How many packets of the SA lie between a packet and the plant that is made of it.
std::size_t AttackMaker::distance_of(const Kind& kind, const Source& source) {
  const std::size_t window = std::max<std::size_t>(source.window, 1);
  if (kind.later == 2) return std::max(window, widest_guess) + 2;
  return kind.later == 3 ? 3 : 0;
}

void AttackMaker::learn(const Packet& packet, const Decoder& decoder) {
  ++learned_;
  if (packet.ipsec().empty()) return;
  const OpenRecord& record = packet.ipsec().front();
  const Layer& layer = packet.layers()[record.layer];
  const bool fresh = record.replay == ReplayVerdict::fresh;
  if (record.protocol != IpsecProtocol::esp || record.icv != IcvVerdict::ok || !fresh || layer.buffer != 0) return;
  const auto ip = find_ip_layer(packet, record.layer);
  if (!ip || packet.buffers()[0].bytes.size() < packet.wire_length || record.encapsulation == Encapsulation::tcp)
    return;
  const SecurityAssociation* sa = decoder.association(record.sa);
  const std::uint8_t* start = packet.buffers()[0].bytes.data();
  Source source;
  source.ordinal = learned_;
  source.ip = static_cast<std::size_t>(ip->headers.data() - start);
  source.esp = static_cast<std::size_t>(layer.header.data() - start);
  source.length = record.length;
  source.iv = sizes_of(sa, source.icv);
  source.spi = record.spi;
  source.window = sa == nullptr ? 0 : sa->replay_window;
  source.sequence = record.sequence;
  source.sa = record.sa;
  source.ipv4 = ip->source.is_v4();
  source.udp = record.encapsulation == Encapsulation::udp;
  auto& list = sources_[record.sa];
  if (list.size() >= most_sources) return;
  list.push_back(source);
  ++usable_;
}

void AttackMaker::plan() {
  std::size_t sa = 0, first_kind = 0;
  for (const auto& [number, sources] : sources_) {
    if (sa++ == most_sas) break;
    plan_for(sources, first_kind);
    first_kind += sources.size() / apart;
  }
  for (const Kind& kind : kinds())
    if (!done_[kind.name])
      skipped_.push_back({kind.name, kind.udp_only ? "no SA goes in UDP over IPv4, or its packets are too few"
                                     : kind.later == 2
                                         ? "no SA has enough packets: 140 and more, and more than its window"
                                         : "too few packets"});
  sources_.clear();
}

// Kinds go round: where one SA has no room for all, the next one takes the others first.
void AttackMaker::plan_for(const std::vector<Source>& sources, std::size_t first_kind) {
  const auto& all = kinds();
  if (sources.size() < 2 * lead + apart) return;
  const std::size_t room = (sources.size() - 2 * lead) / apart;
  const std::size_t step = std::max(apart, (sources.size() - 2 * lead) / (all.size() + 1));
  std::size_t at = lead;
  for (std::size_t n = 0, used = 0; n < all.size() && used < room; ++n) {
    const Kind& kind = all[(first_kind + n) % all.size()];
    const Source& source = sources[at];
    const std::size_t behind = at + distance_of(kind, source);
    const bool fits = behind + lead < sources.size() && source.length >= 8 + source.icv + 16;
    if (!fits || (kind.udp_only && !source.udp) || (kind.ipv4_only && !source.ipv4)) continue;
    // Two plants in one place would fight over it.
    if (held_.count(source.ordinal) != 0) continue;
    steps_[sources[behind].ordinal].push_back({&kind, source});
    if (kind.replaces) held_[source.ordinal] = true;
    if (behind != at) kept_[source.ordinal];
    done_[kind.name] = true;
    at += step;
    ++used;
    if (at + lead >= sources.size()) break;
  }
}

void AttackMaker::write(Timestamp time, const Bytes8& frame, const Emit& emit) {
  last_time_ = written_ == 0 ? time.nanoseconds : std::max(time.nanoseconds, last_time_ + 1);
  ++written_;
  emit(Timestamp{last_time_}, frame, frame.size());
}

void AttackMaker::plant(const Step& step, const Bytes8& frame, Timestamp time, const Emit& emit) {
  const Crafted crafted = step.kind->craft(step.source, frame);
  if (crafted.frames.empty()) return;
  const Source& source = step.source;
  planted_.push_back({step.kind->name, crafted.detail, step.kind->passes, written_ + 1, source.ordinal, source.sa,
                      source.spi, source.sequence});
  for (const Bytes8& one : crafted.frames) {
    const std::int64_t next = std::max(time.nanoseconds, last_time_) + (step.kind->replaces ? 0 : pause);
    write(Timestamp{next}, one, emit);
  }
}

void AttackMaker::make(const Frame& frame, const Emit& emit) {
  ++made_;
  const auto kept = kept_.find(made_);
  const auto steps = steps_.find(made_);
  const bool held = held_.count(made_) != 0;
  Bytes8 bytes;
  if (kept != kept_.end() || steps != steps_.end() || held) bytes.assign(frame.bytes.begin(), frame.bytes.end());
  if (kept != kept_.end()) kept->second = bytes;
  if (!held) {
    last_time_ = written_ == 0 ? frame.time.nanoseconds : std::max(frame.time.nanoseconds, last_time_ + 1);
    ++written_;
    emit(Timestamp{last_time_}, frame.bytes, frame.wire_length);
  }
  if (steps == steps_.end()) return;
  for (const Step& step : steps->second) {
    const auto source = kept_.find(step.source.ordinal);
    const bool here = step.source.ordinal == made_;
    if (!here && source == kept_.end()) continue;
    plant(step, here ? bytes : source->second, frame.time, emit);
    if (!here) kept_.erase(source);
  }
  steps_.erase(steps);
}

}  // namespace espdump
