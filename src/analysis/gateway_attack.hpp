// Makes the input that a gateway is tested with out of a good capture: everything it has to stop, planted between what
// it has to let through.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <espdump/capture.hpp>
#include <espdump/decoder.hpp>

namespace espdump {

// One planted frame, or one whose place was changed.
struct Plant {
  std::string_view kind;    // "flip-iv"
  std::string detail;       // "bit 0 of byte 8"
  bool passes = false;      // a gateway has to let it through
  std::uint64_t frame = 0;  // in what was made, from 1; the first of several fragments
  std::uint64_t of = 0;     // the frame of the good capture
  SaNumber sa = 0;
  std::uint32_t spi = 0;  // of the good packet
  std::uint64_t sequence = 0;
};

struct SkippedPlant {
  std::string_view kind;
  std::string why;
};

class AttackMaker {
 public:
  // A frame of what is made. The bytes are valid during the call only.
  using Emit = std::function<void(Timestamp time, Bytes frame, std::size_t wire_length)>;

  // First every frame of the capture goes here, decoded under the keys.
  void learn(const Packet& packet, const Decoder& decoder);
  // Then it is decided what goes where.
  void plan();
  // Then every frame goes here in the same order.
  void make(const Frame& frame, const Emit& emit);

  [[nodiscard]] const std::vector<Plant>& planted() const { return planted_; }
  [[nodiscard]] const std::vector<SkippedPlant>& skipped() const { return skipped_; }
  [[nodiscard]] std::uint64_t usable() const { return usable_; }
  [[nodiscard]] std::uint64_t frames() const { return written_; }

 private:
  // A good packet that others can be made of.
  struct Source {
    std::uint64_t ordinal = 0;                // of its frame, from 1
    std::size_t ip = 0, esp = 0, length = 0;  // offsets in the frame, and the length of ESP
    std::size_t iv = 0, icv = 0;
    std::uint32_t spi = 0, window = 0;
    std::uint64_t sequence = 0;
    SaNumber sa = 0;
    bool ipv4 = false, udp = false;
  };
  using Bytes8 = std::vector<std::uint8_t>;
  struct Crafted {
    std::vector<Bytes8> frames;
    std::string detail;
  };
  struct Kind {
    std::string_view name;
    bool passes = false;
    bool replaces = false;  // it stands in the place of the good packet
    bool udp_only = false, ipv4_only = false;
    std::size_t later = 0;  // how many packets of the SA behind its source; 1: at once
    Crafted (*craft)(const Source&, const Bytes8& frame) = nullptr;
  };
  struct Step {
    const Kind* kind = nullptr;
    Source source;
  };
  static const std::vector<Kind>& kinds();
  static std::size_t distance_of(const Kind& kind, const Source& source);
  void plan_for(const std::vector<Source>& sources, std::size_t first_kind);
  void write(Timestamp time, const Bytes8& frame, const Emit& emit);
  void plant(const Step& step, const Bytes8& frame, Timestamp time, const Emit& emit);

  std::map<SaNumber, std::vector<Source>> sources_;
  std::map<std::uint64_t, std::vector<Step>> steps_;  // by the frame they stand behind, or in the place of
  std::map<std::uint64_t, Bytes8> kept_;              // frames that are needed again; filled when they come
  std::map<std::uint64_t, bool> held_;                // frames that are left out where they stood
  std::map<std::string_view, bool> done_;
  std::vector<Plant> planted_;
  std::vector<SkippedPlant> skipped_;
  std::uint64_t learned_ = 0, made_ = 0, written_ = 0, usable_ = 0;
  std::int64_t last_time_ = 0;

  friend struct AttackCraft;
};

}  // namespace espdump
