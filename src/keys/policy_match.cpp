// Which policies an SA serves, as the kernel's xfrm_tmpl_resolve() and xfrm_state_ok() decide it. Templates are looked
// up by what they fix, so that many SAs and many policies cost their sum.
#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "keys/xfrm_policy.hpp"
#include "keys/xfrm_record.hpp"

namespace espdump::keys {
namespace {

constexpr std::size_t most_policies = 64;    // kept for an SA
constexpr std::size_t most_looked_at = 256;  // for an SA: those that differ in no more than a mark

struct Entry {
  const Policy* policy;
  const PolicyTemplate* wanted;
};
using Index = std::unordered_multimap<std::uint64_t, Entry>;

IpAddress fixed(const IpAddress& address) { return address.is_unspecified() ? IpAddress{} : address; }

std::uint64_t key_of(const IpAddress& source, const IpAddress& destination, IpsecProtocol protocol, std::uint32_t reqid,
                     std::uint32_t if_id) {
  std::array<std::uint8_t, 44> facts{};
  const Bytes from = source.bytes(), to = destination.bytes();
  std::copy(from.begin(), from.end(), facts.begin());
  std::copy(to.begin(), to.end(), facts.begin() + 16);
  write_u32(facts, 32, reqid);
  write_u32(facts, 36, if_id);
  facts[40] = static_cast<std::uint8_t>(protocol);
  facts[41] = static_cast<std::uint8_t>(source.family());
  facts[42] = static_cast<std::uint8_t>(destination.family());
  return keyed_hash(facts);
}

// What the key does not say.
bool serves(const SecurityAssociation& sa, const Entry& entry) {
  const Policy& policy = *entry.policy;
  const PolicyTemplate& wanted = *entry.wanted;
  if (sa.mode != SaMode::unknown && sa.mode != wanted.mode) return false;
  if (wanted.protocol != sa.protocol || (wanted.reqid != 0 && wanted.reqid != sa.reqid)) return false;
  if (policy.if_id != sa.if_id.value_or(0) || (policy.mark & sa.mark_mask) != (sa.mark & sa.mark_mask)) return false;
  const auto fits = [](const IpAddress& any_or_one, const IpAddress& address) {
    return any_or_one.family() == Family::none || any_or_one.is_unspecified() || any_or_one == address;
  };
  if (!fits(wanted.source, sa.source) || !fits(wanted.destination, sa.destination)) return false;
  // A template of transport mode takes its addresses from the traffic.
  return wanted.mode != SaMode::transport || !wanted.destination.is_unspecified() ||
         (policy.selector.source.contains(sa.source) && policy.selector.destination.contains(sa.destination));
}

bool same(const Selector& one, const Selector& two) {
  return one.source == two.source && one.destination == two.destination && one.protocol == two.protocol &&
         one.source_port == two.source_port && one.destination_port == two.destination_port;
}

std::vector<const Policy*> policies_of(const SecurityAssociation& sa, const Index& index) {
  std::vector<const Policy*> out;
  std::size_t looked_at = 0;
  for (const IpAddress& source : {sa.source, IpAddress{}})
    for (const IpAddress& destination : {sa.destination, IpAddress{}})
      for (const std::uint32_t reqid : {sa.reqid, 0U}) {
        auto [entry, end] = index.equal_range(key_of(source, destination, sa.protocol, reqid, sa.if_id.value_or(0)));
        for (; entry != end && ++looked_at <= most_looked_at; ++entry)
          if (serves(sa, entry->second)) out.push_back(entry->second.policy);
        if (sa.reqid == 0) break;
      }
  // In the order of the file, which the table of hashes does not keep; the most urgent first.
  std::sort(out.begin(), out.end(), [](const Policy* one, const Policy* two) {
    return std::pair(one->priority, one) < std::pair(two->priority, two);
  });
  return out;
}

void give(SecurityAssociation& sa, const std::vector<const Policy*>& policies) {
  for (const Policy* policy : policies) {
    const bool known = std::any_of(sa.policies.begin(), sa.policies.end(),
                                   [&](const Selector& selector) { return same(selector, policy->selector); });
    if (!known && sa.policies.size() < most_policies) sa.policies.push_back(policy->selector);
  }
  const bool takes_one = sa.policies.size() == 1 || (sa.mode == SaMode::beet && !sa.policies.empty());
  if (sa.selector || !takes_one || covers_everything(sa.policies.front())) return;
  sa.selector = sa.policies.front();
  sa.selector_family = sa.selector->source.address.family();
}

}  // namespace

void apply_policies(const std::vector<Policy>& policies, SaTable& table) {
  Index index;
  for (const Policy& policy : policies)
    for (const PolicyTemplate& wanted : policy.templates)
      index.emplace(
          key_of(fixed(wanted.source), fixed(wanted.destination), wanted.protocol, wanted.reqid, policy.if_id),
          Entry{&policy, &wanted});
  if (index.empty()) return;
  for (std::uint32_t i = 0; i < table.all().size(); ++i)
    if (!table.at(i).wildcards) give(table.at(i), policies_of(table.at(i), index));
}

}  // namespace espdump::keys
