// Whether this run notes what it finds out, or has only what was noted; usually neither.
#pragma once

#include <memory>

#include "decode/recorder.hpp"
#include "decode/replayer.hpp"

namespace espdump {

struct Tape {
  explicit Tape(Taping taping)
      : recorder(taping == Taping::records ? std::make_unique<Recorder>() : nullptr),
        replayer(taping == Taping::replays ? std::make_unique<Replayer>() : nullptr) {}

  std::unique_ptr<Recorder> recorder;
  std::unique_ptr<Replayer> replayer;
};

}  // namespace espdump
