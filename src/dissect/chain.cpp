// The dissection loop: looks up who reads the next header, appends its layer, and goes on or says why not.
#include <espdump/dissector.hpp>

#include <fmt/core.h>

#include <algorithm>
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
  Claim other{};  // who reads it when `claim` leads nowhere
  bool has_other = false;
};

const Dissector* second_choice(const ClaimTable& claims, Position& at) {
  if (!std::exchange(at.has_other, false)) return nullptr;
  at.claim = at.other;
  return claims.find(at.claim);
}

const Dissector* who_reads(const ClaimTable& claims, const Step& step, Position& at) {
  at.claim = step.next;
  at.other = step.other;
  at.has_other = step.has_other;
  if (const Dissector* found = claims.find(step.next)) return found;
  return second_choice(claims, at);
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

void report(Packet& packet, const Dissector& dissector, const Context& context, const ByteReader& in,
            std::size_t start) {
  if (context.is_malformed() && (in.ok() || in.shortfall()->limit))
    report_malformed(packet, dissector, context, start);
  else
    report_shortfall(packet, dissector, *in.shortfall(), start);
}

// Appends the layer that was read, where all of its header was, and moves behind it. False: the chain ends here.
bool move_on(Packet& packet, const Dissector& dissector, const Context& context, const ByteReader& in,
             BufferIndex buffer, Position& at, ChainEnd& end) {
  const Bytes rest = in.rest();
  const bool malformed = context.is_malformed() || (!in.ok() && !at.quoted);
  if (in.ok() || in.shortfall()->limit) {
    end.layer = packet.layers().size();
    Layer& layer = packet.add_layer(dissector);
    layer.header = in.consumed();
    layer.payload = rest;
    layer.payload_claimed = in.claimed_remaining();
    layer.reached_by = at.claim.value;
    layer.buffer = buffer;
    layer.outer = at.outer;
    layer.quoted = at.quoted;
    layer.malformed = malformed;
    at.outer = static_cast<LayerIndex>(end.layer);
  }
  end.shortfall = !in.ok();
  if (!in.ok() || context.is_malformed()) {
    if (!at.quoted) report(packet, dissector, context, in, at.offset);
    return false;
  }
  at.offset += in.offset();
  at.bytes = rest;
  at.claimed = in.claimed_remaining();
  return true;
}

}  // namespace

ChainEnd dissect_chain(Packet& packet, const ClaimTable& claims, BufferIndex buffer, Bytes bytes, std::size_t claimed,
                       Claim claim, LayerIndex outer, bool quoted) {
  ChainEnd end;
  Position at{bytes, quoted ? std::max(claimed, quotation_claimed) : claimed, 0, quoted, claim, outer};
  const Dissector* reader = claims.find(claim);
  const std::size_t most = std::min(packet.layers().size() + longest_chain, Packet::most_layers);
  while (reader != nullptr && packet.layers().size() < most) {
    ByteReader in{at.bytes, at.claimed};
    Context context{packet, at.claim};
    const Step step = reader->dissect(in, context);
    if (step.kind == Step::Kind::decline) {
      reader = second_choice(claims, at);
      continue;
    }
    if (!move_on(packet, *reader, context, in, buffer, at, end)) break;
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
