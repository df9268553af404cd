// No next header, RFC 8200 section 4.7: nothing follows, and bytes that do are to be ignored.
#include <espdump/dissector.hpp>

namespace espdump::dissectors {
namespace {

constexpr Claim claims[] = {{Space::ip_protocol, 59}};

Step dissect(ByteReader&, Context&) { return Step::end(); }

void brief(const Layer&, std::string& out) { out += "no next header"; }

}  // namespace

extern constexpr Dissector no_next_header{{"no_next_header", "No next header"}, claims, dissect, nullptr, brief};
}  // namespace espdump::dissectors
