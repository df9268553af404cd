// Reading off what is kept of IKE SAs.
#include <espdump/ike.hpp>

#include <algorithm>

namespace espdump {

std::string ike_sa_name(IkeSaNumber number) {
  std::string letters;
  for (; number != 0; number = (number - 1) / 26) letters += static_cast<char>('A' + (number - 1) % 26);
  letters += '#';
  std::reverse(letters.begin(), letters.end());
  return letters;
}

const IkeNotice* IkeContents::notice(std::uint16_t type) const {
  const auto found = std::find_if(notices.begin(), notices.end(), [&](const IkeNotice& it) { return it.type == type; });
  return found == notices.end() ? nullptr : &*found;
}

const IkeNotice* IkeContents::error() const {
  const auto found = std::find_if(notices.begin(), notices.end(),
                                  [](const IkeNotice& it) { return it.type < wire::ike_notify::first_status; });
  return found == notices.end() ? nullptr : &*found;
}

bool IkeContents::has(std::uint8_t payload) const {
  return std::find(payloads.begin(), payloads.end(), payload) != payloads.end();
}

std::string_view to_string(IkeState state) noexcept {
  switch (state) {
    case IkeState::half_open: return "half-open";
    case IkeState::established: return "established";
    case IkeState::failed: return "failed";
    case IkeState::closed: return "closed";
  }
  return {};
}

}  // namespace espdump
