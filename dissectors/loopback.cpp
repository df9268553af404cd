// BSD loopback: an address family of four bytes. LINKTYPE_NULL (0) in host order, LINKTYPE_LOOP (108) in network order.
#include <espdump/dissector.hpp>

#include "base/append.hpp"

namespace espdump::dissectors {
namespace {

constexpr std::uint32_t link_null = 0, link_loop = 108;
constexpr std::size_t size = 4;

constexpr Claim claims[] = {{Space::link_type, link_null}, {Space::link_type, link_loop}};

// The capturing host's order is not told; families are small, so that the order shows.
std::uint32_t family_of(Bytes header) {
  const std::uint32_t value = read_u32(header, 0);
  if (value <= 0xffff) return value;
  return std::uint32_t{header[3]} << 24 | std::uint32_t{header[2]} << 16 | std::uint32_t{header[1]} << 8 | header[0];
}

// AF_INET is 2 everywhere; AF_INET6 differs: NetBSD and OpenBSD 24, FreeBSD 28, Darwin 30, Linux 10.
std::uint8_t ip_version(std::uint32_t family) {
  if (family == 2) return 4;
  return family == 24 || family == 28 || family == 30 || family == 10 ? 6 : 0;
}

Step dissect(ByteReader& in, Context& context) {
  const std::uint32_t in_network_order = in.u32();
  if (!in.ok()) return Step::end();
  const bool fixed_order = context.reached_by().value == link_loop;
  const std::uint8_t version = ip_version(fixed_order ? in_network_order : family_of(in.consumed()));
  return version == 0 ? Step::end() : Step::to({Space::ip_version, version});
}

void describe(const Layer& layer, FieldSink& out) {
  if (layer.header.size() < size) return;
  const std::uint32_t family = family_of(layer.header);
  const std::uint8_t version = ip_version(family);
  out.number("family", {0, 4}, family, version == 4 ? "IPv4" : version == 6 ? "IPv6" : "");
}

void brief(const Layer& layer, std::string& out) {
  if (layer.header.size() < size) return;
  append(out, "loopback, family {}", family_of(layer.header));
}

}  // namespace

extern constexpr Dissector loopback{{"null", "BSD loopback"}, claims, dissect, describe, brief};
}  // namespace espdump::dissectors
