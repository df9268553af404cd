// Transmission Control Protocol, RFC 9293 section 3.1.
#include <espdump/dissector.hpp>
#include <espdump/wire/options.hpp>
#include <espdump/wire/tcp.hpp>

#include <fmt/core.h>

#include <utility>

#include "base/append.hpp"

namespace espdump::dissectors {
namespace {

using wire::Tcp;

constexpr Claim claims[] = {{Space::ip_protocol, 6}};

Step dissect(ByteReader& in, Context& context) {
  in.skip(Tcp::min_size);
  if (!in.ok()) return Step::end();
  const std::size_t size = std::size_t{in.consumed()[Tcp::header_length_offset]} / 16 * 4;
  if (size < Tcp::min_size) {
    context.malformed(Tcp::header_length_offset, fmt::format("header length is {}, less than 20", size));
    return Step::end();
  }
  in.skip(size - Tcp::min_size);
  if (!in.ok()) return Step::end();
  const auto tcp = Tcp::over(in.consumed());
  wire::Options options{tcp.options(), wire::Options::Style::ipv4};
  if (!options.all_fit())
    context.malformed(Tcp::options_offset + options.offset(), "an option does not fit into the header");
  if (in.claimed_remaining() == 0) return Step::end();
  return Step::to({Space::tcp_port, tcp.destination_port()}, {Space::tcp_port, tcp.source_port()});
}

// As tcpdump spells them.
std::string flags_text(Tcp tcp) {
  constexpr std::array<std::pair<std::uint8_t, char>, 8> letters{{{Tcp::fin, 'F'},
                                                                  {Tcp::syn, 'S'},
                                                                  {Tcp::rst, 'R'},
                                                                  {Tcp::psh, 'P'},
                                                                  {Tcp::ack, '.'},
                                                                  {Tcp::urg, 'U'},
                                                                  {Tcp::ece, 'E'},
                                                                  {Tcp::cwr, 'W'}}};
  std::string out;
  for (const auto& [flag, letter] : letters)
    if (tcp.has(flag)) out += letter;
  return out.empty() ? "none" : out;
}

std::string_view option_name(std::uint8_t kind) {
  switch (kind) {
    case 0: return "end";
    case 1: return "no operation";
    case Tcp::option_mss: return "maximum segment size";
    case 3: return "window scale";
    case 4: return "selective acknowledgment permitted";
    case 5: return "selective acknowledgment";
    case 8: return "timestamps";
    case 19: return "MD5 signature";
    case 29: return "authentication";
    case 30: return "multipath TCP";
    case 34: return "fast open";
    default: return {};
  }
}

void describe_options(Tcp tcp, FieldSink& out) {
  wire::Options options{tcp.options(), wire::Options::Style::ipv4};
  while (const auto option = options.next()) {
    const Where where{Tcp::options_offset + option->offset, option->size};
    if (option->kind == Tcp::option_mss && option->data.size() == 2) {
      out.number("mss", where, read_u16(option->data, 0));
      continue;
    }
    out.begin("option", where, option_name(option->kind));
    out.number("kind", {where.offset, 1}, option->kind);
    if (!option->data.empty()) out.bytes("data", {where.offset + 2, option->data.size()}, option->data);
    out.end();
  }
}

void describe(const Layer& layer, FieldSink& out) {
  const auto tcp = Tcp::from(layer.header);
  if (!tcp) return;
  out.number("source_port", {Tcp::source_port_offset, 2}, tcp->source_port());
  out.number("destination_port", {Tcp::destination_port_offset, 2}, tcp->destination_port());
  out.number("sequence", {Tcp::sequence_offset, 4}, tcp->sequence());
  out.number("acknowledgment", {Tcp::acknowledgment_offset, 4}, tcp->acknowledgment());
  out.number("header_length", {Tcp::header_length_offset, 1}, tcp->header_length());
  out.hex("flags", {Tcp::flags_offset, 1}, tcp->flags(), 2, flags_text(*tcp));
  out.number("window", {Tcp::window_offset, 2}, tcp->window());
  out.hex("checksum", {Tcp::checksum_offset, 2}, tcp->checksum(), 4);
  out.number("urgent", {Tcp::urgent_offset, 2}, tcp->urgent());
  describe_options(*tcp, out);
}

void brief(const Layer& layer, std::string& out) {
  const auto tcp = Tcp::from(layer.header);
  if (!tcp) return;
  append(out, "TCP [{}]", flags_text(*tcp));
  if (tcp->has(Tcp::syn | Tcp::fin | Tcp::rst) || layer.payload_claimed != 0) append(out, " seq {}", tcp->sequence());
  if (tcp->has(Tcp::ack)) append(out, " ack {}", tcp->acknowledgment());
  const bool window_closed = tcp->window() == 0 && !tcp->has(Tcp::rst);
  if (tcp->has(Tcp::syn) || window_closed) append(out, " win {}", tcp->window());
  if (const auto mss = tcp->mss()) append(out, " mss {}", *mss);
}

}  // namespace

extern constexpr Dissector tcp{{"tcp", "TCP"}, claims, dissect, describe, brief};
}  // namespace espdump::dissectors
