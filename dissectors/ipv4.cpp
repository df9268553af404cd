// Internet Protocol version 4, RFC 791. Fragments go to the decoder.
#include <espdump/dissector.hpp>
#include <espdump/wire/ipv4.hpp>
#include <espdump/wire/names.hpp>
#include <espdump/wire/options.hpp>

#include <fmt/core.h>

#include "base/append.hpp"

namespace espdump::dissectors {
namespace {

using wire::Ipv4;

constexpr Claim claims[] = {
    {Space::ether_type, 0x0800}, {Space::ip_protocol, 4}, {Space::ip_version, 4}, {Space::ppp_protocol, 0x0021}};

// The size of the header, once its first 20 bytes were read; 0 when there cannot be such a header.
std::size_t checked_size(Bytes fixed, Context& context) {
  const std::size_t size = std::size_t{fixed[0]} % 16 * 4;
  if (fixed[0] / 16 != 4)
    context.malformed(0, fmt::format("version is {}, not 4", fixed[0] / 16));
  else if (size < Ipv4::min_size)
    context.malformed(0, fmt::format("header length is {}, less than 20", size));
  return context.is_malformed() ? 0 : size;
}

void check(Ipv4 ip, Context& context) {
  if (ip.header_length() != Ipv4::min_size) {
    wire::Options options{ip.options(), wire::Options::Style::ipv4};
    if (!options.all_fit())
      context.malformed(Ipv4::options_offset + options.offset(), "an option does not fit into the header");
  }
  if (ip.total_length() != 0 && ip.total_length() < ip.header_length())
    context.malformed(Ipv4::total_length_offset, fmt::format("total length is {}, less than the header's {}",
                                                             ip.total_length(), ip.header_length()));
}

Step dissect(ByteReader& in, Context& context) {
  in.skip(Ipv4::min_size);
  if (!in.ok()) return Step::end();
  const std::size_t size = checked_size(in.consumed(), context);
  if (size == 0) return Step::end();
  if (size != Ipv4::min_size) in.skip(size - Ipv4::min_size);
  if (!in.ok()) return Step::end();
  const auto ip = Ipv4::over(in.consumed());
  check(ip, context);
  if (context.is_malformed()) return Step::end();
  // With segmentation offload, frames are captured before the length is filled in.
  if (ip.total_length() != 0) in.limit(ip.total_length() - size);
  return ip.is_fragment() ? Step::partial() : Step::to({Space::ip_protocol, ip.protocol_number()});
}

void describe(const Layer& layer, FieldSink& out) {
  const auto ip = Ipv4::from(layer.header);
  if (!ip) return;
  out.number("version", {Ipv4::version_offset, 1}, ip->version());
  out.number("header_length", {Ipv4::version_offset, 1}, ip->header_length());
  out.hex("tos", {Ipv4::tos_offset, 1}, ip->tos(), 2);
  out.number("total_length", {Ipv4::total_length_offset, 2}, ip->total_length());
  out.hex("id", {Ipv4::id_offset, 2}, ip->id(), 4);
  out.flag("dont_fragment", {Ipv4::flags_offset, 1}, ip->dont_fragment());
  out.flag("more_fragments", {Ipv4::flags_offset, 1}, ip->more_fragments());
  out.number("fragment_offset", {Ipv4::flags_offset, 2}, ip->fragment_offset());
  out.number("ttl", {Ipv4::ttl_offset, 1}, ip->ttl());
  out.number("protocol", {Ipv4::protocol_offset, 1}, ip->protocol_number(),
             wire::ip_protocol_name(ip->protocol_number()));
  out.hex("checksum", {Ipv4::checksum_offset, 2}, ip->checksum(), 4);
  out.address("source", {Ipv4::source_offset, 4}, ip->source());
  out.address("destination", {Ipv4::destination_offset, 4}, ip->destination());
  if (!ip->options().empty()) out.bytes("options", {Ipv4::options_offset, ip->options().size()}, ip->options());
}

void brief(const Layer& layer, std::string& out) {
  const auto ip = Ipv4::from(layer.header);
  if (!ip) return;
  if (ip->is_fragment())
    append(out, "IPv4 fragment offset {}", ip->fragment_offset());
  else if (const std::string_view name = wire::ip_protocol_name(ip->protocol_number()); !name.empty())
    append(out, "IPv4 protocol {} ({})", ip->protocol_number(), name);
  else
    append(out, "IPv4 protocol {}", ip->protocol_number());
}

}  // namespace

extern constexpr Dissector ipv4{{"ipv4", "IPv4"}, claims, dissect, describe, brief};
}  // namespace espdump::dissectors
