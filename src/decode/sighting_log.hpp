// The latest packets of a run in their order: the one place where details of a packet are kept when it is done.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "decode/sighting.hpp"

namespace espdump {

// Of all SAs together, so that memory does not grow with their number. What is added last is written behind what was
// added before it, which caches like.
class SightingLog {
 public:
  static constexpr std::size_t most = 262'144;

  // Where the next one will be; never 0 but for one packet in 2^32, which cannot be found again.
  [[nodiscard]] SightingPlace next() const { return static_cast<SightingPlace>(added_ + 1); }
  Sighting& add(const Sighting& sighting) {
    const std::size_t index = added_++ % most;
    if (index / chunk_size == chunks_.size()) chunks_.push_back(std::make_unique<Chunk>());
    return slot(index) = sighting;
  }
  // Null where it is forgotten, or 0.
  [[nodiscard]] Sighting* at(SightingPlace place) noexcept {
    const std::uint32_t back = next() - place;
    if (place == 0 || back == 0 || back > std::min<std::uint64_t>(added_, most)) return nullptr;
    return &slot((added_ - back) % most);
  }

 private:
  static constexpr std::size_t chunk_size = 4096;
  using Chunk = std::array<Sighting, chunk_size>;
  static_assert(most % chunk_size == 0);
  Sighting& slot(std::size_t index) { return (*chunks_[index / chunk_size])[index % chunk_size]; }

  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::uint64_t added_ = 0;
};

}  // namespace espdump
