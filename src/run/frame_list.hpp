// Which frames somebody wants to see.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <espdump/result.hpp>

namespace espdump::run {

// Frames by number, as findings name them: "42-44, 60, 170-", in the second capture "2:7". Without a capture a number
// is that of any.
class FrameList {
 public:
  // The error says what is wrong with which part of the text.
  static Result<FrameList> parse(std::string_view text);
  // `file` counts from 0, `frame` from 1, as in Packet.
  [[nodiscard]] bool has(std::size_t file, std::uint64_t frame) const;

 private:
  struct Range {
    std::uint64_t file = 0;  // from 1; 0: any
    std::uint64_t first = 0, last = 0;
  };
  static Result<Range> range(std::string_view part);
  std::vector<Range> ranges_;
};

}  // namespace espdump::run
