// Says what a file is that is no capture we can read.
#pragma once

#include <string>

#include "capture/source.hpp"

namespace espdump::capture {

// The reason to refuse an input that begins with what is here, and what to do instead. A compressed one is here
// because it cannot be unpacked.
std::string why_not_a_capture(const Source& source);
// It holds key material and must not stay in memory.
bool is_key_file(Bytes bytes);

}  // namespace espdump::capture
