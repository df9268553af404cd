// IP without a link header: LINKTYPE_RAW (101, and 12 and 14 of old files), LINKTYPE_IPV4 (228), LINKTYPE_IPV6 (229).
#include <espdump/dissector.hpp>

namespace espdump::dissectors {
namespace {

constexpr std::uint32_t link_ipv4 = 228, link_ipv6 = 229;

constexpr Claim claims[] = {{Space::link_type, 101},
                            {Space::link_type, 12},
                            {Space::link_type, 14},
                            {Space::link_type, link_ipv4},
                            {Space::link_type, link_ipv6}};

Step dissect(ByteReader& in, Context& context) {
  if (context.reached_by().value == link_ipv4) return Step::to({Space::ip_version, 4});
  if (context.reached_by().value == link_ipv6) return Step::to({Space::ip_version, 6});
  ByteReader ahead = in;
  const std::uint8_t first = ahead.u8();
  if (!ahead.ok()) {
    in.skip(1);
    return Step::end();
  }
  return Step::to({Space::ip_version, first / 16U});
}

void brief(const Layer&, std::string& out) { out += "raw IP"; }

}  // namespace

extern constexpr Dissector raw_ip{{"raw", "Raw IP"}, claims, dissect, nullptr, brief};
}  // namespace espdump::dissectors
