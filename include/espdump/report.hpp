// Results on their way to the reader: reporters print packets, findings and the closing report.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <espdump/analysis.hpp>
#include <espdump/decoder.hpp>
#include <espdump/finding.hpp>
#include <espdump/packet.hpp>
#include <espdump/path_facts.hpp>

namespace espdump {

// Counts findings in constant memory: what the summary and the exit status need.
class FindingLog {
 public:
  void add(const Finding& finding);
  [[nodiscard]] const std::map<std::string_view, std::uint64_t>& counts() const { return counts_; }
  [[nodiscard]] std::uint64_t count(Severity severity) const { return severities_[static_cast<std::size_t>(severity)]; }

 private:
  std::map<std::string_view, std::uint64_t> counts_;
  std::array<std::uint64_t, 3> severities_{};
};

struct KernelStats;

// What the whole run counted.
struct Summary {
  std::vector<std::string> files;
  std::uint64_t frames = 0;
  std::uint64_t esp = 0;  // ESP packets, without those captured twice
  std::uint64_t ah = 0;
  std::uint64_t ike = 0;
  std::uint64_t decrypted = 0;
  Timestamp first, last;
  bool truncated = false;  // a file ended early or was damaged
  bool keys_given = false;
  bool verify_only = false;
  PathFacts paths;
  std::shared_ptr<const KernelStats> kernel_stats;  // what a kernel counted, where it is known
};

// Where text goes. Buffered; a write error is kept and told once by the caller.
class Output {
 public:
  // Writes to a file descriptor, which stays open.
  explicit Output(int descriptor) : descriptor_(descriptor) {}
  // Keeps everything in memory instead: for tests.
  explicit Output(std::string* memory) : memory_(memory) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() { flush(); }

  void write(std::string_view text);
  void flush();
  // 0, or the errno of the first write that failed; nothing is written after it.
  [[nodiscard]] int error() const { return error_; }

 private:
  int descriptor_ = -1;
  std::string* memory_ = nullptr;
  std::string buffer_;
  int error_ = 0;
};

// When a packet was captured, as lines say it: in seconds, rounded to microseconds.
enum class TimeFormat : std::uint8_t {
  since_first,  // packet of the run
  none,
  since_1970,
  since_last,  // packet that has a line
  date,        // and time of day, in UTC
};

struct TextOptions {
  bool quiet = false;
  int verbosity = 0;  // 1: more per line, 2: the whole tree per packet
  bool hex = false;   // hexadecimal and ASCII of every buffer
  bool color = false;
  bool many_files = false;   // lines name the capture
  bool no_keys = false;      // then sealed packets need no further word
  bool no_ike_keys = false;  // the same of IKE messages
  TimeFormat times = TimeFormat::since_first;
  std::size_t width = 100;  // of paragraphs, in columns
  // Of the terminal that all is for. Then lines of packets are cut and tables folded to its columns, and where there is
  // more than its rows show the verdict stands before the first packet and what is wrong behind everything. 0: it is
  // none.
  std::size_t columns = 0, rows = 0;
  bool as_it_comes = false;  // somebody waits for each line: none is held back for the verdict
};

// Turns packets into lines that a reporter prints later. One per thread, or per batch of packets.
class Renderer {
 public:
  virtual ~Renderer() = default;
  virtual void packet(const Packet& packet) = 0;
  // A finding of the packet before it.
  virtual void finding(const Finding& finding) = 0;
};

class Reporter {
 public:
  virtual ~Reporter() = default;
  // Before the first packet: what times count from. Not called: from the first packet.
  virtual void start(Timestamp) {}
  // One packet, in order of capture.
  virtual void packet(const Packet& packet) = 0;
  // The same in three steps, for several threads: expect() every packet in order of capture; render those that were
  // expected, in any order and while others are expected and printed; print what was rendered, in order of capture.
  virtual void expect(const Packet& packet) = 0;
  [[nodiscard]] virtual std::unique_ptr<Renderer> renderer() const = 0;
  // `rendered` is one of its own; it is empty afterwards.
  virtual void print(Renderer& rendered) = 0;
  // A finding: of the packet just printed, or of the whole capture.
  virtual void finding(const Finding& finding) = 0;
  // After the last packet.
  virtual void end(const Decoder& decoder, const std::vector<Conclusion>& conclusions, const FindingLog& log,
                   const Summary& summary) = 0;
};

// One line (or tree) per packet in the manner of tcpdump, then the report.
std::unique_ptr<Reporter> make_text_reporter(Output& output, TextOptions options);
// Newline-delimited JSON; `quiet` leaves out packet lines. docs/output.md is the contract.
std::unique_ptr<Reporter> make_json_reporter(Output& output, bool quiet, std::vector<std::string> files);

}  // namespace espdump
