// Drives a Decoder and the analysers with captures of testdata, with their times.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/decoding.hpp"
#include "support/frames.hpp"
#include "support/testdata.hpp"

namespace espdump::test {

struct CaptureRig : Rig {
  // `keys` is a file under testdata; empty: none.
  explicit CaptureRig(const std::string& keys) : Rig(store_of(keys)) {}

  // Reads captures of testdata/captures, merged by time, and finishes. `shifts`: nanoseconds by which the clock of each
  // was wrong. `wanted` leaves out frames, or changes them; no frame is longer than `snap` bytes.
  template <typename Wanted>
  CaptureRig& read(const std::vector<std::string>& captures, const std::vector<std::int64_t>& shifts, Wanted wanted,
                   std::size_t snap = ~std::size_t{0}) {
    struct Kept {
      std::int64_t time = 0;
      std::uint16_t file = 0;
      TestFrame frame;
    };
    std::vector<Kept> all;
    for (std::size_t file = 0; file < captures.size(); ++file)
      for (TestFrame& frame : frames_of(testdata("captures/" + captures[file])))
        if (wanted(frame))
          all.push_back(
              {frame.time + (shifts.empty() ? 0 : shifts[file]), static_cast<std::uint16_t>(file), std::move(frame)});
    REQUIRE_FALSE(all.empty());
    std::stable_sort(all.begin(), all.end(), [](const Kept& one, const Kept& other) { return one.time < other.time; });
    paths().captures = captures.size();
    std::int64_t before = all.front().time;
    for (const Kept& kept : all) {
      feed(kept.frame.bytes, {.gap = kept.time - before, .captured = snap, .file = kept.file});
      before = kept.time;
    }
    finish();
    return *this;
  }
  CaptureRig& read(const std::vector<std::string>& captures, const std::vector<std::int64_t>& shifts = {}) {
    return read(captures, shifts, [](TestFrame&) { return true; });
  }

 private:
  static Keystore store_of(const std::string& name) {
    Keystore store;
    if (!name.empty()) REQUIRE(store.import_file(testdata(name)));
    store.seal();
    return store;
  }
};

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace espdump::test
