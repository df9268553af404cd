// What finished packets say together: analysers turn them into findings and conclusions.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <espdump/decoder.hpp>
#include <espdump/finding.hpp>
#include <espdump/packet.hpp>

namespace espdump {

// Frame numbers as ranges: a bounded list, then a count.
class FrameList {
 public:
  // Frames come in ascending order within a capture, mostly; repeats are ignored. `file` counts from 0.
  void add(FrameNumber frame, std::uint16_t file = 0);
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] FrameNumber first() const { return ranges_.empty() ? 0 : ranges_.front().first; }
  // "frame 7" or "frames 42-44, 48 … (+9)", with at most `ranges` of them; "frames 1:42-44, 2:7" over several captures.
  [[nodiscard]] std::string to_string(std::size_t ranges = 8) const;

 private:
  static constexpr std::size_t most_ranges = 64;
  struct Range {
    FrameNumber first = 0, last = 0;
    std::uint16_t file = 0;
  };
  std::vector<Range> ranges_;
  std::uint64_t count_ = 0;
  FrameNumber last_ = 0;
  std::uint16_t last_file_ = 0;
  bool many_files_ = false;
};

// One paragraph of the report: all findings of one code that have one cause.
struct Conclusion {
  const FindingInfo* info = nullptr;
  std::vector<SaNumber> sas;
  std::string what;    // behind "CODE on #1, #3: ", e.g. "21 packets, frames 42-44"
  std::string why;     // the evidence, one or two sentences; may be empty
  std::string remedy;  // empty: that of `info`
  std::vector<IkeSaNumber> ike_sas{};
};

// What a packet has that some analysers look for, as bits of one number.
using Signs = std::uint32_t;
namespace signs {
inline constexpr Signs none = 0;
inline constexpr Signs any = 1;        // every packet has it
inline constexpr Signs ipsec = 2;      // a record of ESP or AH
inline constexpr Signs irregular = 4;  // a record that is not: verified, opened, a newer number, another nonce
inline constexpr Signs tcp = 8;        // a TCP header, quoted or not
inline constexpr Signs found = 16;     // findings of decoding
}  // namespace signs

class Analyzer {
 public:
  // It may do without packets that have none of these signs.
  explicit Analyzer(Signs looks_for) : looks_for_(looks_for) {}
  virtual ~Analyzer() = default;
  [[nodiscard]] bool looks_for(Signs signs) const { return (looks_for_ & signs) != 0; }
  // Looks at one finished packet, which came from `decoder`; findings about it go to `out`. No span of the packet may
  // be kept.
  virtual void on_packet(const Packet& packet, const Decoder& decoder, Findings& out) = 0;
  // After the last packet: findings about the capture as a whole, and what to say in the report.
  virtual void finish(const Decoder& decoder, Findings& out, std::vector<Conclusion>& conclusions) = 0;

 protected:
  // From now on it wants packets with these, too.
  void look_for(Signs more) { looks_for_ |= more; }

 private:
  Signs looks_for_;
};

// Shows a finished packet to those that look for what it has.
void show_to(const std::vector<std::unique_ptr<Analyzer>>& analyzers, const Packet& packet, const Decoder& decoder,
             Findings& out);

struct PathFacts;

// All analysers, in the order in which they look at a packet. What they learn of sizes they put into `paths`, which
// must outlive them; it is complete once all have finished.
std::vector<std::unique_ptr<Analyzer>> make_analyzers(PathFacts& paths);

}  // namespace espdump
