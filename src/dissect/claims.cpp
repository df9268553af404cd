// Who reads what: the table from (number space, value) to dissector.
#include <espdump/assert.hpp>
#include <espdump/dissector.hpp>

#include <algorithm>
#include <utility>

namespace espdump {

void ClaimTable::widen() {
  const std::vector<Slot> old =
      std::exchange(others_, std::vector<Slot>(std::max<std::size_t>(512, others_.size() * 2)));
  for (const Slot& slot : old)
    if (slot.dissector != nullptr) others_[place_of(slot.key)] = slot;
}

ClaimTable::ClaimTable() {
  widen();
  for (const Dissector* dissector : all_dissectors())
    for (const Claim claim : dissector->claims) {
      const bool unclaimed = add(claim, *dissector);
      ESPDUMP_ASSERT(unclaimed);
    }
}

bool ClaimTable::add(Claim claim, const Dissector& dissector) {
  if (claim.space != Space::ip_protocol) {
    if (used_ * 2 >= others_.size()) widen();
    Slot& slot = others_[place_of(key_of(claim))];
    if (slot.dissector != nullptr) return false;
    slot = {key_of(claim), &dissector};
    ++used_;
    return true;
  }
  ESPDUMP_ASSERT(claim.value < ip_protocol_.size());
  const Dissector*& place = ip_protocol_[claim.value];
  if (place != nullptr) return false;
  place = &dissector;
  return true;
}

void Context::malformed(std::size_t offset, std::string text) {
  if (malformed_) return;
  malformed_ = true;
  offset_ = offset;
  text_ = std::move(text);
}

}  // namespace espdump
