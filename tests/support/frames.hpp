// Frames of the classic pcap files under testdata/captures, read by the simplest loop that can.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "support/testdata.hpp"

namespace espdump::test {

struct TestFrame {
  std::uint32_t link_type = 1;
  std::vector<std::uint8_t> bytes;
  std::size_t claimed = 0;
  std::int64_t time = 0;  // nanoseconds since 1970
};

// All frames of one file; none when it is no classic pcap file.
inline std::vector<TestFrame> frames_of(const std::string& path) {
  const auto file = read_file(path);
  if (file.size() < 24) return {};
  const std::uint32_t magic = read_u32(file, 0);
  const bool big = magic == 0xa1b2c3d4 || magic == 0xa1b23c4d, little = magic == 0xd4c3b2a1 || magic == 0x4d3cb2a1;
  if (!big && !little) return {};
  const bool nano = magic == 0xa1b23c4d || magic == 0x4d3cb2a1;
  const auto word = [&](std::size_t at) {
    const std::uint32_t value = read_u32(file, at);
    return big ? value : value << 24 | (value & 0xff00) << 8 | (value >> 8 & 0xff00) | value >> 24;
  };
  std::vector<TestFrame> frames;
  for (std::size_t at = 24; at + 16 <= file.size();) {
    const std::size_t size = word(at + 8), claimed = word(at + 12);
    if (size > file.size() - at - 16) break;
    const auto begin = file.begin() + static_cast<std::ptrdiff_t>(at + 16);
    const std::int64_t time = std::int64_t{word(at)} * 1'000'000'000 + std::int64_t{word(at + 4)} * (nano ? 1 : 1000);
    frames.push_back({word(20) & 0xffff, {begin, begin + static_cast<std::ptrdiff_t>(size)}, claimed, time});
    at += 16 + size;
  }
  return frames;
}

// Files ending in .pcap, ordered by name.
inline std::vector<std::string> capture_files() {
  std::vector<std::string> paths;
  std::error_code missing;
  for (auto entry = std::filesystem::recursive_directory_iterator(testdata("captures"), missing);
       !missing && entry != std::filesystem::recursive_directory_iterator(); ++entry)
    if (entry->path().extension() == ".pcap") paths.push_back(entry->path().string());
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace espdump::test
