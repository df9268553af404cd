// Parts of the text reporter: lines, trees and the closing report.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <espdump/report.hpp>

namespace espdump {

// How text looks: colours for a terminal, or none, and how wide paragraphs are.
class Palette {
 public:
  static constexpr std::size_t usual_width = 100;
  // `columns`: of the terminal, 0 off it.
  explicit Palette(bool on, std::size_t width = usual_width, std::size_t columns = 0)
      : on_(on), width_(width), columns_(columns) {}
  // As wrapped().
  [[nodiscard]] std::string paragraph(std::string_view text, std::size_t indent, std::size_t hanging = 0) const;
  [[nodiscard]] std::string error(std::string_view text) const { return paint("31;1", text); }
  [[nodiscard]] std::string warning(std::string_view text) const { return paint("33;1", text); }
  [[nodiscard]] std::string good(std::string_view text) const { return paint("32", text); }
  [[nodiscard]] std::string heading(std::string_view text) const { return paint("1", text); }
  [[nodiscard]] std::string quiet(std::string_view text) const { return paint("2", text); }
  [[nodiscard]] std::string of(Severity severity, std::string_view text) const;
  // How wide a table may be; 0: as wide as it is.
  [[nodiscard]] std::size_t columns() const { return columns_; }

 private:
  [[nodiscard]] std::string paint(const char* code, std::string_view text) const;
  bool on_;
  std::size_t width_, columns_;
};

// A packet's line in its parts, for those who set them elsewhere: who speaks with whom, SA and number, what it is.
struct PacketWords {
  std::string outer, ipsec, rest;
};
PacketWords words_of(const Packet& packet, const TextOptions& options);

// The tree of all layers and fields of a packet, as `tshark -V` prints one.
void print_tree(const Packet& packet, Output& out, const Palette& palette);
// Hexadecimal and ASCII of every buffer of a packet.
void print_hex(const Packet& packet, Output& out, const Palette& palette);
// The IKE SAs of the capture.
struct IkeSectionOptions {
  Timestamp start;                    // of the capture
  bool all = false;                   // ladders of all of them, and when each Child SA lived
  std::vector<IkeSaNumber> troubled;  // those with a ladder in any case
};
void print_ike(const Decoder& decoder, const std::vector<SaStatistics>& sas, const IkeSectionOptions& options,
               Output& out, const Palette& palette);
// Sizes and path MTUs of SAs where there is something to tell (`verbose`: of all), and losses between captures.
void print_paths(const Decoder& decoder, const PathFacts& paths, bool verbose, Output& out, const Palette& palette);
// The capture and what became of its packets, in one sentence.
std::string verdict_text(const std::vector<SaStatistics>& sas, const FindingLog& log, const Summary& summary,
                         std::uint64_t untracked);
// The table of SAs: what its columns are called, and the row of one.
std::vector<std::string> sa_columns();
std::vector<std::string> sa_row(const SaStatistics& sa);
// "on #1, #3, #A": what a conclusion is about, with a space before it; empty: the capture.
std::string subjects_text(const Conclusion& conclusion);
// The same as a paragraph, in the colour of the worst finding.
std::string verdict_paragraph(const Decoder& decoder, const FindingLog& log, const Summary& summary,
                              const Palette& palette);
// "3 errors, 1 warning: icv.bad, replay.duplicate, seq.lost", by weight; empty: nothing is wrong.
std::string recap_text(const std::vector<Conclusion>& conclusions);
// The same as a paragraph, and where to read more.
std::string recap_paragraph(const std::vector<Conclusion>& conclusions, const Palette& palette);
// Verdict, conclusions by weight, tables of SAs and IKE SAs; `verbose`: with all ladders.
void print_report(const Decoder& decoder, const std::vector<Conclusion>& conclusions, const FindingLog& log,
                  const Summary& summary, bool verbose, Output& out, const Palette& palette);

}  // namespace espdump
