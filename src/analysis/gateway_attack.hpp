// Makes the input that a gateway is tested with out of a good capture: everything it has to stop, planted between what
// it has to let through. What the capture has too few packets for goes behind it, under packets made with its keys.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <espdump/capture.hpp>
#include <espdump/decoder.hpp>

#include "analysis/gateway_kinds.hpp"
#include "crypto/esp_renumber.hpp"

namespace espdump {

// One planted frame, or one whose place was changed.
struct Plant {
  std::string_view kind;  // "flip-iv"
  std::string detail;     // "bit 0 of byte 8"
  PlantExpectation expected = PlantExpectation::drop;
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

  // First every frame of the capture goes here, decoded under the keys, which must live as long.
  void learn(const Packet& packet, const Decoder& decoder);
  // Then it is decided what goes where.
  void plan();
  // Then every frame goes here in the same order.
  void make(const Frame& frame, const Emit& emit);
  // Last, what stands behind the capture.
  void finish(const Emit& emit);

  [[nodiscard]] const std::vector<Plant>& planted() const { return planted_; }
  [[nodiscard]] const std::vector<SkippedPlant>& skipped() const { return skipped_; }
  [[nodiscard]] std::uint64_t usable() const { return usable_; }
  [[nodiscard]] std::uint64_t frames() const { return written_; }

 private:
  using Source = attack::Source;
  using Octets = attack::Octets;
  // A good packet of an SA that others are made of, and what makes them.
  struct Mould {
    Source source;
    Octets frame;
    std::optional<EspRenumber> renumber;
    std::string why_not;  // where there is none
  };
  // One of these.
  struct Made {
    std::string_view kind;
    PlantExpectation expected = PlantExpectation::forward;
    Source source;                // its number is the one that it is sealed under
    std::uint16_t more_id = 0;    // IPv4 identification
    std::uint32_t seal_high = 0;  // added to the high half that it is sealed under
    std::string detail;
  };
  struct Step {
    const PlantKind* kind = nullptr;
    Source source;
  };
  void keep_mould(const Source& source, const SecurityAssociation* sa, Bytes frame);
  void plan_for(const std::vector<Source>& sources, std::size_t first_kind, bool missing_only);
  bool plan_one(const PlantKind& kind, const std::vector<Source>& sources, std::size_t at);
  void put(const PlantKind& kind, const Source& source, std::uint64_t behind);
  void plan_largest();
  void plan_behind();
  void plan_more(const Mould& mould, const Source& like);
  void plan_cycle(const Mould& mould);
  void plan_end();
  Made& add_made(const Mould& mould, std::uint64_t number, std::string_view kind);
  Made& add_next(const Mould& mould) { return add_made(mould, ++newest_[mould.source.sa], "next-number"); }
  [[nodiscard]] bool is_missing(const PlantKind& kind) const { return done_.count(kind.name) == 0; }
  void note_skipped();
  [[nodiscard]] std::optional<Octets> frame_of(const Made& made);
  void emit_good(Timestamp time, Bytes frame, std::size_t wire_length, const Emit& emit);
  void plant_behind(std::uint64_t ordinal, const Octets& frame, Timestamp time, const Emit& emit);
  void plant(const Step& step, const Octets& frame, Timestamp time, const Emit& emit);

  std::map<SaNumber, std::vector<Source>> sources_;
  std::map<SaNumber, Mould> moulds_;
  std::map<SaNumber, std::uint64_t> newest_;  // numbers
  std::vector<Made> made_;
  std::map<std::uint64_t, std::vector<Step>> steps_;  // by the frame they stand behind, or in the place of
  std::map<std::uint64_t, Octets> kept_;              // frames that are needed again; filled when they come
  std::set<std::uint64_t> held_;                      // frames that are left out where they stood
  std::set<std::uint64_t> used_;                      // frames that something is made of
  std::set<std::string_view> done_;
  std::vector<Plant> planted_;
  std::vector<SkippedPlant> skipped_;
  std::uint64_t learned_ = 0, taken_ = 0, written_ = 0, usable_ = 0;
  std::int64_t last_time_ = 0;
  bool has_large_ = false, has_udp_ = false, has_ipv4_ = false, has_esn_ = false;
};

}  // namespace espdump
