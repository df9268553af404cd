// Takes inner packets out of AGGFRAG payloads: RFC 9347 section 2.2.
// A piece waits under its ESP sequence number; whoever comes last completes the packet. All of it is plaintext: wiped.
#include "decode/aggfrag.hpp"

#include <algorithm>
#include <optional>

namespace espdump {
namespace {

constexpr std::size_t pieces_cost = 160;  // of keeping them, besides their bytes
constexpr std::size_t v4_header = 20, v6_header = 40;
constexpr std::size_t v4_length_end = 4, v6_length_end = 6;  // behind the length field

// The length of the data block at the start of `bytes`, or what is wrong with it. Zero: too few bytes to tell.
std::size_t block_length(Bytes bytes, std::string& malformed) {
  const int version = bytes[0] >> 4;
  if (version == 4) {
    if (bytes.size() < v4_length_end) return 0;
    const std::size_t length = read_u16(bytes, 2);
    if (length < v4_header) malformed = "an IPv4 data block of " + std::to_string(length) + " bytes has no header";
    return length;
  }
  if (version == 6) return bytes.size() < v6_length_end ? 0 : v6_header + read_u16(bytes, 4);
  malformed = "a data block begins with " + std::to_string(version) + ": neither IPv4, IPv6 nor padding";
  return 0;
}

// Takes the whole blocks behind `block_offset`; returns what begins there and goes on in the next payload.
Bytes take_whole_blocks(const AggfragPayload& payload, AggfragReassembler::Outcome& outcome) {
  constexpr int padding = 0;
  Bytes rest = payload.blocks.subspan(std::min(payload.block_offset, payload.blocks.size()));
  while (!rest.empty() && rest[0] >> 4 != padding) {
    const std::size_t length = block_length(rest, outcome.malformed);
    if (!outcome.malformed.empty()) break;
    if (length == 0 || length > rest.size()) return rest;
    outcome.inner.push_back({rest.first(length)});
    rest = rest.subspan(length);
  }
  return {};
}

std::vector<std::uint8_t> copy_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace

AggfragReassembler::~AggfragReassembler() {
  forget_joined();
  while (!associations_.empty()) drop(associations_.begin());
}

AggfragReassembler::Outcome AggfragReassembler::add(const AggfragPayload& payload) {
  forget_joined();
  Outcome whole;
  const Bytes tail = take_whole_blocks(payload, whole);
  if (!payload.joins) return whole;
  Association& sa = find(payload.sa);
  if (payload.restarts)
    while (!sa.window.empty()) drop_oldest(sa);
  if (!keep(sa, payload, tail)) return whole;
  Outcome outcome;
  check_neighbours(sa, payload.sequence, whole.malformed);
  if (payload.block_offset != 0) complete(sa, first_of(sa.window, payload.sequence), outcome);
  outcome.inner.insert(outcome.inner.end(), whole.inner.begin(), whole.inner.end());
  if (!tail.empty()) complete(sa, payload.sequence, outcome);
  if (!whole.malformed.empty()) outcome.malformed = std::move(whole.malformed);
  make_room(sa);
  return outcome;
}

AggfragReassembler::Association& AggfragReassembler::find(SaNumber number) {
  if (const auto found = by_number_.find(number); found != by_number_.end()) {
    associations_.splice(associations_.end(), associations_, found->second);
    return *found->second;
  }
  if (associations_.size() >= std::max<std::size_t>(limits_.sas, 1)) drop(associations_.begin());
  Association& sa = associations_.emplace_back();
  sa.number = number;
  by_number_.emplace(number, std::prev(associations_.end()));
  return sa;
}

// False where the number is too old to wait for anything, or there already.
bool AggfragReassembler::keep(Association& sa, const AggfragPayload& payload, Bytes tail) {
  const std::uint64_t newest = sa.window.empty() ? payload.sequence : sa.window.rbegin()->first;
  if (payload.sequence < newest && newest - payload.sequence >= limits_.packets) return false;
  Pieces pieces;
  pieces.block_offset = payload.block_offset;
  const std::size_t head = std::min(payload.block_offset, payload.blocks.size());
  pieces.head = copy_of(payload.blocks.first(head));
  pieces.left = payload.block_offset - head;
  pieces.tail = copy_of(tail);
  pieces.has_tail = !tail.empty();
  const std::size_t cost = head + tail.size() + pieces_cost;
  if (!sa.window.emplace(payload.sequence, std::move(pieces)).second) return false;
  sa.bytes += cost;
  bytes_ += cost;
  return true;
}

// Where two payloads meet, either a block goes on in both views or in neither. A contradiction joins nothing.
void AggfragReassembler::check_neighbours(Association& sa, std::uint64_t sequence, std::string& malformed) {
  for (const std::uint64_t first : {sequence - 1, sequence}) {
    const auto before = sa.window.find(first), after = sa.window.find(first + 1);
    if (before == sa.window.end() || after == sa.window.end()) continue;
    const std::size_t here = after->second.block_offset;
    if (const std::size_t left = before->second.left; left != 0) {
      if (here == left) continue;
      malformed = "a data block goes on for " + std::to_string(left) + " bytes, but the next payload's offset is " +
                  std::to_string(here);
    } else if (before->second.has_tail != (here != 0)) {
      malformed = here == 0 ? "a data block is not finished, but the next payload does not go on with it"
                            : "a payload goes on with a data block, but the one before it ends with a whole one";
    } else {
      continue;
    }
    release(sa, before->second.tail);
    release(sa, after->second.head);
  }
}

// The number of the payload that holds the beginning of the block which `sequence` goes on with, as far as it is there.
std::uint64_t AggfragReassembler::first_of(const Window& window, std::uint64_t sequence) {
  for (auto at = window.find(sequence - 1); at != window.end(); at = window.find(sequence - 1)) {
    --sequence;
    if (at->second.left == 0) break;
  }
  return sequence;
}

// Joins the block that begins at the end of the payload `first`, where all of it is there.
void AggfragReassembler::complete(Association& sa, std::uint64_t first, Outcome& outcome) {
  const auto begin = sa.window.find(first);
  if (begin == sa.window.end() || begin->second.tail.empty()) return;
  auto last = begin;
  std::uint64_t number = first;
  std::size_t size = begin->second.tail.size();
  do {
    ++last;
    if (last == sa.window.end() || last->first != ++number) return;
    size += last->second.head.size();
  } while (last->second.left != 0);
  if (last->second.head.empty()) return;
  Octets joined;
  joined.reserve(size);
  joined.insert(joined.end(), begin->second.tail.begin(), begin->second.tail.end());
  release(sa, begin->second.tail);
  for (auto piece = std::next(begin); piece != std::next(last); ++piece) {
    joined.insert(joined.end(), piece->second.head.begin(), piece->second.head.end());
    release(sa, piece->second.head);
  }
  joined_.push_back(std::move(joined));
  std::string malformed;
  const std::size_t length = block_length(joined_.back(), malformed);
  if (malformed.empty() && length != size)
    malformed =
        "the pieces of a data block have " + std::to_string(size) + " bytes, its header says " + std::to_string(length);
  if (malformed.empty())
    outcome.inner.push_back({joined_.back(), true});
  else
    outcome.malformed = malformed;
}

void AggfragReassembler::release(Association& sa, Octets& bytes) {
  sa.bytes -= bytes.size();
  bytes_ -= bytes.size();
  wipe(bytes);
  bytes.clear();
}

void AggfragReassembler::make_room(Association& sa) {
  while (sa.window.size() > 1 &&
         (sa.bytes > limits_.bytes_of_sa || sa.window.rbegin()->first - sa.window.begin()->first >= limits_.packets))
    drop_oldest(sa);
  while (bytes_ > limits_.bytes && associations_.size() > 1) drop(associations_.begin());
}

void AggfragReassembler::drop_oldest(Association& sa) {
  const auto oldest = sa.window.begin();
  if (!oldest->second.tail.empty()) ++incomplete_;
  release(sa, oldest->second.head);
  release(sa, oldest->second.tail);
  sa.bytes -= pieces_cost;
  bytes_ -= pieces_cost;
  sa.window.erase(oldest);
}

void AggfragReassembler::drop(Associations::iterator sa) {
  while (!sa->window.empty()) drop_oldest(*sa);
  by_number_.erase(sa->number);
  associations_.erase(sa);
}

void AggfragReassembler::forget_joined() {
  for (Octets& joined : joined_) wipe(joined);
  joined_.clear();
}

}  // namespace espdump
