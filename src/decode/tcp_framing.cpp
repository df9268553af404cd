// Cuts one direction of a TCP connection into messages: RFC 9329 section 3.
// Each byte is looked at once, but for a bounded number of places that more bytes must decide.
#include "decode/tcp_framing.hpp"

#include <algorithm>
#include <utility>

#include <espdump/wire/ikev2.hpp>

namespace espdump {
namespace {

constexpr std::size_t length_size = 2, marker_size = 4, esp_header_size = 8;
constexpr std::size_t least_cut_message =
    length_size + esp_header_size;  // below, not even its SPI and number are there
constexpr std::size_t least_esp = length_size + esp_header_size + 8;
constexpr std::uint32_t reserved_spis = 255;  // RFC 4303 section 2.1
constexpr std::uint8_t keepalive = 0xff;
constexpr std::size_t most_candidates = 64;
constexpr std::size_t search_everywhere = 1U << 20;  // bytes; then only where segments begin
constexpr std::uint32_t next_numbers = 64;           // a few may be lost before they are sent

// What stands where a message may begin.
struct Glance {
  enum class Kind : std::uint8_t { none, too_short, keepalive, ike, known_esp, other_esp };
  Kind kind = Kind::none;
  std::size_t length = 0;
  std::uint32_t spi = 0, number = 0;
};

bool is_sane_ike(Bytes message, std::size_t length) {
  const auto ike = wire::Ikev2::over(message);
  const bool version = ike.major_version() == 1 || ike.major_version() == 2;
  return version && ike.length() == length && ike.initiator_spi() != 0;
}

Glance glance_at(Bytes in, std::span<const std::uint32_t> known) {
  using Kind = Glance::Kind;
  Glance out;
  if (in.size() < length_size) return {Kind::too_short};
  out.length = read_u16(in, 0);
  if (out.length < length_size + 1) return out;
  if (in.size() <= length_size) return {Kind::too_short};
  if (out.length == length_size + 1) return {in[length_size] == keepalive ? Kind::keepalive : Kind::none, out.length};
  if (out.length < least_esp) return out;
  if (in.size() < least_cut_message) return {Kind::too_short};
  out.spi = read_u32(in, length_size);
  out.number = read_u32(in, length_size + 4);
  if (out.spi > reserved_spis) {
    out.kind = std::binary_search(known.begin(), known.end(), out.spi) ? Kind::known_esp : Kind::other_esp;
    return out;
  }
  constexpr std::size_t around = length_size + marker_size;
  if (out.spi != 0 || out.length < around + wire::Ikev2::size) return out;
  if (in.size() < around + wire::Ikev2::size) return {Kind::too_short};
  if (is_sane_ike(in.subspan(around, wire::Ikev2::size), out.length - around)) out.kind = Kind::ike;
  return out;
}

bool follows(const Glance& first, const Glance& second) {
  const std::uint32_t step = second.number - first.number;
  return second.spi == first.spi && step != 0 && step <= next_numbers;
}

enum class Belief : std::uint8_t { no, open, yes };

// A message of a known SA, or of IKE, needs another one behind it, or to end with the segment. One of an unknown SA
// needs the next number of the same SA behind it, and to begin a segment.
Belief judge(Bytes in, bool begins_run, std::span<const std::uint32_t> known) {
  using Kind = Glance::Kind;
  const Glance first = glance_at(in, known);
  if (first.kind == Kind::too_short) return Belief::open;
  const bool strong = first.kind == Kind::known_esp || first.kind == Kind::ike;
  if (!strong && (first.kind != Kind::other_esp || !begins_run)) return Belief::no;
  if (in.size() < first.length) return Belief::open;
  if (in.size() == first.length) return strong ? Belief::yes : Belief::open;
  const Glance second = glance_at(in.subspan(first.length), known);
  if (second.kind == Kind::too_short) return Belief::open;
  if (strong) return second.kind == Kind::none ? Belief::no : Belief::yes;
  return second.kind == Kind::other_esp && follows(first, second) ? Belief::yes : Belief::no;
}

}  // namespace

Bytes TcpFraming::Input::take(std::size_t size) {
  const Bytes taken = bytes.first(size);
  bytes = bytes.subspan(size);
  return taken;
}

void TcpFraming::begin(State state) {
  state_ = state;
  pending_.clear();
  candidates_.clear();
  skip_ = 0;
  searched_ = 0;
}

void TcpFraming::read(std::span<const StreamRun> runs, std::span<const std::uint32_t> known,
                      std::vector<TcpMessage>& out) {
  joined_.clear();
  for (const StreamRun& run : runs) {
    if (run.lost != 0) lose(run.lost, out);
    Input in{run.bytes, run.captured};
    while (!in.bytes.empty()) switch (state_) {
        case State::prefix: read_prefix(in, out); break;
        case State::messages: read_messages(in, out); break;
        case State::search: search(in, known); break;
      }
  }
}

// Without the prefix this is TLS around it (RFC 9329 appendix A), or something else altogether.
void TcpFraming::read_prefix(Input& in, std::vector<TcpMessage>& out) {
  const std::size_t wanted = std::min(in.bytes.size(), tcp_prefix.size() - pending_.size());
  const auto expected = tcp_prefix.begin() + static_cast<std::ptrdiff_t>(pending_.size());
  if (!std::equal(expected, expected + static_cast<std::ptrdiff_t>(wanted), in.bytes.begin())) {
    begin(State::search);
    return;
  }
  if (pending_.empty() && wanted == tcp_prefix.size()) {
    out.push_back({TcpMessage::Kind::prefix, in.take(wanted), wanted, in.captured});
    state_ = State::messages;
    return;
  }
  const Bytes more = in.take(wanted);
  pending_.insert(pending_.end(), more.begin(), more.end());
  if (pending_.size() < tcp_prefix.size()) return;
  emit_pending(TcpMessage::Kind::prefix, tcp_prefix.size(), out);
  state_ = State::messages;
}

void TcpFraming::read_messages(Input& in, std::vector<TcpMessage>& out) {
  const std::size_t skipped = std::min(skip_, in.bytes.size());
  in.take(skipped);
  skip_ -= skipped;
  if (!pending_.empty()) finish_pending(in, out);
  while (state_ == State::messages && pending_.empty() && !in.bytes.empty()) {
    const std::size_t length = in.bytes.size() < length_size ? in.bytes.size() + 1 : read_u16(in.bytes, 0);
    if (length > in.bytes.size()) {
      pending_.assign(in.bytes.begin(), in.bytes.end());
      in.take(in.bytes.size());
    } else if (length < length_size) {
      in.take(length_size);
      break_off(out);
    } else {
      out.push_back({TcpMessage::Kind::message, in.take(length), length, in.captured});
    }
  }
}

void TcpFraming::finish_pending(Input& in, std::vector<TcpMessage>& out) {
  const auto fill = [&](std::size_t size) {
    const Bytes more = in.take(std::min(in.bytes.size(), size - std::min(size, pending_.size())));
    pending_.insert(pending_.end(), more.begin(), more.end());
    return pending_.size() >= size;
  };
  if (!fill(length_size)) return;
  const std::size_t length = read_u16(pending_, 0);
  if (length < length_size)
    break_off(out);
  else if (fill(length))
    emit_pending(TcpMessage::Kind::message, length, out);
}

void TcpFraming::emit_pending(TcpMessage::Kind kind, std::size_t length, std::vector<TcpMessage>& out) {
  joined_.push_back(std::move(pending_));
  pending_.clear();
  out.push_back({kind, joined_.back(), length, false});
}

// RFC 9329 section 3: the receiver closes the connection. What still comes may all the same make sense.
void TcpFraming::break_off(std::vector<TcpMessage>& out) {
  out.push_back({TcpMessage::Kind::broken, {}, 0, false});
  begin(State::search);
}

// Looks for the beginning of a message. What stands before it is left out.
void TcpFraming::search(Input& in, std::span<const std::uint32_t> known) {
  const std::size_t fresh = pending_.size();
  const bool joins = fresh != 0;
  if (joins) pending_.insert(pending_.end(), in.bytes.begin(), in.bytes.end());
  const Bytes all = joins ? Bytes{pending_} : in.bytes;
  searched_ += in.bytes.size();
  if (const auto place = find_message(all, fresh, known)) {
    in.bytes = all.subspan(*place);
    if (joins) {
      joined_.push_back(std::move(pending_));
      in = {Bytes{joined_.back()}.subspan(*place), false};
    }
    begin(State::messages);
    return;
  }
  const std::size_t keep_from = candidates_.empty() ? all.size() : candidates_.front().offset;
  if (joins)
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(keep_from));
  else
    pending_.assign(all.begin() + static_cast<std::ptrdiff_t>(keep_from), all.end());
  for (Candidate& candidate : candidates_) candidate.offset -= keep_from;
  in.take(in.bytes.size());
}

// `fresh`: from where on the bytes are new. Candidates are judged again, and new ones taken up, in order.
std::optional<std::size_t> TcpFraming::find_message(Bytes bytes, std::size_t fresh,
                                                    std::span<const std::uint32_t> known) {
  std::vector<Candidate> open;
  const auto is_message = [&](const Candidate& candidate) {
    const Belief belief = judge(bytes.subspan(candidate.offset), candidate.begins_run, known);
    if (belief == Belief::open && open.size() < most_candidates) open.push_back(candidate);
    return belief == Belief::yes;
  };
  for (const Candidate& candidate : candidates_)
    if (is_message(candidate)) return candidate.offset;
  const std::size_t end = searched_ <= search_everywhere ? bytes.size() : fresh + 1;
  for (std::size_t offset = fresh; offset < end; ++offset)
    if (is_message({offset, offset == fresh})) return offset;
  candidates_ = std::move(open);
  return std::nullopt;
}

// Where a message goes on over the lost bytes and beyond, the next one is found behind it all the same.
void TcpFraming::lose(std::size_t size, std::vector<TcpMessage>& out) {
  if (state_ == State::messages) lose_message_part(size, out);
  if (size == 0) return;
  begin(State::search);
}

void TcpFraming::lose_message_part(std::size_t& size, std::vector<TcpMessage>& out) {
  const std::size_t skipped = std::min(skip_, size);
  skip_ -= skipped;
  size -= skipped;
  if (pending_.size() < length_size || size == 0) return;
  const std::size_t length = read_u16(pending_, 0);
  if (length < length_size) return;
  const std::size_t missing = length - pending_.size(), gone = std::min(missing, size);
  size -= gone;
  skip_ = missing - gone;
  if (pending_.size() >= least_cut_message) emit_pending(TcpMessage::Kind::message, length, out);
  pending_.clear();
}

}  // namespace espdump
