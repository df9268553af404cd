// Key text of any format becomes bytes in the arena and is held against the table of algorithms.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <espdump/sa.hpp>
#include <espdump/secret.hpp>

namespace espdump::keys {

constexpr std::string_view not_opened = "; packets of this SA cannot be opened";

struct KeyReading {
  AlgorithmUse use;
  std::string problem;  // empty: none. Never key bytes
  bool serious = true;
};

// A key of which nothing can be made, and why.
KeyReading unusable_key(const AlgorithmInfo* info, std::string problem);

// Whether the table lists a key of so many bytes (salt included), and an ICV of so many bits.
bool listed_length(const AlgorithmInfo&, std::size_t bytes);
bool legal_icv(const AlgorithmInfo&, std::uint32_t bits);

// The problem of an ICV length that is not legal, or that is missing.
std::string wrong_icv(const AlgorithmInfo&, std::optional<std::uint32_t> bits);
// The same of a key's length; empty: the length can be used.
std::string wrong_length(const AlgorithmInfo&, std::size_t bytes);

// Text that may lie in pieces: where a shell put it together, or a log broke it over lines.
using Pieces = std::span<const std::string_view>;

std::size_t length_of(Pieces);
// Two digits a byte, the odd one first as iproute2 has it; blanks between digits are skipped.
// Nothing if something else stands there.
std::optional<Secret> hex_key(Pieces, SecretArena&);
// Hexadecimal digits behind `0x`, or else the bytes themselves.
std::optional<Secret> key_of_word(Pieces, SecretArena&);

// Says what is to be known of a key in the arena. Without `icv_bits` the ICV has the table's length.
KeyReading judge_key(const AlgorithmInfo&, Secret key, std::optional<std::uint32_t> icv_bits);
// All of it for a format that writes a key as one word.
KeyReading read_key_word(const AlgorithmInfo&, Pieces, std::optional<std::uint32_t> icv_bits, SecretArena&);

}  // namespace espdump::keys
