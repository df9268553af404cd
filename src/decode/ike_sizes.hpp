// What the size of an encrypted IKE message allows to be inside, where nobody can read it.
#pragma once

#include <cstddef>
#include <optional>

#include <espdump/ike.hpp>

namespace espdump {

// The most bytes that the payloads inside can have; nothing where the IKE SA's suite is not known.
std::optional<std::size_t> most_plaintext(const IkeSa& sa, const IkeMessage& message);

// The least that the payloads of a successful IKE_AUTH response take: IDr and AUTH; with a Child SA also SA, TSi and
// TSr.
std::size_t least_auth_response(const IkeSa& sa, bool with_child);

// Whether an IKE_AUTH response that cannot be read may hold IDr and AUTH; also true where nothing is known.
bool holds_auth(const IkeSa& sa, const IkeMessage& response);

}  // namespace espdump
