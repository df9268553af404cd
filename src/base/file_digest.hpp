// Fingerprints of files, for reports that name what they are about.
#pragma once

#include <optional>
#include <string>

namespace espdump {

// SHA-256 of a regular file's bytes as they lie on the disk, in hexadecimal. Nothing for pipes, and for what cannot be
// read.
std::optional<std::string> sha256_of_file(const std::string& path);

}  // namespace espdump
