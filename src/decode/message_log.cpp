// Searches the messages met so far, the newest first where copies are concerned.
#include "decode/message_log.hpp"

#include <algorithm>

namespace espdump {

const Sighting* MessageLog::find_copied(const Sighting& now) noexcept {
  const auto before = std::find_if(latest_.rbegin(), latest_.rend(), [&](Sighting& one) { return is_copy(one, now); });
  return before == latest_.rend() ? nullptr : &*before;
}

const Sighting* MessageLog::find_same(std::uint64_t digest) const noexcept {
  const auto before =
      std::find_if(latest_.begin(), latest_.end(), [&](const Sighting& one) { return one.digest == digest; });
  return before == latest_.end() ? nullptr : &*before;
}

void MessageLog::remember(const Sighting& now) {
  if (latest_.size() == most) latest_.pop_front();
  latest_.push_back(now);
}

}  // namespace espdump
