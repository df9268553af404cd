// Generic Routing Encapsulation, RFC 2784 and 2890; version 1 carries PPP (RFC 2637 section 4.1).
#include <espdump/dissector.hpp>
#include <espdump/wire/gre.hpp>
#include <espdump/wire/names.hpp>

#include <fmt/core.h>

#include "base/append.hpp"

namespace espdump::dissectors {
namespace {

using wire::Gre;

constexpr Claim claims[] = {{Space::ip_protocol, 47}};

Step dissect(ByteReader& in, Context& context) {
  ByteReader ahead = in;
  in.skip(Gre::min_size);
  if (!in.ok()) return Step::end();
  const std::uint16_t flags = ahead.u16();
  if (flags % 8 > 1) {
    context.malformed(Gre::flags_offset, fmt::format("version is {}, not 0 or 1", flags % 8));
    return Step::end();
  }
  // Each flag stands for one word: checksum (also with routing), key, sequence, acknowledgment.
  const bool acknowledgment = flags % 8 == 1 && (flags & 0x0080) != 0;
  in.skip(((flags & 0xc000) != 0 ? 4U : 0U) + ((flags & 0x2000) != 0 ? 4U : 0U) + ((flags & 0x1000) != 0 ? 4U : 0U) +
          (acknowledgment ? 4U : 0U));
  if (!in.ok()) return Step::end();
  const auto gre = Gre::over(in.consumed());
  if (gre.has_routing() || in.claimed_remaining() == 0) return Step::end();
  return Step::to(gre.version() == 1 ? Claim{Space::link_type, 9} : Claim{Space::ether_type, gre.type()});
}

void describe(const Layer& layer, FieldSink& out) {
  const auto gre = Gre::from(layer.header);
  if (!gre) return;
  out.hex("flags", {Gre::flags_offset, 2}, gre->flags(), 4);
  out.number("version", {Gre::flags_offset + 1, 1}, gre->version());
  out.hex("type", {Gre::type_offset, 2}, gre->type(), 4, wire::ether_type_name(gre->type()));
  if (gre->has_checksum()) out.hex("checksum", {Gre::checksum_offset, 2}, gre->checksum(), 4);
  if (gre->has_key()) out.hex("key", {gre->key_offset(), 4}, gre->key(), 8);
  if (gre->has_sequence()) out.number("seq", {gre->sequence_offset(), 4}, gre->sequence());
  if (gre->has_acknowledgment()) out.number("ack", {gre->acknowledgment_offset(), 4}, gre->acknowledgment());
}

void brief(const Layer& layer, std::string& out) {
  out += "GRE";
  const auto gre = Gre::from(layer.header);
  if (gre && gre->has_key()) append(out, " key 0x{:x}", gre->key());
}

}  // namespace

extern constexpr Dissector gre{{"gre", "GRE"}, claims, dissect, describe, brief};
}  // namespace espdump::dissectors
