// Random bytes that are others in every process: what attackers would have to know to aim at a hash.
#pragma once

#include <sodium.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include <espdump/assert.hpp>

namespace espdump {

template <std::size_t Size>
struct ProcessSecret {
  std::array<std::uint8_t, Size> bytes;
  ProcessSecret() noexcept {
    if (sodium_init() < 0) assertion_failed("sodium_init", __FILE__, __LINE__);
    randombytes_buf(bytes.data(), bytes.size());
  }
};

}  // namespace espdump
