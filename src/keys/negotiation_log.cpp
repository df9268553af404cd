#include "keys/negotiation_log.hpp"

#include <algorithm>
#include <utility>

namespace espdump::keys {
namespace {

bool is_same(const wire::IkeProposal& one, const wire::IkeProposal& two) {
  return one.protocol == two.protocol && one.transforms == two.transforms;
}

bool is_same(const LoggedProposals& one, const LoggedProposals& two) {
  const auto equal = [](const auto& a, const auto& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const wire::IkeProposal& x, const wire::IkeProposal& y) { return is_same(x, y); });
  };
  return equal(one.received, two.received) && equal(one.configured, two.configured);
}

bool is_same(const LoggedSelectors& one, const LoggedSelectors& two) {
  return one.asked_here == two.asked_here && one.asked_there == two.asked_there &&
         one.allowed_here == two.allowed_here && one.allowed_there == two.allowed_there;
}

template <typename Entry>
bool add_to(std::vector<Entry>& entries, Entry entry) {
  if (std::any_of(entries.begin(), entries.end(), [&](const Entry& it) { return is_same(it, entry); })) return true;
  if (entries.size() == NegotiationLog::most) return false;
  entries.push_back(std::move(entry));
  return true;
}

}  // namespace

bool NegotiationLog::add(LoggedProposals entry) { return add_to(proposals_, std::move(entry)); }
bool NegotiationLog::add(LoggedSelectors entry) { return add_to(selectors_, std::move(entry)); }

}  // namespace espdump::keys
