// The TCP connections that carry ESP and IKE: RFC 9329. Which they are, and what they carry, in order.
// A connection is followed from its port or its first bytes on; until then a segment costs two comparisons.
#include "decode/tcp_encap.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "base/file_digest.hpp"

namespace espdump {
namespace {

constexpr std::uint16_t usual_port = 4500;  // RFC 9329 section 2
constexpr std::size_t most_learned = 1024;
constexpr std::uint32_t reserved_spis = 255;

bool begins_with_prefix(Bytes bytes) {
  return bytes.size() >= tcp_prefix.size() && std::equal(tcp_prefix.begin(), tcp_prefix.end(), bytes.begin());
}

}  // namespace

std::size_t TcpEncapsulation::Hash::operator()(const Key& key) const noexcept {
  std::array<std::uint8_t, 5 + 16> first{};
  write_u16(first, 0, key.ports[0]);
  write_u16(first, 2, key.ports[1]);
  first[4] = key.scope;
  const Bytes low = key.addresses[0].bytes();
  std::copy(low.begin(), low.end(), first.begin() + 5);
  return static_cast<std::size_t>(keyed_hash(first, key.addresses[1].bytes()));
}

TcpEncapsulation::TcpEncapsulation(const Keystore& store, const Limits& limits)
    : limits_(limits), ports_(store.tcp_encapsulation_ports()) {
  ports_.push_back(usual_port);
  std::sort(ports_.begin(), ports_.end());
  for (const SecurityAssociation& sa : store.associations())
    if (sa.protocol == IpsecProtocol::esp) spis_.push_back(sa.spi);
  std::sort(spis_.begin(), spis_.end());
  spis_.erase(std::unique(spis_.begin(), spis_.end()), spis_.end());
}

TcpEncapsulation::Key TcpEncapsulation::key_of(const TcpSegment& segment, std::size_t& sender) {
  const wire::Tcp& tcp = segment.header;
  const std::uint16_t from = tcp.source_port(), to = tcp.destination_port();
  sender = std::tie(segment.source, from) <= std::tie(segment.destination, to) ? 0 : 1;
  if (sender == 0) return {{segment.source, segment.destination}, {from, to}, segment.scope};
  return {{segment.destination, segment.source}, {to, from}, segment.scope};
}

bool TcpEncapsulation::is_known_port(const wire::Tcp& tcp) const {
  return std::binary_search(ports_.begin(), ports_.end(), tcp.destination_port()) ||
         std::binary_search(ports_.begin(), ports_.end(), tcp.source_port());
}

TcpEncapsulation::Outcome TcpEncapsulation::add(const TcpSegment& segment) {
  messages_.clear();
  runs_.clear();
  const wire::Tcp& tcp = segment.header;
  if (by_prefix_ == 0 && !is_known_port(tcp) && !begins_with_prefix(segment.payload)) return {};
  std::size_t sender = 0;
  Connection* connection = find(key_of(segment, sender), segment);
  if (connection == nullptr) return {};
  Direction& direction = connection->directions[sender];
  Direction& other = connection->directions[1 - sender];
  const std::size_t before = connection->bytes();
  const std::uint64_t gaps = direction.buffer.gaps();
  const bool ours = direction.has_messages();
  const std::optional<std::uint64_t> state = state_to_tell(*connection, sender);
  const StreamSegment piece{tcp.sequence(), segment.payload, segment.length, tcp.has(wire::Tcp::syn),
                            tcp.has(wire::Tcp::fin | wire::Tcp::rst)};
  const StreamBuffer::Outcome outcome = direction.buffer.add(piece, segment.time, runs_);
  if (outcome.anew) direction.read = direction.prefixed = false;
  if (tcp.has(wire::Tcp::ack)) other.buffer.acknowledge(tcp.acknowledgment());
  read(*connection, sender);
  if (ours) counters_.gaps += direction.buffer.gaps() - gaps;
  take_on(direction, state);
  bytes_ += connection->bytes() - before;
  make_room(segment.time);
  return {messages_, outcome.disagrees};
}

// The connection of a segment; one that may be of ours begins with its SYN or its first data.
TcpEncapsulation::Connection* TcpEncapsulation::find(const Key& key, const TcpSegment& segment) {
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    connections_.splice(connections_.end(), connections_, found->second);
    found->second->last = segment.time;
    return &*found->second;
  }
  const bool by_port = is_known_port(segment.header);
  if (!by_port && !begins_with_prefix(segment.payload)) return nullptr;
  if (segment.length == 0 && !segment.header.has(wire::Tcp::syn)) return nullptr;
  if (connections_.size() >= std::max<std::size_t>(limits_.connections, 1)) evict(connections_.begin());
  Direction fresh;
  fresh.buffer = StreamBuffer{limits_.stream};
  Connection& connection = connections_.emplace_back(Connection{key, {fresh, fresh}, segment.time, !by_port});
  by_key_.emplace(key, std::prev(connections_.end()));
  by_prefix_ += by_port ? 0 : 1;
  return &connection;
}

void TcpEncapsulation::read(Connection& connection, std::size_t sender) {
  if (runs_.empty()) return;
  Direction& direction = connection.directions[sender];
  const Direction& other = connection.directions[1 - sender];
  if (!direction.read) {
    // Only the initiator sends the prefix; once it has, its peer's first bytes are a message.
    using State = TcpFraming::State;
    const bool may_begin = begins_with_prefix(runs_.front().bytes) || direction.buffer.from_its_start();
    const bool answers = other.prefixed && direction.buffer.from_its_start();
    direction.framing.begin(answers ? State::messages : may_begin ? State::prefix : State::search);
    direction.read = true;
  }
  direction.framing.read(runs_, spis_, messages_);
  for (const TcpMessage& message : messages_)
    direction.prefixed = direction.prefixed || message.kind == TcpMessage::Kind::prefix;
  learn();
}

// An SPI seen in a message makes the next search surer.
void TcpEncapsulation::learn() {
  constexpr std::size_t length_size = 2, esp_header_size = 8;
  for (const TcpMessage& message : messages_) {
    if (message.kind != TcpMessage::Kind::message || message.bytes.size() < length_size + esp_header_size) continue;
    learn(read_u32(message.bytes, length_size));
  }
}

void TcpEncapsulation::learn(std::uint32_t spi) {
  const auto place = std::lower_bound(spis_.begin(), spis_.end(), spi);
  if (spi <= reserved_spis || (place != spis_.end() && *place == spi) || learned_ == most_learned) return;
  spis_.insert(place, spi);
  ++learned_;
}

// The segment's own connection is the last one: its bytes alone never exceed the limit.
void TcpEncapsulation::make_room(Timestamp now) {
  const auto idle = [&](const Connection& connection) {
    const auto passed =
        static_cast<std::uint64_t>(now.nanoseconds) - static_cast<std::uint64_t>(connection.last.nanoseconds);
    return connection.last < now && passed > static_cast<std::uint64_t>(limits_.idle);
  };
  while (connections_.size() > 1 && (bytes_ > limits_.bytes || idle(connections_.front()))) evict(connections_.begin());
}

void TcpEncapsulation::evict(Connections::iterator connection) {
  const auto& directions = connection->directions;
  const auto loses = [](const Direction& direction) {
    return !direction.taken_over && direction.has_messages() && direction.bytes() != 0;
  };
  if (std::any_of(directions.begin(), directions.end(), loses)) ++counters_.evicted;
  bytes_ -= connection->bytes();
  by_prefix_ -= connection->by_prefix ? 1 : 0;
  by_key_.erase(connection->key);
  connections_.erase(connection);
}

std::size_t TcpEncapsulation::waiting() const {
  std::size_t count = 0;
  for (const Connection& connection : connections_)
    for (const Direction& direction : connection.directions) count += direction.waits() ? 1 : 0;
  return count;
}

// The place in its numbers where bytes are missing, and what is there behind it, whatever process asks.
std::uint64_t TcpEncapsulation::state_of(const Key& key, std::size_t sender, const Direction& direction) {
  std::vector<std::uint8_t> all = direction.buffer.state();
  for (const IpAddress& address : key.addresses) all.insert(all.end(), address.bytes().begin(), address.bytes().end());
  const std::size_t end = all.size();
  all.resize(end + 6);
  write_u16(all, end, key.ports[0]);
  write_u16(all, end + 2, key.ports[1]);
  all[end + 4] = key.scope;
  all[end + 5] = static_cast<std::uint8_t>(sender);
  return lasting_hash(all);
}

std::optional<std::uint64_t> TcpEncapsulation::state_to_tell(Connection& connection, std::size_t sender) const {
  Direction& direction = connection.directions[sender];
  if (!direction.waits() || !taken_on_.wants(direction.taken_over)) return std::nullopt;
  const std::uint64_t changes = direction.buffer.changes();
  if (!direction.state || direction.state->first != changes)
    direction.state.emplace(changes, state_of(connection.key, sender, direction));
  return direction.state->second;
}

// After a segment that came in `state_before`, if that is to be told.
void TcpEncapsulation::take_on(Direction& direction, std::optional<std::uint64_t> state_before) {
  const bool changed = state_before && direction.state->first != direction.buffer.changes();
  if (changed) taken_on_.add(*state_before, direction.taken_over);
  if (changed || !direction.waits()) direction.taken_over = false;
}

void TcpEncapsulation::take_over(const TcpEncapsulation& before) {
  for (const std::uint32_t spi : before.spis_) learn(spi);
  for (const Connection& one : before.connections_) {
    const bool has_room = connections_.size() < limits_.connections && bytes_ + one.bytes() <= limits_.bytes;
    if (!has_room || by_key_.count(one.key) != 0) continue;
    connections_.push_back(one);
    for (Direction& direction : connections_.back().directions) direction.taken_over = true;
    by_key_.emplace(one.key, std::prev(connections_.end()));
    by_prefix_ += one.by_prefix ? 1 : 0;
    bytes_ += one.bytes();
  }
  connections_.sort([](const Connection& one, const Connection& other) { return one.last < other.last; });
}

std::size_t TcpEncapsulation::cost() const {
  constexpr std::size_t of_a_connection = sizeof(Connection) + 128;
  return bytes_ + connections_.size() * of_a_connection + spis_.size() * sizeof(std::uint32_t);
}

Unfinished TcpEncapsulation::unfinished() const {
  Unfinished out;
  out.given_up = counters_.gaps + counters_.evicted;
  out.taken_on = taken_on_.states();
  for (const Connection& connection : connections_)
    for (std::size_t sender = 0; sender < connection.directions.size(); ++sender) {
      const Direction& direction = connection.directions[sender];
      if (direction.waits() && !direction.taken_over) out.left.push_back(state_of(connection.key, sender, direction));
    }
  return out;
}

void TcpEncapsulation::count_anew() {
  counters_ = {};
  taken_on_.count_anew();
  for (Connection& connection : connections_)
    for (Direction& direction : connection.directions) direction.taken_over = true;
}

}  // namespace espdump
