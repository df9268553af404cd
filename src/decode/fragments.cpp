// One reassembler for IPv4 and IPv6 fragments: RFC 791, RFC 8200 section 4.5, RFC 5722 for overlaps.
// Stored parts never overlap: of a later piece only what fills a gap is kept.
#include "decode/fragments.hpp"

#include <algorithm>
#include <array>

#include "base/checksum.hpp"
#include "base/file_digest.hpp"

namespace espdump {
namespace {

constexpr std::size_t largest_packet = 65'535;
constexpr std::size_t part_cost = 96;  // of keeping a part, besides its bytes
constexpr std::size_t most_finished = 256;
constexpr std::size_t most_given_up = 256;

// What makes a piece an exact repetition of another.
std::uint64_t mark_of(const FragmentPiece& piece) {
  std::array<std::uint8_t, 9> place{};
  write_u32(place, 0, static_cast<std::uint32_t>(piece.offset));
  write_u32(place, 4, static_cast<std::uint32_t>(piece.payload.size()));
  place[8] = piece.more ? 1 : 0;
  return keyed_hash(place, piece.payload);
}

// Where the header chain of an IPv6 packet names the fragment header; 0 where it does not.
std::size_t fragment_header_named_at(Bytes header) {
  constexpr std::uint8_t fragment = 44;
  std::size_t at = 6, next = 40;
  while (at < header.size()) {
    if (header[at] == fragment) return at;
    if (next + 2 > header.size()) return 0;
    at = next;
    next += (header[next + 1] + std::size_t{1}) * 8;
  }
  return 0;
}

// False where the packet is longer than its length field can say.
bool set_right_v4(MutableBytes packet, std::size_t header_size) {
  constexpr std::uint16_t dont_fragment = 0x4000;
  if (packet.size() > largest_packet) return false;
  write_u16(packet, 2, static_cast<std::uint16_t>(packet.size()));
  write_u16(packet, 6, read_u16(packet, 6) & dont_fragment);
  write_u16(packet, 10, 0);
  write_u16(packet, 10, internet_checksum(packet.first(header_size)));
  return true;
}

bool set_right_v6(MutableBytes packet, std::size_t header_size, std::uint8_t next_header) {
  if (packet.size() - 40 > largest_packet) return false;
  write_u16(packet, 4, static_cast<std::uint16_t>(packet.size() - 40));
  if (const std::size_t at = fragment_header_named_at(packet.first(header_size)); at != 0) packet[at] = next_header;
  return true;
}

bool set_right(MutableBytes packet, std::size_t header_size, std::uint8_t next_header) {
  if (header_size >= 20 && packet[0] >> 4 == 4) return set_right_v4(packet, header_size);
  return header_size < 40 || set_right_v6(packet, header_size, next_header);
}

}  // namespace

std::size_t FragmentReassembler::Hash::operator()(const FragmentKey& key) const noexcept {
  std::array<std::uint8_t, 8> rest{};
  write_u32(rest, 0, key.id);
  rest[4] = key.protocol;
  rest[5] = key.scope;
  std::array<std::uint8_t, 40> all{};
  const auto middle = std::copy(rest.begin(), rest.end(), all.begin());
  const Bytes source = key.source.bytes(), destination = key.destination.bytes();
  std::copy(destination.begin(), destination.end(), std::copy(source.begin(), source.end(), middle));
  return static_cast<std::size_t>(keyed_hash(all));
}

FragmentReassembler::Outcome FragmentReassembler::add(const FragmentKey& key, const FragmentPiece& piece,
                                                      FrameNumber frame, Timestamp time) {
  evict_old(time);
  if (piece.offset == 0 && !piece.more && !piece.cut) return pass_atomic(piece, frame);
  Datagram& datagram = find_or_start(key, frame, time);
  Outcome outcome;
  outcome.first_frame = datagram.first_frame;
  const std::optional<std::uint64_t> state = state_to_tell(datagram);
  if (piece.cut && !datagram.given_up) {
    datagram.cut = true;
    give_up(datagram);
    take_on(datagram, state);
  }
  if (const Refusal refusal = reason_to_refuse(datagram, piece); refusal != Refusal::none) {
    if (datagram.marks.empty() && !datagram.given_up) drop(by_key_.at(key));
    return refuse(outcome, refusal);
  }
  const std::uint64_t mark = mark_of(piece);
  const bool repeated = came_before(key, mark);
  outcome.kind = place(datagram, piece);
  if (outcome.kind != Kind::duplicate) {
    datagram.marks.push_back(mark);
    datagram.repeated = datagram.repeated && repeated;
    take_on(datagram, state);
  }
  if (!make_room(datagram)) return refuse(outcome, Refusal::too_many);
  return finish(datagram, outcome);
}

// RFC 6946: a fragment that is the whole datagram has nothing to do with others of its key.
FragmentReassembler::Outcome FragmentReassembler::pass_atomic(const FragmentPiece& piece, FrameNumber frame) {
  Outcome outcome;
  outcome.first_frame = frame;
  outcome.pieces = 1;
  joined_.assign(piece.header.begin(), piece.header.end());
  joined_.insert(joined_.end(), piece.payload.begin(), piece.payload.end());
  if (piece.payload.empty()) return refuse(outcome, Refusal::empty);
  if (!set_right(joined_, piece.header.size(), piece.next_header)) return refuse(outcome, Refusal::too_long);
  ++counters_.complete;
  outcome.kind = Kind::complete;
  outcome.packet = joined_;
  outcome.header_size = piece.header.size();
  outcome.next_header = piece.next_header;
  return outcome;
}

FragmentReassembler::Datagram& FragmentReassembler::find_or_start(const FragmentKey& key, FrameNumber frame,
                                                                  Timestamp time) {
  if (const auto found = by_key_.find(key); found != by_key_.end()) return *found->second;
  if (datagrams_.size() >= std::max<std::size_t>(limits_.datagrams, 1))
    evict(datagrams_.begin(), counters_.evicted_by_count);
  Datagram& datagram = datagrams_.emplace_back(Datagram{key, frame, time});
  by_key_.emplace(key, std::prev(datagrams_.end()));
  return datagram;
}

FragmentReassembler::Refusal FragmentReassembler::reason_to_refuse(const Datagram& datagram,
                                                                   const FragmentPiece& piece) const {
  if (datagram.cut) return Refusal::cut;
  if (datagram.given_up) return Refusal::given_up;
  const std::size_t size = piece.payload.size(), end = piece.offset + size;
  if (size == 0) return Refusal::empty;
  if (piece.offset % 8 != 0 || (piece.more && size % 8 != 0)) return Refusal::misaligned;
  if (piece.offset > largest_packet || end > largest_packet) return Refusal::too_long;
  if (datagram.end != 0 && (end > datagram.end || (!piece.more && end != datagram.end))) return Refusal::other_end;
  if (!piece.more && !datagram.parts.empty()) {
    const auto& [offset, bytes] = *datagram.parts.rbegin();
    if (offset + bytes.size() > end) return Refusal::other_end;
  }
  if (datagram.parts.size() >= limits_.pieces) return Refusal::too_many;
  return Refusal::none;
}

FragmentReassembler::Overlay FragmentReassembler::lay_over(const Datagram& datagram, const FragmentPiece& piece) {
  const std::size_t end = piece.offset + piece.payload.size();
  Overlay overlay;
  std::size_t at = piece.offset;
  auto part = datagram.parts.upper_bound(piece.offset);
  if (part != datagram.parts.begin()) --part;
  for (; part != datagram.parts.end() && part->first < end; ++part) {
    const std::size_t from = std::max(part->first, piece.offset), to = std::min(part->first + part->second.size(), end);
    if (from >= to) continue;
    const Bytes before = Bytes{part->second}.subspan(from - part->first, to - from);
    const Bytes now = piece.payload.subspan(from - piece.offset, to - from);
    overlay.differs = overlay.differs || !std::equal(before.begin(), before.end(), now.begin());
    overlay.covered += to - from;
    if (from > at) overlay.gaps.emplace_back(at, from);
    at = to;
  }
  if (at < end) overlay.gaps.emplace_back(at, end);
  return overlay;
}

// Compares with what is there and keeps what fills gaps.
FragmentReassembler::Kind FragmentReassembler::place(Datagram& datagram, const FragmentPiece& piece) {
  const Overlay overlay = lay_over(datagram, piece);
  const bool v6 = datagram.key.source.is_v6();
  const auto exact = datagram.parts.find(piece.offset);
  const bool same_place = exact != datagram.parts.end() && exact->second.size() == piece.payload.size();
  const bool repeats = overlay.gaps.empty() && !overlay.differs && (same_place || !v6);
  if (overlay.covered != 0 && v6 && !repeats) {  // RFC 5722: any overlap ends it
    datagram.overlapped = true;
    give_up(datagram);
    return Kind::overlap;
  }
  if (!piece.more) datagram.end = piece.offset + piece.payload.size();
  if (repeats) return Kind::duplicate;
  for (const auto& [from, to] : overlay.gaps)
    store(datagram, from, piece.payload.subspan(from - piece.offset, to - from));
  if (piece.offset == 0 && datagram.header.empty()) {
    datagram.header.assign(piece.header.begin(), piece.header.end());
    datagram.next_header = piece.next_header;
  }
  datagram.overlapped = datagram.overlapped || overlay.differs;
  datagram.touched = datagram.touched || overlay.covered != 0;
  return overlay.differs ? Kind::overlap : Kind::kept;
}

void FragmentReassembler::store(Datagram& datagram, std::size_t offset, Bytes bytes) {
  datagram.parts.emplace(offset, std::vector<std::uint8_t>{bytes.begin(), bytes.end()});
  datagram.have += bytes.size();
  datagram.cost += bytes.size() + part_cost;
  bytes_ += bytes.size() + part_cost;
}

// Keeps the datagram, without its bytes, so that its later pieces are known for what they are.
void FragmentReassembler::give_up(Datagram& datagram) {
  bytes_ -= datagram.cost;
  datagram.cost = 0;
  datagram.parts.clear();
  datagram.given_up = true;
}

FragmentReassembler::Outcome FragmentReassembler::refuse(Outcome outcome, Refusal refusal) {
  outcome.kind = Kind::refused;
  outcome.refusal = refusal;
  ++counters_.refused;
  return outcome;
}

FragmentReassembler::Outcome FragmentReassembler::finish(Datagram& datagram, Outcome outcome) {
  if (outcome.kind == Kind::overlap) ++counters_.overlaps;
  if (outcome.kind == Kind::kept && datagram.repeated) outcome.kind = Kind::duplicate;
  outcome.pieces = datagram.marks.size();
  outcome.overlapped = datagram.overlapped;
  outcome.touched = datagram.touched;
  if (!datagram.given_up && datagram.end != 0 && datagram.have == datagram.end) {
    join(datagram);
    outcome.header_size = datagram.header.size();
    outcome.next_header = datagram.next_header;
    const bool fits = set_right(joined_, datagram.header.size(), datagram.next_header);
    if (fits) remember(datagram.key, std::move(datagram.marks));
    drop(by_key_.at(datagram.key));
    if (!fits) return refuse(outcome, Refusal::too_long);
    outcome.kind = Kind::complete;
    outcome.packet = joined_;
    ++counters_.complete;
  }
  if (outcome.kind == Kind::duplicate) ++counters_.duplicates;
  return outcome;
}

void FragmentReassembler::join(const Datagram& datagram) {
  joined_.assign(datagram.header.begin(), datagram.header.end());
  joined_.reserve(datagram.header.size() + datagram.have);
  for (const auto& [offset, bytes] : datagram.parts) joined_.insert(joined_.end(), bytes.begin(), bytes.end());
}

void FragmentReassembler::evict_old(Timestamp now) {
  const auto old = [&](const Datagram& datagram) {
    const auto passed =
        static_cast<std::uint64_t>(now.nanoseconds) - static_cast<std::uint64_t>(datagram.since.nanoseconds);
    return datagram.since < now && passed > static_cast<std::uint64_t>(limits_.age);
  };
  while (!datagrams_.empty() && old(datagrams_.front())) evict(datagrams_.begin(), counters_.evicted_by_age);
}

// Evicts from the oldest until the limit holds, but never `kept`. False where that alone is too much: it is given up.
bool FragmentReassembler::make_room(const Datagram& kept) {
  for (auto datagram = datagrams_.begin(); bytes_ > limits_.bytes && datagram != datagrams_.end();) {
    const auto next = std::next(datagram);
    if (&*datagram != &kept) evict(datagram, counters_.evicted_by_bytes);
    datagram = next;
  }
  if (bytes_ <= limits_.bytes) return true;
  evict(by_key_.at(kept.key), counters_.evicted_by_bytes);
  return false;
}

void FragmentReassembler::evict(Datagrams::iterator datagram, std::uint64_t& counter) {
  if (!datagram->is_told()) {
    ++counter;
    if (given_up_.size() < most_given_up) given_up_.push_back(describe(*datagram));
  }
  drop(datagram);
}

void FragmentReassembler::drop(Datagrams::iterator datagram) {
  bytes_ -= datagram->cost;
  by_key_.erase(datagram->key);
  datagrams_.erase(datagram);
}

bool FragmentReassembler::came_before(const FragmentKey& key, std::uint64_t mark) const {
  const auto found = finished_.find(key);
  return found != finished_.end() && std::find(found->second.begin(), found->second.end(), mark) != found->second.end();
}

void FragmentReassembler::remember(const FragmentKey& key, std::vector<std::uint64_t> marks) {
  finished_marks_ += marks.size();
  const auto [place, is_new] = finished_.try_emplace(key);
  if (is_new) finished_order_.push_back(key);
  finished_marks_ -= place->second.size();
  place->second = std::move(marks);
  if (finished_order_.size() <= most_finished) return;
  const auto oldest = finished_.find(finished_order_.front());
  finished_marks_ -= oldest->second.size();
  finished_.erase(oldest);
  finished_order_.pop_front();
}

// Its key and pieces, whatever process asks.
std::uint64_t FragmentReassembler::state_of(const Datagram& datagram) {
  std::vector<std::uint8_t> all;
  const auto append_u32 = [&](std::size_t value) {
    all.resize(all.size() + 4);
    write_u32(all, all.size() - 4, static_cast<std::uint32_t>(value));
  };
  const auto append = [&](Bytes bytes) { all.insert(all.end(), bytes.begin(), bytes.end()); };
  append(datagram.key.source.bytes());
  append(datagram.key.destination.bytes());
  append_u32(datagram.key.id);
  append_u32(std::size_t{datagram.key.protocol} << 8U | datagram.key.scope);
  append_u32(datagram.end);
  append_u32(datagram.marks.size());
  for (const auto& [offset, bytes] : datagram.parts) {
    append_u32(offset);
    append_u32(bytes.size());
    append(bytes);
  }
  return lasting_hash(all);
}

std::optional<std::uint64_t> FragmentReassembler::state_to_tell(Datagram& datagram) const {
  if (datagram.marks.empty() || !taken_on_.wants(datagram.taken_over)) return std::nullopt;
  if (!datagram.state) datagram.state = state_of(datagram);
  return datagram.state;
}

void FragmentReassembler::take_on(Datagram& datagram, std::optional<std::uint64_t> state_before) {
  datagram.state.reset();
  if (!state_before) return;
  taken_on_.add(*state_before, datagram.taken_over);
  datagram.taken_over = false;
}

void FragmentReassembler::take_over(const FragmentReassembler& before) {
  for (const Datagram& one : before.datagrams_) {
    const bool has_room = datagrams_.size() < limits_.datagrams && bytes_ + one.cost <= limits_.bytes;
    if (!has_room || by_key_.count(one.key) != 0) continue;
    datagrams_.push_back(one);
    datagrams_.back().taken_over = true;
    by_key_.emplace(one.key, std::prev(datagrams_.end()));
    bytes_ += one.cost;
  }
  datagrams_.sort([](const Datagram& one, const Datagram& other) { return one.since < other.since; });
  for (const FragmentKey& key : before.finished_order_)
    if (finished_.size() < most_finished && finished_.count(key) == 0) remember(key, before.finished_.at(key));
}

std::size_t FragmentReassembler::cost() const {
  constexpr std::size_t of_a_datagram = sizeof(Datagram) + 128, of_a_finished_one = 256;
  return bytes_ + datagrams_.size() * of_a_datagram + finished_.size() * of_a_finished_one +
         finished_marks_ * sizeof(std::uint64_t);
}

Unfinished FragmentReassembler::unfinished() const {
  Unfinished out;
  out.given_up = counters_.evicted_by_count + counters_.evicted_by_bytes + counters_.evicted_by_age;
  out.taken_on = taken_on_.states();
  for (const Datagram& datagram : datagrams_)
    if (!datagram.is_told()) out.left.push_back(state_of(datagram));
  return out;
}

void FragmentReassembler::count_anew() {
  counters_ = {};
  taken_on_.count_anew();
  for (Datagram& datagram : datagrams_) datagram.taken_over = true;
}

FragmentReassembler::Incomplete FragmentReassembler::describe(const Datagram& datagram) {
  return {datagram.key, datagram.first_frame, datagram.marks.size(), datagram.have, datagram.cut, datagram.overlapped};
}

std::vector<FragmentReassembler::Incomplete> FragmentReassembler::incomplete() const {
  std::vector<Incomplete> all = given_up_;
  for (const Datagram& datagram : datagrams_)
    if (!datagram.is_told()) all.push_back(describe(datagram));
  return all;
}

std::string_view to_string(FragmentReassembler::Refusal refusal) noexcept {
  using Refusal = FragmentReassembler::Refusal;
  switch (refusal) {
    case Refusal::none: return "not refused";
    case Refusal::empty: return "the fragment is empty";
    case Refusal::misaligned: return "the fragment has more to follow but no multiple of 8 bytes";
    case Refusal::too_long: return "the datagram would be longer than 65535 bytes";
    case Refusal::other_end: return "the fragment contradicts where the datagram ends";
    case Refusal::too_many: return "the datagram has more fragments than are kept";
    case Refusal::cut: return "a fragment of the datagram was cut by the snap length";
    case Refusal::given_up: return "an earlier fragment of the datagram overlapped";
  }
  return "";
}

}  // namespace espdump
