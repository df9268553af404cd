// The sections of a partial result's file.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "partial/archive.hpp"

namespace espdump::partial {

inline constexpr std::string_view magic = "espdump partial\n";
inline constexpr std::uint32_t version = 1;

// Types from here on may be passed over by who does not know them.
inline constexpr std::uint32_t optional_sections = 0x80000000;
inline constexpr std::uint32_t head_section = 1, frames_section = 2, end_section = 3;
inline constexpr std::size_t section_header = 20;  // type, size and hash of the payload
inline constexpr std::uint64_t most_section = 1U << 28;
inline constexpr std::size_t most_frames = 32'768;  // of a section

// One column: its size, that once compressed, and what came of it.
void put_column(Stream& out, const Stream& column);
// The columns, each compressed by itself.
Stream compress(const std::array<Stream, columns>& streams);
// Nothing where it is damaged.
std::optional<std::array<Stream, columns>> decompress(Bytes payload);
// What a member begins with.
void put_start(Stream& out);
// With its header.
void put_section(Stream& out, std::uint32_t type, const Stream& payload);

}  // namespace espdump::partial
