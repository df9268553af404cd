// Looking up flows, and the SAs that a flow may belong to.
#include "decode/flow.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/packet_hash.hpp"
#include "base/prefetch.hpp"

namespace espdump {

std::size_t FlowKeyHash::operator()(const FlowKey& key) const noexcept {
  std::array<std::uint8_t, 6> rest{};
  write_u32(rest, 0, key.spi);
  rest[4] = static_cast<std::uint8_t>(key.protocol);
  rest[5] = static_cast<std::uint8_t>(key.destination.family());
  return hosts_hash(key.source, key.destination, rest);
}

void Candidate::prepare(Openers& openers) {
  if (prepared) return;
  prepared = true;
  auto made = openers.of(*association);
  error = made ? (*made)->shortcoming() : made.error().text;
  if (!made) return;
  opener = std::move(*made);
  can_open = opener->can_open();
}

void Candidate::tell_shortcoming() {
  if (opener != nullptr) error = opener->shortcoming();
  if (session == nullptr) return;
  session->counts.key_error = error;
  session->counts.can_verify = opener != nullptr && opener->can_verify();
  session->counts.can_decrypt = opener != nullptr && opener->can_open();
}

std::optional<std::size_t> Flow::current_index() const {
  if (current == nullptr) return std::nullopt;
  return static_cast<std::size_t>(current - candidates.data());
}

const Session* Flow::latest_session() const {
  if (current != nullptr) return current->session;
  for (const Candidate& candidate : candidates)
    if (candidate.session != nullptr) return candidate.session;
  return unknown;
}

void FlowTable::add_candidate(Flow& flow, const SecurityAssociation& sa, bool by_spi_alone) {
  const SecurityAssociation& best = learned_.instead_of(sa);
  const bool known = std::any_of(flow.candidates.begin(), flow.candidates.end(),
                                 [&](const Candidate& candidate) { return candidate.association == &best; });
  if (known || flow.candidates.size() == most_candidates) return;
  flow.prepared = false;
  Candidate& candidate = flow.candidates.emplace_back();
  candidate.association = &best;
  candidate.by_spi_alone = by_spi_alone;
}

void FlowTable::add_candidates(Flow& flow, std::span<const std::uint32_t> indices, bool by_spi_alone) {
  for (const std::uint32_t index : indices) {
    if (flow.candidates.size() == most_candidates) break;
    add_candidate(flow, keystore_.associations()[index], by_spi_alone);
  }
}

void FlowTable::learn(SecurityAssociation sa) {
  const SecurityAssociation* made = learned_.add(std::move(sa), keystore_);
  if (made == nullptr) return;
  // Packets may have come before the exchange was complete.
  const auto [first, last] = by_spi_.equal_range(made->spi);
  for (auto it = first; it != last; ++it)
    if (it->second->key.protocol == made->protocol) reconsider(*it->second, *made);
}

// An SA that packets were counted on already stays as it is.
void FlowTable::reconsider(Flow& flow, const SecurityAssociation& made) {
  for (Candidate& candidate : flow.candidates)
    if (&learned_.instead_of(*candidate.association) == &made) {
      if (candidate.session == nullptr) {
        const bool by_spi_alone = candidate.by_spi_alone;
        flow.prepared = false;
        candidate = {};
        candidate.association = &made;
        candidate.by_spi_alone = by_spi_alone;
      }
      return;
    }
  const std::optional<std::size_t> current = flow.current_index();
  add_candidate(flow, made, made.destination != flow.key.destination);
  if (current) flow.current = &flow.candidates[*current];
  if (unknown_flows_ != 0 && flow.candidates.size() == 1) --unknown_flows_;
}

// That of the flow with this key, or the empty one where it goes.
std::size_t FlowTable::slot_of(const FlowKey& key, std::uint64_t hash) const {
  const std::size_t mask = slots_.size() - 1;
  const auto tag = static_cast<std::uint32_t>(hash >> 32);
  std::size_t at = static_cast<std::size_t>(hash) & mask;
  while (slots_[at].flow != 0 && !(slots_[at].tag == tag && flows_[slots_[at].flow - 1].key == key))
    at = (at + 1) & mask;
  return at;
}

void FlowTable::widen() {
  slots_.assign(std::max<std::size_t>(64, slots_.size() * 2), Slot{});
  for (std::size_t index = 0; index < flows_.size(); ++index) {
    const std::uint64_t hash = FlowKeyHash{}(flows_[index].key);
    slots_[slot_of(flows_[index].key, hash)] = {static_cast<std::uint32_t>(hash >> 32),
                                                static_cast<std::uint32_t>(index + 1)};
  }
}

Flow& FlowTable::keep(const FlowKey& key, std::uint64_t hash) {
  if (flows_.size() * 2 >= slots_.size()) widen();
  Flow& flow = flows_.emplace_back();
  flow.key = key;
  slots_[slot_of(key, hash)] = {static_cast<std::uint32_t>(hash >> 32), static_cast<std::uint32_t>(flows_.size())};
  by_spi_.emplace(key.spi, &flow);
  return flow;
}

Flow* FlowTable::find(const FlowKey& key) {
  Flow*& recent = this->recent(key);
  if (recent != nullptr && recent->key == key) return recent;
  const std::uint64_t hash = FlowKeyHash{}(key);
  if (!slots_.empty())
    if (const Slot slot = slots_[slot_of(key, hash)]; slot.flow != 0) return recent = &flows_[slot.flow - 1];
  Flow made;
  made.key = key;
  for (const SecurityAssociation* sa : learned_.find(key.protocol, key.spi))
    add_candidate(made, *sa, sa->destination != key.destination);
  add_candidates(made, keystore_.find(key.destination, key.protocol, key.spi), false);
  const std::span<const std::uint32_t> alike = keystore_.find(key.protocol, key.spi);
  add_candidates(made, alike, true);
  if (alike.size() > most_candidates) untried_ = std::max<std::uint64_t>(untried_, alike.size() - most_candidates);
  for (const std::uint32_t index : keystore_.find_wildcards(key.source, key.destination, key.protocol, key.spi)) {
    const bool any_spi = keystore_.associations()[index].wildcards->spi_mask != 0xffffffff;
    add_candidates(made, {&index, 1}, any_spi);
  }
  const bool full = made.candidates.empty() ? unknown_flows_ >= most_unknown_flows
                                            : flows_.size() - unknown_flows_ >= most_known_flows();
  if (full) {
    ++untracked_;
    return nullptr;
  }
  if (made.candidates.empty()) ++unknown_flows_;
  recent = &keep(key, hash);
  recent->candidates = std::move(made.candidates);
  return recent;
}

// Stage by stage, so that the waits of all packets pass side by side.
void FlowTable::expect(std::span<Coming> coming) noexcept {
  constexpr std::size_t most = 32, most_of_an_opener = 512;
  if (slots_.empty()) return;
  coming = coming.first(std::min(coming.size(), most));
  const std::size_t mask = slots_.size() - 1;
  std::array<std::uint64_t, most> hashes;
  std::array<Flow*, most> flows;
  for (std::size_t i = 0; i < coming.size(); ++i) {
    hashes[i] = FlowKeyHash{}(coming[i].key);
    prefetch(&slots_[static_cast<std::size_t>(hashes[i]) & mask], sizeof(Slot));
  }
  for (std::size_t i = 0; i < coming.size(); ++i) {
    std::size_t at = static_cast<std::size_t>(hashes[i]) & mask;
    while (slots_[at].flow != 0 && slots_[at].tag != static_cast<std::uint32_t>(hashes[i] >> 32)) at = (at + 1) & mask;
    flows[i] = slots_[at].flow == 0 ? nullptr : &flows_[slots_[at].flow - 1];
    if (flows[i] == nullptr) continue;
    prefetch(flows[i], sizeof(Flow));
    recent(coming[i].key) = flows[i];
  }
  for (std::size_t i = 0; i < coming.size(); ++i) {
    if (flows[i] == nullptr) continue;
    flows[i]->sightings.expect(coming[i].low);
    coming[i].current = flows[i]->current;
    if (flows[i]->current != nullptr) prefetch(flows[i]->current, sizeof(Candidate));
  }
  for (std::size_t i = 0; i < coming.size(); ++i) {
    const Candidate* current = coming[i].current;
    if (current == nullptr) continue;
    if (current->opener != nullptr) prefetch(current->opener.get(), most_of_an_opener);
    if (current->session != nullptr) prefetch(current->session, sizeof(Session));
    prefetch(current->association, sizeof(SecurityAssociation));
  }
  for (std::size_t i = 0; i < coming.size(); ++i) {
    const Candidate* current = coming[i].current;
    if (current == nullptr) continue;
    if (current->opener != nullptr) current->opener->expect();
    if (current->session != nullptr) current->session->expect(coming[i].low);
  }
}

const Flow* FlowTable::peek(const FlowKey& key) const {
  if (slots_.empty()) return nullptr;
  const Slot slot = slots_[slot_of(key, FlowKeyHash{}(key))];
  return slot.flow == 0 ? nullptr : &flows_[slot.flow - 1];
}

// An SA has one flow, a few where NAT or mobility changes its addresses; forged sources must not make more.
std::size_t FlowTable::most_known_flows() const {
  return 4096 + 4 * (keystore_.associations().size() + learned_.size());
}

Session& FlowTable::new_session(const Flow& flow, const SecurityAssociation* association) {
  Session& session = sessions_.emplace_back(static_cast<SaNumber>(sessions_.size() + 1), association);
  numbered_.push_back(&session);
  session.counts.source = flow.key.source;
  session.counts.destination = flow.key.destination;
  session.counts.protocol = flow.key.protocol;
  session.counts.spi = flow.key.spi;
  return session;
}

Session& FlowTable::session_of(Flow& flow, Candidate& candidate) {
  if (candidate.session != nullptr) return *candidate.session;
  candidate.session = &new_session(flow, candidate.association);
  candidate.session->counts.nat = candidate.by_spi_alone && !candidate.association->wildcards;
  candidate.session->counts.mode = candidate.association->mode;
  candidate.tell_shortcoming();
  return *candidate.session;
}

Session& FlowTable::unknown_session_of(Flow& flow) {
  if (flow.unknown == nullptr) flow.unknown = &new_session(flow, nullptr);
  return *flow.unknown;
}

}  // namespace espdump
