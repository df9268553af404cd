// Who reads what: the table from (number space, value) to dissector.
#include <espdump/assert.hpp>
#include <espdump/dissector.hpp>

#include <utility>

namespace espdump {
namespace {

std::uint64_t key_of(Claim claim) { return std::uint64_t{static_cast<std::uint8_t>(claim.space)} << 32 | claim.value; }

}  // namespace

ClaimTable::ClaimTable() {
  for (const Dissector* dissector : all_dissectors())
    for (const Claim claim : dissector->claims) {
      const bool unclaimed = add(claim, *dissector);
      ESPDUMP_ASSERT(unclaimed);
    }
}

bool ClaimTable::add(Claim claim, const Dissector& dissector) {
  if (claim.space != Space::ip_protocol) return others_.emplace(key_of(claim), &dissector).second;
  ESPDUMP_ASSERT(claim.value < ip_protocol_.size());
  const Dissector*& place = ip_protocol_[claim.value];
  if (place != nullptr) return false;
  place = &dissector;
  return true;
}

const Dissector* ClaimTable::find(Claim claim) const noexcept {
  if (claim.space == Space::ip_protocol) return claim.value < ip_protocol_.size() ? ip_protocol_[claim.value] : nullptr;
  const auto found = others_.find(key_of(claim));
  return found == others_.end() ? nullptr : found->second;
}

void Context::malformed(std::size_t offset, std::string text) {
  if (malformed_) return;
  malformed_ = true;
  offset_ = offset;
  text_ = std::move(text);
}

}  // namespace espdump
