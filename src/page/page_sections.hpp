// The parts of a page, each a section of HTML.
#pragma once

#include <string>
#include <string_view>

#include "page/page.hpp"
#include "page/pictures.hpp"

namespace espdump {

// What is wrong in a sentence, and what became of the packets in another.
std::string verdict_section(const PageFacts& facts);
// Conclusions by weight, each with cause, remedy, frames, evidence and explanation.
std::string findings_section(const PageFacts& facts, const FindingFrames& frames);
// The table of SAs, and pictures of those that have most to tell.
std::string sas_section(const PageFacts& facts);
std::string ike_section(const PageFacts& facts);
// Throughput, sizes in words, lives.
std::string traffic_section(const PageFacts& facts);
// What was read, and how.
std::string source_section(const PageFacts& facts, const PageOptions& options, const Digests& digests);

inline constexpr std::string_view numbers_caption =
    "Sequence numbers over time. Blue: accepted. Band: the receiver’s replay window. ✕ bad ICV, ▲ replay, ◆ too late, "
    "○ never came.";
// A picture with what it shows under it; nothing where there is no picture.
std::string figure(const std::string& svg, std::string_view caption);

}  // namespace espdump
