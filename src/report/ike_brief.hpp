// An IKE message in one line: its header's essentials, and its payloads in brackets.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include <espdump/packet.hpp>

namespace espdump {

// "IKE_AUTH request 1 [ IDi AUTH SA TSi TSr ]" of the message that layer `index` is the header or a part of, as far as
// the layers before `end` show it. Nothing where it is no part of one.
std::optional<std::string> ike_brief(const Packet& packet, std::size_t index, std::size_t end);

}  // namespace espdump
