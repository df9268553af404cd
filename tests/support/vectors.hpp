// The vector files of testdata/vectors: NAME|SA text|esn or plain|ESP in hex|inner packet in hex.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace espdump::test {

struct EspVector {
  std::string file, name, sa;
  bool esn = false;  // the high half is 1 then
  std::vector<std::uint8_t> esp, inner;
};

// Those of testdata/vectors/ah: NAME|source|destination|SA text|esn or plain|IP packet in hex.
struct AhVector {
  std::string file, name, source, destination, sa;
  bool esn = false;
  std::vector<std::uint8_t> packet;
};

std::vector<AhVector> ah_vectors();
// Of every file there. Throws std::runtime_error for a line that is none.
std::vector<EspVector> esp_vectors();

}  // namespace espdump::test
