// What pictures need of packets: numbers, sizes and bytes over time, per SA and of all, in bounded memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <espdump/packet.hpp>

#include "page/timeline.hpp"

namespace espdump {

// Numbers accepted in a step.
struct NumberStep {
  std::uint64_t least = ~std::uint64_t{0}, most = 0;
  void add(std::uint64_t number) {
    least = std::min(least, number);
    most = std::max(most, number);
  }
  void join(const NumberStep& next) {
    least = std::min(least, next.least);
    most = std::max(most, next.most);
  }
  [[nodiscard]] bool empty() const { return most < least; }
};

struct ByteStep {
  std::uint64_t outer = 0, inner = 0;  // IP packets around and inside
  void join(const ByteStep& next) {
    outer += next.outer;
    inner += next.inner;
  }
};

// A packet that the receiver does not take, or only late.
struct SaEvent {
  enum class Kind : std::uint8_t { bad_icv, replay, late, reordered };
  static constexpr std::size_t kinds = 4;
  Kind kind = Kind::bad_icv;
  Timestamp time;
  std::uint64_t sequence = 0;
  FrameNumber frame = 0;
  std::uint16_t file = 0;
};

struct SaTrack {
  static constexpr std::size_t most_events = 256;          // of a kind
  static constexpr std::size_t bucket = 32, buckets = 64;  // bytes of each; the last holds all that is larger

  Timeline<NumberStep> numbers;
  std::array<std::uint64_t, buckets> sizes{};  // of outer packets
  std::vector<SaEvent> events;
  std::array<std::uint64_t, SaEvent::kinds> counts{};
};

// Of the first SAs; the others are told in numbers only.
class Tracks {
 public:
  static constexpr std::size_t most_sas = 256;

  void add(const Packet& packet);
  // Null: there is none.
  [[nodiscard]] const SaTrack* of(SaNumber sa) const {
    return sa != 0 && sa <= tracks_.size() ? tracks_[sa - 1].get() : nullptr;
  }
  [[nodiscard]] const Timeline<ByteStep>& bytes() const { return bytes_; }

 private:
  void add(const Packet& packet, const OpenRecord& record);
  std::vector<std::unique_ptr<SaTrack>> tracks_;
  Timeline<ByteStep> bytes_;
};

}  // namespace espdump
