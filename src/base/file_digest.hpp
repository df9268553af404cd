// Fingerprints of files, for reports that name what they are about.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace espdump {

// SHA-256 of a regular file's bytes as they lie on the disk, in hexadecimal. Nothing for pipes, and for what cannot be
// read.
std::optional<std::string> sha256_of_file(const std::string& path);

// SHA-256 of a text, in base64 as the policies of web pages name scripts.
std::string sha256_base64(std::string_view text);

}  // namespace espdump
