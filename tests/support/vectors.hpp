// The vector files of testdata/vectors. A row is NAME|SA text|esn or plain|ESP in hex|inner packet in hex, or else
// begins with the word for a part of an SA: `cipher`, `mac` or `aead`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
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

// One algorithm alone, with the published name of its case.
struct PartVector {
  std::string file, name, algorithm, key;
  std::vector<std::vector<std::uint8_t>> fields;  // what follows the key in the row
};

// Of every file there, but for algorithms whose library is missing here (libgcrypt, nettle, OpenSSL's legacy provider).
// Throws std::runtime_error for a line that is none.
std::vector<EspVector> esp_vectors();
std::vector<PartVector> part_vectors(std::string_view part);

// Whether the library is there that opens the algorithm of that kernel name. A key may follow: ` 0x…`.
bool has_library_for(std::string_view text);

}  // namespace espdump::test
