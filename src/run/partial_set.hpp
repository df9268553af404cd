// Several partial results as one run over all their captures.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <espdump/decoder.hpp>
#include <espdump/keystore.hpp>
#include <espdump/result.hpp>

#include "partial/partial.hpp"
#include "run/capture_parts.hpp"

namespace espdump::run {

// Those in all of the files. Errors: as partial::open_partial(); two that cannot be joined. What is there twice is left
// out, of which `notes` tells.
Result<std::vector<partial::Member>> open_partials(const std::vector<std::string>& paths,
                                                   std::vector<std::string>& notes);

// Captures stand in the order of their first frames, whatever the order and grouping of the files.
class PartialSet {
 public:
  // Of at least one. Errors: as captures_of().
  static Result<PartialSet> of(std::vector<partial::Member> members, std::vector<std::string>& notes);

  [[nodiscard]] Keystore keystore() const { return members_.front().keystore(); }
  [[nodiscard]] const partial::Settings& settings() const { return members_.front().settings(); }
  [[nodiscard]] std::size_t files() const { return names_.size(); }
  [[nodiscard]] const std::string& name(std::size_t file) const { return names_[file]; }
  [[nodiscard]] ReassemblyStatistics reassembly() const;
  [[nodiscard]] std::uint64_t ike_messages() const;
  // Of the captures, and of partial results that cannot be read to their end.
  [[nodiscard]] std::vector<Error> damages() const;

  // Once all frames were asked for: a partial result that was made without what came before its captures, although
  // something may reach into them from there; empty: there is none. `ike_keys`: keys may follow from IKE messages.
  [[nodiscard]] std::string torn(bool ike_keys) const;

  // The next frame of all, valid until the next call; null at the end.
  const FrameRecord* next();

 private:
  void order(std::vector<CaptureParts> captures);
  void take_in(const CaptureParts& capture);
  std::optional<std::size_t> advance(std::size_t member);
  void wait(std::size_t member);
  void wait_unread(std::size_t member);
  std::optional<std::size_t> earliest_waiting();
  [[nodiscard]] bool is_later(std::size_t one, std::size_t other) const;

  std::vector<partial::Member> members_;
  std::vector<std::string> names_;  // of captures
  // By member.
  struct Place {
    std::vector<std::uint16_t> files;     // by its own number
    FrameNumber frames_before = 0;        // of a range: in the same capture
    std::optional<std::size_t> follower;  // the range that goes on where this one ends
    bool waits = false;                   // it is one
    bool is_wanted = false;               // it is no range behind damage
    bool is_unread = false;               // it waits with what is said of its first frame
  };
  std::vector<Place> places_;
  std::vector<FrameRecord> heads_;  // by member: its next frame
  std::vector<std::size_t> heap_;   // members that wait with one; the earliest is on top
  // By member.
  struct Border {
    bool is_first = false;    // it has the earliest frame of all
    bool has_stream = false;  // with ESP in it, which may have begun before
    bool wants_keys = false;  // that may follow from IKE messages before
  };
  void look_at(const FrameRecord& frame, Border& border);
  std::vector<Border> borders_;
  bool started_ = false, begins_ = true;
  std::optional<std::size_t> given_;  // whose frame was given last
};

}  // namespace espdump::run
