// The dissection loop: looks up who reads the next header, appends its layer, and goes on or says why not.
#include <espdump/dissector.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace espdump {
namespace {

constexpr std::size_t longest_chain = 64;
// How long a quoted packet was is not known before its own header says so; no IP packet is longer.
constexpr std::size_t quotation_claimed = 40 + 65535;

// Where the chain stands: the bytes of the next header and what follows it.
struct Position {
  Bytes bytes;
  std::size_t claimed;
  std::size_t offset;  // of `bytes` in what the chain was given
  bool quoted;
  Claim claim;
  LayerIndex outer;
  std::optional<Claim> other{};  // who reads it when `claim` leads nowhere
};

const Dissector* second_choice(const ClaimTable& claims, Position& at) {
  if (!at.other) return nullptr;
  at.claim = *std::exchange(at.other, std::nullopt);
  return claims.find(at.claim);
}

const Dissector* who_reads(const ClaimTable& claims, const Step& step, Position& at) {
  at.claim = step.next;
  at.other = step.has_other ? std::optional{step.other} : std::nullopt;
  if (const Dissector* found = claims.find(step.next)) return found;
  return second_choice(claims, at);
}

void add_layer(Packet& packet, const Dissector& dissector, const ByteReader& in, BufferIndex buffer,
               const Position& at) {
  Layer& layer = packet.add_layer(dissector);
  layer.header = in.consumed();
  layer.payload = in.rest();
  layer.payload_claimed = in.claimed_remaining();
  layer.reached_by = at.claim.value;
  layer.buffer = buffer;
  layer.outer = at.outer;
  layer.quoted = at.quoted;
}

void report_shortfall(Packet& packet, const Dissector& dissector, const Shortfall& shortfall, std::size_t start) {
  const std::size_t where = start + shortfall.offset;
  if (shortfall.cause == Shortfall::Cause::capture)
    packet.add_finding(codes::capture_truncated, fmt::format("{}: {} bytes needed at byte {}, {} captured",
                                                             dissector.title, shortfall.need, where, shortfall.have));
  else if (shortfall.limit)
    packet.add_finding(*dissector.malformed,
                       fmt::format("{}: its length field promises {} bytes from byte {}, {} are there", dissector.title,
                                   shortfall.need, where, shortfall.have));
  else
    packet.add_finding(*dissector.malformed, fmt::format("{}: {} bytes needed at byte {}, the packet has {}",
                                                         dissector.title, shortfall.need, where, shortfall.have));
}

void report_malformed(Packet& packet, const Dissector& dissector, const Context& context, std::size_t start) {
  packet.add_finding(*dissector.malformed, fmt::format("{} at byte {}: {}", dissector.title,
                                                       start + context.malformed_offset(), context.malformed_text()));
}

// Runs one dissector and appends its layer. What it returns is where the chain goes from there: anything
// but `next` and `quoted` ends it.
Step read_layer(Packet& packet, const Dissector& dissector, BufferIndex buffer, Position& at, ChainEnd& end) {
  ByteReader in{at.bytes, at.claimed};
  Context context{packet, at.claim};
  Step step = dissector.dissect(in, context);
  if (step.kind == Step::Kind::decline) return step;
  const bool header_whole = in.ok() || in.shortfall()->limit;
  const bool malformed = header_whole && context.is_malformed();
  if (header_whole) {
    add_layer(packet, dissector, in, buffer, at);
    packet.layers().back().malformed = malformed || (!in.ok() && !at.quoted);
    end.layer = packet.layers().size() - 1;
    at.outer = static_cast<LayerIndex>(end.layer);
  }
  end.shortfall = !in.ok();
  if (malformed || !in.ok()) {
    step = Step::end();
    if (at.quoted) return step;
    if (malformed)
      report_malformed(packet, dissector, context, at.offset);
    else
      report_shortfall(packet, dissector, *in.shortfall(), at.offset);
  }
  at.offset += in.offset();
  at.bytes = in.rest();
  at.claimed = in.claimed_remaining();
  return step;
}

}  // namespace

ChainEnd dissect_chain(Packet& packet, const ClaimTable& claims, BufferIndex buffer, Bytes bytes, std::size_t claimed,
                       Claim claim, LayerIndex outer, bool quoted) {
  ChainEnd end;
  Position at{bytes, quoted ? std::max(claimed, quotation_claimed) : claimed, 0, quoted, claim, outer};
  const Dissector* reader = claims.find(claim);
  const std::size_t most = std::min(packet.layers().size() + longest_chain, Packet::most_layers);
  while (reader != nullptr && packet.layers().size() < most) {
    const Step step = read_layer(packet, *reader, buffer, at, end);
    if (step.kind == Step::Kind::decline) {
      reader = second_choice(claims, at);
      continue;
    }
    if (step.kind == Step::Kind::quoted) {
      at.quoted = true;
      at.claimed = std::max(at.claimed, quotation_claimed);
    } else if (step.kind != Step::Kind::next) {
      // What a quotation holds sealed or in pieces can never become whole.
      end.kind = at.quoted ? Step::Kind::end : step.kind;
      break;
    }
    reader = who_reads(claims, step, at);
  }
  return end;
}

}  // namespace espdump
