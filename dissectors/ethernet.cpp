// Ethernet, IEEE 802.3 clause 3: an ether type, or a length with an LLC header behind it.
#include <espdump/dissector.hpp>
#include <espdump/wire/ethernet.hpp>
#include <espdump/wire/names.hpp>

#include "base/append.hpp"

namespace espdump::dissectors {
namespace {

using wire::Ethernet;

// The second one is Ethernet inside GRE (transparent bridging).
constexpr Claim claims[] = {{Space::link_type, 1}, {Space::ether_type, 0x6558}};

Step dissect(ByteReader& in, Context&) {
  in.skip(Ethernet::size);
  if (!in.ok()) return Step::end();
  const std::uint16_t type = Ethernet::over(in.consumed()).type();
  if (type >= Ethernet::smallest_type) return Step::to({Space::ether_type, type});
  if (type > Ethernet::largest_length) return Step::end();
  in.limit(type);
  const Bytes llc = in.rest();
  return llc.empty() ? Step::end() : Step::to({Space::llc_sap, llc[0]});
}

void describe(const Layer& layer, FieldSink& out) {
  const auto frame = Ethernet::from(layer.header);
  if (!frame) return;
  out.text("destination", {Ethernet::destination_offset, 6}, wire::hardware_address(frame->destination()));
  out.text("source", {Ethernet::source_offset, 6}, wire::hardware_address(frame->source()));
  const Where where{Ethernet::type_offset, 2};
  if (frame->type() > Ethernet::largest_length)
    out.hex("type", where, frame->type(), 4, wire::ether_type_name(frame->type()));
  else
    out.number("length", where, frame->type());
}

void brief(const Layer& layer, std::string& out) {
  const auto frame = Ethernet::from(layer.header);
  if (frame && frame->type() > Ethernet::largest_length)
    append(out, "Ethernet type 0x{:04x}", frame->type());
  else
    out += "Ethernet 802.3";
}

}  // namespace

extern constexpr Dissector ethernet{{"ethernet", "Ethernet"}, claims, dissect, describe, brief};
}  // namespace espdump::dissectors
