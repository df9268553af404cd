// One direction of a TCP connection put in order, as its receiver does it: RFC 9293 section 3.10.7.4.
// Stored parts never overlap: of a later segment only what fills a gap is kept.
#include "decode/stream.hpp"

#include <algorithm>
#include <utility>

namespace espdump {
namespace {

constexpr std::size_t part_cost = 128;  // of keeping a part, besides its bytes
// So many segments in a row, each going on where the one before ended, are a connection whose SYN was not captured.
constexpr int enough_strangers = 3;
// Positions start here, so that what lies before the first one is no negative number.
constexpr std::uint64_t first_cycle = std::uint64_t{1} << 32;

bool longer_ago(Timestamp then, Timestamp now, std::int64_t nanoseconds) {
  const auto passed = static_cast<std::uint64_t>(now.nanoseconds) - static_cast<std::uint64_t>(then.nanoseconds);
  return then < now && passed > static_cast<std::uint64_t>(nanoseconds);
}

}  // namespace

StreamBuffer::Piece StreamBuffer::Piece::between(Position first, Position last) const {
  if (bytes.empty()) return {first, {}, static_cast<std::size_t>(last - first)};
  return {first, bytes.subspan(static_cast<std::size_t>(first - from), static_cast<std::size_t>(last - first)), 0};
}

StreamBuffer::Outcome StreamBuffer::add(const StreamSegment& segment, Timestamp time, std::vector<StreamRun>& runs) {
  released_.clear();
  Outcome outcome;
  const bool other_syn = segment.syn && started_ && (!saw_syn_ || segment.sequence != syn_);
  const bool stranger = !segment.syn && started_ && is_stranger(segment);
  const bool begins_anew = segment.length != 0 && (ended_ || strangers_ >= enough_strangers);
  if (stranger && !begins_anew) return outcome;
  // An empty segment may be a probe, which names the byte before its place.
  if (!started_ && !segment.syn && segment.length == 0) return outcome;
  if (!started_ || other_syn || stranger) {
    outcome.anew = started_;
    start(segment);
  }
  ended_ = ended_ || segment.ends;
  const Position from = position_of(segment.sequence + (segment.syn ? 1U : 0U));
  const Piece captured{from, segment.bytes, 0};
  outcome.disagrees = take(captured, time, runs);
  if (segment.length > segment.bytes.size())
    take({captured.end(), {}, segment.length - segment.bytes.size()}, time, runs);
  release(time, runs);
  return outcome;
}

void StreamBuffer::acknowledge(std::uint32_t sequence) {
  const Position position = position_of(sequence);
  const bool likely = position < next_ + static_cast<Position>(limits_.window);
  if (started_ && likely) acknowledged_ = std::max(acknowledged_, position);
}

void StreamBuffer::start(const StreamSegment& segment) {
  ++changes_;
  started_ = true;
  saw_syn_ = segment.syn;
  syn_ = segment.sequence;
  ended_ = false;
  next_ = first_cycle + segment.sequence + (segment.syn ? 1U : 0U);
  acknowledged_ = 0;
  strangers_ = 0;
  parts_.clear();
  cost_ = 0;
}

StreamBuffer::Position StreamBuffer::position_of(std::uint32_t sequence) const {
  const auto distance = static_cast<std::int32_t>(sequence - static_cast<std::uint32_t>(next_));
  return next_ + static_cast<Position>(std::int64_t{distance});
}

// Whether a segment lies where none of this connection can. A few alone may be forged.
bool StreamBuffer::is_stranger(const StreamSegment& segment) {
  const auto distance = static_cast<std::int64_t>(position_of(segment.sequence) - next_);
  if (distance <= limits_.window && distance >= -limits_.window) {
    if (segment.length != 0) strangers_ = 0;
    return false;
  }
  if (segment.length != 0) {
    strangers_ = strangers_ != 0 && segment.sequence == stranger_ ? strangers_ + 1 : 1;
    stranger_ = segment.sequence + static_cast<std::uint32_t>(segment.length);
  }
  return true;
}

// Hands on what is next, keeps what fills a later gap, drops the rest. True where a byte that waits has come with
// another value.
bool StreamBuffer::take(const Piece& piece, Timestamp time, std::vector<StreamRun>& runs) {
  bool differs = false;
  Position at = std::max(piece.from, next_);
  auto part = parts_.lower_bound(at);
  if (part != parts_.begin() && std::prev(part)->first + std::prev(part)->second.size() > at) --part;
  while (at < piece.end()) {
    const Position gap_end = part == parts_.end() ? piece.end() : std::min(piece.end(), part->first);
    if (at < gap_end) {
      const Piece fills = piece.between(at, gap_end);
      at == next_ ? hand_on(fills, true, runs) : keep(fills, time);
      at = gap_end;
      continue;
    }
    const Position part_end = part->first + part->second.size(), end = std::min(piece.end(), part_end);
    if (!piece.bytes.empty() && !part->second.bytes.empty()) {
      const Bytes now = piece.between(at, end).bytes;
      differs = differs || !std::equal(now.begin(), now.end(),
                                       part->second.bytes.begin() + static_cast<std::ptrdiff_t>(at - part->first));
    }
    at = part_end;
    ++part;
  }
  return differs;
}

void StreamBuffer::keep(const Piece& piece, Timestamp time) {
  ++changes_;
  parts_.emplace(piece.from, Part{{piece.bytes.begin(), piece.bytes.end()}, piece.cut, time});
  cost_ += piece.bytes.size() + part_cost;
}

void StreamBuffer::hand_on(const Piece& piece, bool captured, std::vector<StreamRun>& runs) {
  ++changes_;
  next_ = piece.end();
  if (piece.cut != 0) ++gaps_;
  runs.push_back({piece.bytes, piece.cut, captured && piece.cut == 0});
}

// Hands on what waited for the bytes that came, and gives up what will not come.
void StreamBuffer::release(Timestamp time, std::vector<StreamRun>& runs) {
  while (!parts_.empty()) {
    const auto first = parts_.begin();
    if (first->first != next_) {
      if (!should_give_up(time)) return;
      hand_on({next_, {}, static_cast<std::size_t>(first->first - next_)}, false, runs);
    }
    cost_ -= first->second.bytes.size() + part_cost;
    released_.push_back(std::move(first->second.bytes));
    hand_on({next_, released_.back(), first->second.cut}, false, runs);
    parts_.erase(first);
  }
}

std::vector<std::uint8_t> StreamBuffer::state() const {
  std::vector<std::uint8_t> out((1 + 2 * parts_.size()) * 4);
  std::size_t at = 0;
  const auto put = [&](std::uint64_t value) {
    write_u32(out, at, static_cast<std::uint32_t>(value));
    at += 4;
  };
  put(next_);
  for (const auto& [position, part] : parts_) {
    put(position);
    put(part.size());
  }
  return out;
}

bool StreamBuffer::should_give_up(Timestamp time) const {
  if (parts_.size() > limits_.parts || cost_ > limits_.bytes) return true;
  const auto& [position, part] = *parts_.begin();
  return longer_ago(part.since, time, acknowledged_ >= position ? limits_.acknowledged_patience : limits_.patience);
}

}  // namespace espdump
