// A report as one HTML page that needs nothing else: verdict, findings with their evidence drawn, and the packets to
// look at. Any browser opens it from disk.
#pragma once

#include <cstddef>
#include <future>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <espdump/analysis.hpp>
#include <espdump/report.hpp>

#include "page/packet_sample.hpp"
#include "page/sa_track.hpp"

namespace espdump {

struct PageOptions {
  std::size_t most_packets = 500;
  TextOptions text;
  // What was given, in words: "--filter" and its expression.
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<std::string> key_files;
};

// SHA-256 of captures in hexadecimal; nothing for what is no file, or too large to be read twice.
using Digests = std::vector<std::optional<std::string>>;

// Frames with findings, by code and SA; the first of each.
class FindingFrames {
 public:
  struct Frame {
    FrameNumber frame = 0;
    std::uint16_t file = 0;
  };
  void add(const Finding& finding);
  // Of what a conclusion is about, at most `most`, in order.
  [[nodiscard]] std::vector<Frame> of(const Conclusion& conclusion, std::size_t most) const;

 private:
  static constexpr std::size_t most_each = 24, most_kinds = 4096;
  using Kind = std::pair<std::string_view, std::uint64_t>;
  std::map<Kind, std::vector<Frame>> frames_;
};

class Page {
 public:
  // `files` as the summary will name them; they are hashed while packets come.
  Page(PageOptions options, const std::vector<std::string>& files);

  // Every packet that is shown, with its findings, in order.
  void packet(const Packet& packet);
  // The whole page, after the last packet. To be asked for once.
  void write(const Decoder& decoder, const std::vector<Conclusion>& conclusions, const FindingLog& log,
             const Summary& summary, Output& out);

 private:
  PageOptions options_;
  PacketSample sample_;
  Tracks tracks_;
  FindingFrames frames_;
  std::future<Digests> digests_;
};

}  // namespace espdump
