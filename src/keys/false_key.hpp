// Keys that stand for others where those are not at hand: of the same size, and equal where they are.
#pragma once

#include <cstddef>
#include <cstdint>

#include <espdump/secret.hpp>

namespace espdump {

// That of a number. Opens nothing.
Secret false_key(SecretArena& arena, std::uint64_t number, std::size_t size);

}  // namespace espdump
