// Which IKE SA a message is of, and which exchange; what an exchange does is in ike_effects.cpp.
#include "decode/ike_follower.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include <espdump/codes.hpp>
#include <espdump/wire/ikev2.hpp>
#include <espdump/wire/tcp.hpp>
#include <espdump/wire/udp.hpp>

#include "base/file_digest.hpp"
#include "base/packet_hash.hpp"
#include "decode/ike_contents.hpp"

namespace espdump {

struct IkeFollower::Arrived {
  explicit Arrived(wire::Ikev2 header) : ike(header) {}

  wire::Ikev2 ike;
  Bytes bytes;        // the message as far as captured
  bool whole = true;  // not cut by the snap length
  std::size_t length = 0;
  IpAddress source, destination;
  std::uint16_t source_port = 0, destination_port = 0;
  Sighting sighting;
  const Layer* sealed = nullptr;
  IkeRecord record;

  [[nodiscard]] IkeMessage facts() const;
  void count_in(IkeSa& sa) const;
};

namespace {

constexpr std::size_t first_exchanges_kept = 8, most_exchanges = 512;

std::pair<std::uint16_t, std::uint16_t> ports_around(const Packet& packet, LayerIndex layer) {
  for (LayerIndex at = packet.layers()[layer].outer; at != no_layer; at = packet.layers()[at].outer) {
    const Layer& outer = packet.layers()[at];
    if (outer.is(ProtocolKind::udp))
      if (const auto udp = wire::Udp::from(outer.header)) return {udp->source_port(), udp->destination_port()};
    if (outer.is(ProtocolKind::tcp))
      if (const auto tcp = wire::Tcp::from(outer.header)) return {tcp->source_port(), tcp->destination_port()};
  }
  return {};
}

std::size_t offset_in(Bytes whole, Bytes part) { return static_cast<std::size_t>(part.data() - whole.data()); }

IkeExchange* exchange_of(IkeSa& sa, const IkeRecord& record) {
  const bool begun_by_initiator = record.from_initiator != record.response;
  for (auto exchange = sa.exchanges.rbegin(); exchange != sa.exchanges.rend(); ++exchange)
    if (exchange->message_id == record.message_id && exchange->type == record.exchange &&
        exchange->from_initiator == begun_by_initiator)
      return &*exchange;
  return nullptr;
}

IkeExchange& add_exchange(IkeSa& sa, const IkeRecord& record) {
  if (sa.exchanges.size() == most_exchanges) {
    sa.exchanges.erase(sa.exchanges.begin() + first_exchanges_kept);
    ++sa.dropped_exchanges;
  }
  IkeExchange& made = sa.exchanges.emplace_back();
  made.type = record.exchange;
  made.message_id = record.message_id;
  made.from_initiator = record.from_initiator != record.response;
  return made;
}

bool is_encrypted(std::uint8_t payload) {
  return payload == wire::ike_payload::encrypted || payload == wire::ike_payload::encrypted_fragment;
}

// The exchange that a message not seen before belongs to. A request that differs from the one before it under the same
// number is another try (IKE_SA_INIT with a cookie or another group); a fragment goes to the message it is of.
IkeExchange& place(IkeSa& sa, const IkeRecord& record) {
  IkeExchange* exchange = exchange_of(sa, record);
  if (exchange == nullptr) return add_exchange(sa, record);
  const std::optional<IkeMessage>& there = record.response ? exchange->response : exchange->request;
  const bool same_message = there && record.fragments != 0 && there->fragments != 0;
  return there && !same_message ? add_exchange(sa, record) : *exchange;
}

// The requests that a message is one of, or answers.
IkeRequests& requests_of(IkeSa& sa, const IkeRecord& record) {
  return record.from_initiator != record.response ? sa.by_initiator : sa.by_responder;
}

void count_repeat(IkeSa& sa, const IkeRecord& record, std::int64_t time) {
  if (record.fragment > 1) return;  // the message counts, not each piece
  ++sa.retransmissions;
  if (!record.response) ++requests_of(sa, record).sent_again;
  IkeExchange* exchange = exchange_of(sa, record);
  if (exchange == nullptr) return;
  std::optional<IkeMessage>& message = record.response ? exchange->response : exchange->request;
  if (!message) return;
  ++message->sent;
  message->last_time.nanoseconds = time;
}

// IKE_SA_INIT tried anew has the same number again.
void count_request(IkeRequests& requests, std::uint32_t id) {
  const bool first = requests.count++ == 0;
  if (first || id > requests.last_id) {
    requests.missing += first ? 0 : id - requests.last_id - 1;
    requests.last_id = id;
  } else if (id < requests.last_id && requests.missing != 0) {
    --requests.missing;
  }
}

// Requests that had been sent before this one's answer came were under way together with it.
void count_answer(const IkeSa& sa, IkeRequests& requests, const IkeExchange& answered) {
  ++requests.answered;
  std::uint32_t at_once = 1;
  for (auto it = sa.exchanges.rbegin(); it != sa.exchanges.rend() && &*it != &answered; ++it)
    if (it->from_initiator == answered.from_initiator && it->request && it->message_id > answered.message_id) ++at_once;
  requests.at_once = std::max(requests.at_once, at_once);
}

// Another responder SPI than the one at hand is believed only while nothing but IKE_SA_INIT was seen: an initiator that
// tries again may get another one, a forged answer must not take over an IKE SA.
bool is_open_to_answers(const IkeSa& sa, std::uint64_t responder_spi) {
  return sa.responder_spi == 0 || sa.responder_spi == responder_spi ||
         std::all_of(sa.exchanges.begin(), sa.exchanges.end(),
                     [](const IkeExchange& exchange) { return exchange.type == wire::ike_exchange::ike_sa_init; });
}

IkeContents contents_noted(const IkeMessageRecord* noted) { return noted == nullptr ? IkeContents{} : noted->contents; }

// Nonces make keys, and nobody asks for more than their size.
void note_message(Recorder& recorder, const IkeRecord& record, const std::optional<IkeFollower::Opened>& opened,
                  const IkeContents& contents) {
  IkeMessageRecord& out = *recorder.ike();
  out.sealed = record.sealed;
  out.opened = opened.has_value();
  if (opened) {
    out.first = opened->first;
    out.size = opened->payloads.size();
    out.origin = opened->origin;
  }
  out.contents = contents;
  std::fill(out.contents.nonce.begin(), out.contents.nonce.end(), std::uint8_t{0});
}

}  // namespace

IkeMessage IkeFollower::Arrived::facts() const {
  IkeMessage out;
  out.frame = sighting.frame;
  out.file = sighting.file;
  out.time.nanoseconds = sighting.time;
  out.source = source;
  out.destination = destination;
  out.source_port = source_port;
  out.destination_port = destination_port;
  out.length = length;
  out.fragments = record.fragments;
  return out;
}

void IkeFollower::Arrived::count_in(IkeSa& sa) const {
  if (sa.messages++ == 0) {
    sa.first_frame = sighting.frame;
    sa.first_file = sighting.file;
    sa.first_time.nanoseconds = sighting.time;
  }
  sa.last_frame = sighting.frame;
  sa.last_time.nanoseconds = sighting.time;
  sa.unreadable += record.sealed == IkeSealed::cleartext || record.sealed == IkeSealed::opened ? 0 : 1;
  sa.refused += record.sealed == IkeSealed::bad_icv ? 1 : 0;
  const bool from_initiator = record.major_version == 1 ? source == sa.initiator : record.from_initiator;
  (from_initiator ? sa.initiator : sa.responder) = source;
  (from_initiator ? sa.responder : sa.initiator) = destination;
  (from_initiator ? sa.initiator_port : sa.responder_port) = source_port;
  (from_initiator ? sa.responder_port : sa.initiator_port) = destination_port;
}

IkeFollower::Arrived IkeFollower::arrived(const Packet& packet, LayerIndex header, LayerIndex sealed,
                                          const IpLayer& outer) const {
  const Layer& layer = packet.layers()[header];
  Arrived out(wire::Ikev2::over(layer.header));
  out.bytes = whole_layer(packet, layer);
  out.length = layer.header.size() + layer.payload_claimed;
  out.whole = !layer.cut();
  out.source = outer.source;
  out.destination = outer.destination;
  std::tie(out.source_port, out.destination_port) = ports_around(packet, header);
  out.sighting = sighting_of(packet, outer, out.bytes, out.length, 0);
  IkeRecord& record = out.record;
  record.layer = header;
  record.initiator_spi = out.ike.initiator_spi();
  record.responder_spi = out.ike.responder_spi();
  record.major_version = out.ike.major_version();
  record.exchange = out.ike.exchange();
  record.message_id = out.ike.message_id();
  record.from_initiator = out.ike.is_initiator();
  record.response = out.ike.is_response();
  if (sealed == no_layer) return out;
  out.sealed = &packet.layers()[sealed];
  if (out.sealed->header.size() == 8) {
    record.fragment = read_u16(out.sealed->header, 4);
    record.fragments = read_u16(out.sealed->header, 6);
  }
  return out;
}

// --- which IKE SA ---------------------------------------------------------------------------------------------------

// The SA whose request this answers, while its responder has no SPI yet, or gave another one to an earlier try.
FollowedIkeSa* IkeFollower::answered(const Arrived& message) {
  const bool may_answer = message.record.response || message.record.major_version == 1;  // which has no such flag
  const auto found = unanswered_.find({message.record.initiator_spi, message.destination});
  if (found == unanswered_.end() || !may_answer) return nullptr;
  const auto sa = sas_.find(found->second);
  if (sa == sas_.end()) return nullptr;
  if (message.record.responder_spi != 0) {
    if (!is_open_to_answers(sa->second.facts, message.record.responder_spi)) return nullptr;
    sa->second.facts.responder_spi = message.record.responder_spi;
    by_spis_[{message.record.initiator_spi, message.record.responder_spi}] = found->second;
  }
  return &sa->second;
}

FollowedIkeSa* IkeFollower::sa_of(const Arrived& message) {
  const IkeRecord& record = message.record;
  if (const auto found = by_spis_.find({record.initiator_spi, record.responder_spi});
      found != by_spis_.end() && record.responder_spi != 0)
    if (const auto sa = sas_.find(found->second); sa != sas_.end()) return &sa->second;
  if (FollowedIkeSa* sa = answered(message)) return sa;
  if (record.responder_spi == 0) {
    const IpAddress& initiator = record.response ? message.destination : message.source;
    if (const auto found = unanswered_.find({record.initiator_spi, initiator}); found != unanswered_.end())
      if (const auto sa = sas_.find(found->second); sa != sas_.end()) return &sa->second;
  }
  return make(message);
}

// The oldest SA that nobody answered goes first: a flood of requests must not keep real ones from being followed.
bool IkeFollower::make_room() {
  if (sas_.size() < most_sas) return true;
  for (; !calling_.empty(); calling_.pop_front()) {
    const auto oldest = sas_.find(calling_.front());
    if (oldest == sas_.end()) continue;
    const IkeSa& facts = oldest->second.facts;
    if (facts.state != IkeState::half_open || facts.responder_spi != 0) continue;
    untracked_ += facts.messages;
    unanswered_.erase({facts.initiator_spi, facts.initiator});
    sas_.erase(oldest);
    calling_.pop_front();
    return true;
  }
  return false;
}

std::uint64_t IkeFollower::given_up() const {
  std::uint64_t out = 0;
  for (const auto& [number, sa] : sas_) out += sa.fragments.given_up();
  return out;
}

std::size_t IkeFollower::InitiatorHash::operator()(const Initiator& it) const noexcept {
  std::array<std::uint8_t, 8> spi{};
  write_u32(spi, 0, static_cast<std::uint32_t>(it.spi >> 32));
  write_u32(spi, 4, static_cast<std::uint32_t>(it.spi));
  return hosts_hash(it.address, IpAddress{}, spi);
}

FollowedIkeSa* IkeFollower::make(const Arrived& message) {
  if (!make_room()) return nullptr;
  const IkeRecord& record = message.record;
  const IkeSaNumber number = ++last_;
  FollowedIkeSa& sa = sas_[number];
  sa.facts.number = number;
  sa.facts.initiator_spi = record.initiator_spi;
  sa.facts.responder_spi = record.responder_spi;
  sa.facts.major_version = record.major_version;
  // IKEv1 does not say who began; the first message seen is taken for one of the initiator.
  const bool from_initiator = record.major_version == 1 || record.from_initiator;
  sa.facts.initiator = from_initiator ? message.source : message.destination;
  if (record.responder_spi == 0 || record.exchange == wire::ike_exchange::ike_sa_init)
    unanswered_[{record.initiator_spi, sa.facts.initiator}] = number;
  if (record.responder_spi == 0) {
    calling_.push_back(number);
  } else {
    by_spis_[{record.initiator_spi, record.responder_spi}] = number;
    sa.keyring.name(record.initiator_spi, record.responder_spi, source_);
  }
  return &sa;
}

// --- one message ----------------------------------------------------------------------------------------------------

std::optional<IkeFollower::Opened> IkeFollower::open(FollowedIkeSa& sa, Arrived& message, Packet& packet) {
  if (message.sealed == nullptr) return std::nullopt;
  message.record.sealed = IkeSealed::unusable;
  if (!message.whole || message.sealed->malformed) return std::nullopt;
  message.record.sealed = IkeSealed::no_key;
  if (source_.empty()) return std::nullopt;
  const Bytes body = message.sealed->payload;
  const Bytes covered =
      message.bytes.first(offset_in(message.bytes, message.sealed->header) + message.sealed->header.size());
  const bool had_keys = sa.keyring.has_any();
  const auto plaintext =
      sa.keyring.open(message.record.from_initiator, covered, body, packet.allocate(body.size()), source_);
  if (!plaintext) {
    if (had_keys) message.record.sealed = IkeSealed::bad_icv;
    return std::nullopt;
  }
  message.record.sealed = IkeSealed::opened;
  sa.facts.has_keys = true;
  const std::uint8_t first = message.sealed->header[0];
  const IkeRecord& record = message.record;
  if (record.fragments == 0) return Opened{first, *plaintext, Origin::decrypted};
  const auto whole = sa.fragments.add({record.message_id, record.response, record.from_initiator, record.fragment,
                                       record.fragments, first, *plaintext});
  if (!whole) return std::nullopt;
  const MutableBytes kept = packet.allocate(whole->payloads.size());
  std::copy(whole->payloads.begin(), whole->payloads.end(), kept.begin());
  return Opened{whole->first_payload, kept, Origin::ike_fragments};
}

IkeContents IkeFollower::contents_of(const Arrived& message, const std::optional<Opened>& opened) {
  IkeContents out;
  if (message.record.major_version == 1) return out;
  read_ike_contents(message.ike.next_payload(), message.bytes.subspan(wire::Ikev2::size), out);
  if (!opened) return out;
  std::erase_if(out.payloads, is_encrypted);  // it is open
  read_ike_contents(opened->first, opened->payloads, out);
  return out;
}

// Puts a message that was not seen before into its exchange, and lets it take effect once it is whole.
void IkeFollower::note(FollowedIkeSa& sa, Arrived& message, const std::optional<Opened>& opened, IkeContents contents) {
  IkeRecord& record = message.record;
  IkeExchange& exchange = place(sa.facts, record);
  std::optional<IkeMessage>& slot = record.response ? exchange.response : exchange.request;
  const bool first = !slot;
  if (first) slot.emplace(message.facts());
  slot->last_time.nanoseconds = message.sighting.time;
  slot->sealed = record.sealed;
  if (message.sealed != nullptr) slot->sealed_length += message.sealed->payload_claimed;
  if (record.fragments != 0) ++slot->fragments_seen;
  if (first || opened) slot->contents = std::move(contents);
  if (first && !record.response) count_request(requests_of(sa.facts, record), record.message_id);
  if (first && record.response && exchange.request) count_answer(sa.facts, requests_of(sa.facts, record), exchange);
  const bool whole = record.fragments == 0 || opened || slot->fragments_seen == slot->fragments;
  if (first && record.response) note_beginning(sa, exchange);
  record.completes = record.response && whole;
  const bool unjoined = record.fragments != 0 && whole && !opened && record.sealed == IkeSealed::opened;
  if (tape_.replayer && unjoined) ++torn_;
  if (!whole) return;
  if (record.sealed == IkeSealed::cleartext || opened)
    take_effect(sa, exchange, record.response);
  else
    conclude(sa.facts, exchange, record.response);
}

// Whether what keys follow from was seen before this response: its request, and what began the IKE SA.
void IkeFollower::note_beginning(const FollowedIkeSa& sa, const IkeExchange& exchange) {
  const bool gives_keys =
      exchange.type == wire::ike_exchange::ike_auth || exchange.type == wire::ike_exchange::create_child_sa;
  const bool lacks = !exchange.request || sa.initiator_nonce.empty() || sa.responder_nonce.empty();
  if (tape_.recorder && tape_.recorder->ike()) tape_.recorder->ike()->lacks_beginning = gives_keys && lacks;
  if (tape_.replayer && tape_.replayer->ike() && tape_.replayer->ike()->lacks_beginning && !lacks) ++torn_;
}

std::optional<IkeFollower::Opened> IkeFollower::replay(FollowedIkeSa& sa, Arrived& message, Packet& packet) const {
  const IkeMessageRecord* noted = tape_.replayer->ike();
  if (noted == nullptr) return std::nullopt;
  message.record.sealed = noted->sealed;
  sa.facts.has_keys = sa.facts.has_keys || noted->sealed == IkeSealed::opened;
  if (!noted->opened) return std::nullopt;
  const MutableBytes payloads = packet.allocate(noted->size);
  fill(payloads, {});
  return Opened{noted->first, payloads, noted->origin};
}

std::optional<IkeFollower::Opened> IkeFollower::follow(Packet& packet, LayerIndex header, LayerIndex sealed,
                                                       const IpLayer& outer) {
  Arrived message = arrived(packet, header, sealed, outer);
  const IkeMessageRecord* noted = tape_.replayer ? tape_.replayer->ike() : nullptr;
  if (tape_.replayer) message.sighting.digest = noted == nullptr ? 0 : noted->digest;
  if (tape_.recorder) tape_.recorder->begin_ike(lasting_hash(message.bytes));
  IkeRecord& record = message.record;
  std::optional<Opened> opened;
  if (FollowedIkeSa* sa = sa_of(message)) {
    record.sa = sa->facts.number;
    record.copy = sa->log.find_copied(message.sighting) != nullptr;
    opened = tape_.replayer ? replay(*sa, message, packet) : open(*sa, message, packet);
    IkeContents contents = tape_.replayer ? contents_noted(noted) : contents_of(message, opened);
    if (tape_.recorder) note_message(*tape_.recorder, record, opened, contents);
    record.payloads = contents.payloads;
    for (const IkeNotice& notice : contents.notices) record.notifies.push_back(notice.type);
    if (!record.copy) meet(*sa, message, opened, std::move(contents));
    if (tape_.recorder) tape_.recorder->end_ike();
  } else {
    ++untracked_;
    if (sealed != no_layer) record.sealed = IkeSealed::no_key;
  }
  packet.reassembled = packet.reassembled || (opened && opened->origin == Origin::ike_fragments);
  packet.ike().push_back(std::move(record));
  return opened;
}

// A message that no earlier frame of the capture shows.
void IkeFollower::meet(FollowedIkeSa& sa, Arrived& message, const std::optional<Opened>& opened, IkeContents contents) {
  message.count_in(sa.facts);
  const Sighting* before = sa.log.find_same(message.sighting.digest);
  if (before != nullptr) {
    message.record.repeats = before->frame;
    message.record.repeats_file = before->file;
  }
  sa.log.remember(message.sighting);
  if (before != nullptr) return count_repeat(sa.facts, message.record, message.sighting.time);
  if (sa.facts.major_version != 1) return note(sa, message, opened, std::move(contents));
  constexpr std::uint8_t quick_mode = 32;  // RFC 2409 section 5.5: comes after the IKE SA
  if (message.record.exchange == quick_mode) sa.facts.state = IkeState::established;
}

std::vector<const IkeSa*> IkeFollower::all() const {
  std::vector<const IkeSa*> out;
  for (const auto& [number, sa] : sas_) out.push_back(&sa.facts);
  return out;
}

const IkeSa* IkeFollower::find(IkeSaNumber number) const noexcept {
  const auto found = sas_.find(number);
  return found == sas_.end() ? nullptr : &found->second.facts;
}

}  // namespace espdump
