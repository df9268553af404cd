// Fingerprints of files, for reports that name what they are about.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <espdump/bytes.hpp>

namespace espdump {

// SHA-256 of a regular file's bytes as they lie on the disk, in hexadecimal. Nothing for pipes, for what cannot be
// read, and for files of more than `most` bytes. Opens it as one that never waits.
std::optional<std::string> sha256_of_file(const std::string& path, std::uint64_t most = UINT64_MAX);

// The same of the bytes from `begin` on, up to `end` or the end of the file.
std::optional<std::string> sha256_of_range(const std::string& path, std::uint64_t begin, std::uint64_t end);

// The first 64 bits of SHA-256, which are the same in every process, for what is written down. Nobody
// finds other bytes with the hash of given ones.
std::uint64_t lasting_hash(Bytes bytes) noexcept;

// SHA-256 of a text, in base64 as the policies of web pages name scripts.
std::string sha256_base64(std::string_view text);

}  // namespace espdump
