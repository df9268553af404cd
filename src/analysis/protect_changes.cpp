// Fields of RFC 791, RFC 8200 and RFC 9293 in words; of everything else the bytes that differ.
#include "analysis/protect_changes.hpp"

#include <fmt/core.h>

#include <algorithm>

#include <espdump/wire/ipv4.hpp>
#include <espdump/wire/ipv6.hpp>
#include <espdump/wire/names.hpp>
#include <espdump/wire/next_header.hpp>
#include <espdump/wire/options.hpp>
#include <espdump/wire/tcp.hpp>
#include <espdump/wire/udp.hpp>

namespace espdump {
namespace {

using namespace wire::next_header;

constexpr std::size_t most_ranges = 4;

class Changes {
 public:
  template <typename Value>
  void value(std::string_view name, const Value& before, const Value& after) {
    if (before != after) add(fmt::format("{} {} > {}", name, before, after));
  }
  void address(std::string_view name, const IpAddress& before, const IpAddress& after) {
    value(name, before.to_string(), after.to_string());
  }
  void add(const std::string& text) { text_ += (text_.empty() ? "" : ", ") + text; }
  [[nodiscard]] bool empty() const { return text_.empty(); }
  [[nodiscard]] std::string text() const { return text_; }

 private:
  std::string text_;
};

// TTL may only go down.
void compare_ttl(Changes& out, std::string_view name, std::uint8_t before, std::uint8_t after) {
  if (after > before) out.value(name, unsigned{before}, unsigned{after});
}

void compare_v4(Changes& out, const wire::Ipv4& a, const wire::Ipv4& b) {
  out.address("source address", a.source(), b.source());
  out.address("destination address", a.destination(), b.destination());
  out.value("protocol", unsigned{a.protocol_number()}, unsigned{b.protocol_number()});
  out.value("length", a.total_length(), b.total_length());
  out.value("identification", a.id(), b.id());
  out.value("DF", int{a.dont_fragment()}, int{b.dont_fragment()});
  out.value("MF", int{a.more_fragments()}, int{b.more_fragments()});
  out.value("fragment offset", a.fragment_offset(), b.fragment_offset());
  if (((a.flags_and_offset() ^ b.flags_and_offset()) & 0x8000) != 0) out.add("the reserved flag");
  compare_ttl(out, "TTL", a.ttl(), b.ttl());
  const Bytes mine = a.options(), theirs = b.options();
  if (!std::equal(mine.begin(), mine.end(), theirs.begin(), theirs.end())) out.add("IP options");
}

void compare_v6(Changes& out, const wire::Ipv6& a, const wire::Ipv6& b) {
  out.address("source address", a.source(), b.source());
  out.address("destination address", a.destination(), b.destination());
  out.value("next header", unsigned{a.next_header()}, unsigned{b.next_header()});
  out.value("length", a.payload_length(), b.payload_length());
  if (a.flow_label() != b.flow_label())
    out.add(fmt::format("flow label {:#07x} > {:#07x}", a.flow_label(), b.flow_label()));
  compare_ttl(out, "hop limit", a.hop_limit(), b.hop_limit());
}

// "bytes 52-53 of TCP", counted from the first byte of its header.
void compare_bytes(Changes& out, std::string_view name, Bytes a, Bytes b, std::size_t from) {
  std::size_t ranges = 0;
  const std::size_t size = std::min(a.size(), b.size());
  for (std::size_t at = from; at < size; ++at) {
    if (a[at] == b[at]) continue;
    const std::size_t first = at;
    while (at + 1 < size && a[at + 1] != b[at + 1]) ++at;
    if (++ranges > most_ranges) return out.add("and more");
    out.add(first == at ? fmt::format("byte {} of {}", first, name)
                        : fmt::format("bytes {}-{} of {}", first, at, name));
  }
  if (a.size() != b.size()) out.add(fmt::format("{} has {} > {} bytes", name, a.size(), b.size()));
}

// The options without the value of the MSS.
std::vector<std::uint8_t> other_options(const wire::Tcp& tcp) {
  std::vector<std::uint8_t> out(tcp.options().begin(), tcp.options().end());
  for (std::size_t at = 0; at + 4 <= out.size();) {
    if (out[at] == 0) break;
    if (out[at] == wire::Tcp::option_mss && out[at + 1] == 4) write_u16(out, at + 2, 0);
    at += out[at] == 1 ? 1 : std::max<std::size_t>(out[at + 1], 2);
  }
  return out;
}

// True where the MSS was changed.
bool compare_tcp(Changes& out, Bytes before, Bytes after) {
  const auto a = wire::Tcp::from(before), b = wire::Tcp::from(after);
  if (!a || !b) {
    compare_bytes(out, "TCP", before, after, 0);
    return false;
  }
  out.value("source port", a->source_port(), b->source_port());
  out.value("destination port", a->destination_port(), b->destination_port());
  out.value("TCP sequence number", a->sequence(), b->sequence());
  out.value("TCP acknowledgment", a->acknowledgment(), b->acknowledgment());
  if (a->flags() != b->flags()) out.add(fmt::format("TCP flags {:#04x} > {:#04x}", a->flags(), b->flags()));
  out.value("TCP window", a->window(), b->window());
  out.value("TCP urgent pointer", a->urgent(), b->urgent());
  const auto mss = a->mss(), new_mss = b->mss();
  const bool changed = mss && new_mss && *mss != *new_mss;
  if (changed) out.value("TCP MSS", *mss, *new_mss);
  if (other_options(*a) != other_options(*b)) {
    if (!mss && new_mss)
      out.add(fmt::format("TCP MSS {} added", *new_mss));
    else
      out.add("TCP options");
  }
  const std::size_t size = std::max(a->header_length(), b->header_length());
  if (a->header_length() == b->header_length())
    compare_bytes(out, "TCP", before, after, size);
  else
    compare_bytes(out, "the data of TCP", before.subspan(a->header_length()), after.subspan(b->header_length()), 0);
  return changed;
}

void compare_udp(Changes& out, Bytes before, Bytes after) {
  const auto a = wire::Udp::from(before), b = wire::Udp::from(after);
  if (!a || !b) return compare_bytes(out, "UDP", before, after, 0);
  out.value("source port", a->source_port(), b->source_port());
  out.value("destination port", a->destination_port(), b->destination_port());
  compare_bytes(out, "UDP", before, after, wire::Udp::size);
}

std::string name_of(std::uint8_t protocol) {
  const std::string_view name = wire::ip_protocol_name(protocol);
  return name.empty() ? fmt::format("what protocol {} carries", protocol) : std::string{name};
}

// Where nothing else says why.
void compare_checksums(Changes& out, std::uint8_t protocol, Bytes a, Bytes b) {
  const std::size_t at = protocol == tcp ? std::size_t{16} : protocol == udp ? std::size_t{6} : std::size_t{2};
  if (out.empty() && a.size() >= at + 2 && b.size() >= at + 2 && read_u16(a, at) != read_u16(b, at))
    out.add(fmt::format("checksum of {} {:#06x} > {:#06x}", name_of(protocol), read_u16(a, at), read_u16(b, at)));
}

bool compare_upper(Changes& out, std::uint8_t protocol, Bytes a, Bytes b) {
  bool mss = false;
  if (protocol == tcp)
    mss = compare_tcp(out, a, b);
  else if (protocol == udp)
    compare_udp(out, a, b);
  else if ((protocol == icmp || protocol == icmpv6) && a.size() >= 4 && b.size() >= 4) {
    compare_bytes(out, name_of(protocol), a.first(2), b.first(2), 0);
    compare_bytes(out, name_of(protocol), a, b, 4);
  } else {
    compare_bytes(out, name_of(protocol), a, b, 0);
    return false;
  }
  compare_checksums(out, protocol, a, b);
  return mss;
}

}  // namespace

ProtectChange changes_between(Bytes before, Bytes after) {
  const auto a = ip_facts(before), b = ip_facts(after);
  if (!a || !b || a->cut || b->cut) return {};
  before = before.first(a->size);
  after = after.first(b->size);
  Changes out;
  if (a->source.family() != b->source.family())
    out.add("another version of IP");
  else if (a->source.is_v4())
    compare_v4(out, wire::Ipv4::over(before), wire::Ipv4::over(after));
  else
    compare_v6(out, wire::Ipv6::over(before), wire::Ipv6::over(after));
  const bool header_same = out.empty();
  if (!a->source.is_v4() && !b->source.is_v4())
    compare_bytes(out, "extension headers", before.subspan(wire::Ipv6::size, a->upper - wire::Ipv6::size),
                  after.subspan(wire::Ipv6::size, b->upper - wire::Ipv6::size), 0);
  const std::string so_far = out.text();
  const bool mss =
      a->protocol == b->protocol && compare_upper(out, a->protocol, before.subspan(a->upper), after.subspan(b->upper));
  const bool alone = mss && header_same && so_far.empty() && out.text().find(',') == std::string::npos;
  return {out.text(), alone};
}

ProtectChange changes_between(const ProtectSide& side, const ProtectPacket& before, const ProtectSide& other,
                              const ProtectPacket& after) {
  Changes out;
  const ClearHosts &from = side.hosts()[before.hosts], &to = other.hosts()[after.hosts];
  out.address("source address", from.source, to.source);
  out.address("destination address", from.destination, to.destination);
  out.value("length", before.length, after.length);
  if (from.source.is_v4()) out.value("identification", before.id, after.id);
  if (from.protocol != icmp && from.protocol != icmpv6 && before.has_ports && after.has_ports) {
    out.value("source port", before.source_port, after.source_port);
    out.value("destination port", before.destination_port, after.destination_port);
  }
  compare_ttl(out, from.source.is_v4() ? "TTL" : "hop limit", before.ttl, after.ttl);
  return {out.text(), false};
}

}  // namespace espdump
