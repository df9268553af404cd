// One line per packet in the manner of tcpdump; trees and hexadecimal where asked for.
#include "report/text.hpp"

#include <espdump/wire/next_header.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <optional>

#include "base/append.hpp"
#include "report/packet_view.hpp"
#include "report/screen.hpp"
#include "report/text_util.hpp"

namespace espdump {

std::string Palette::paint(const char* code, std::string_view text) const {
  return on_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string{text};
}

std::string Palette::paragraph(std::string_view text, std::size_t indent, std::size_t hanging) const {
  return wrapped(text, indent, width_, hanging);
}

std::string Palette::of(Severity severity, std::string_view text) const {
  switch (severity) {
    case Severity::error: return error(text);
    case Severity::warning: return warning(text);
    case Severity::info: break;
  }
  return heading(text);
}

namespace {

// What every line has is put together without fmt, which would take most of its time.
void add_endpoint(std::string& out, const IpAddress& address, std::optional<std::uint16_t> port) {
  out += address.to_string();
  if (!port) return;
  out += '.';
  add_number(out, *port);
}
void add_endpoints(std::string& out, const Endpoints& pair) {
  add_endpoint(out, pair.source, pair.source_port);
  out += " > ";
  add_endpoint(out, pair.destination, pair.destination_port);
}

// Rounded to microseconds, at least nine characters.
void add_seconds(std::string& out, std::int64_t nanoseconds) {
  constexpr std::uint64_t million = 1'000'000;
  const bool before = nanoseconds < 0;
  const std::uint64_t distance =
      before ? ~static_cast<std::uint64_t>(nanoseconds) + 1 : static_cast<std::uint64_t>(nanoseconds);
  const std::uint64_t rounded = (distance + 500) / 1000;
  const bool negative = before && rounded != 0;
  if (negative) out += '-';
  add_number(out, rounded / million, negative ? 1 : 2, ' ');
  out += '.';
  add_number(out, rounded % million, 6, '0');
}

// "2026-11-20 15:46:18.123456", in UTC.
void add_date(std::string& out, std::int64_t nanoseconds) {
  using namespace std::chrono;
  const sys_time<microseconds> time{round<microseconds>(std::chrono::nanoseconds{nanoseconds})};
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  append(out, "{}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}", static_cast<int>(date.year()),
         static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
         clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

// The columns of a line. Each grows to its widest cell so far and never shrinks, so that lines stay aligned.
enum class Column : std::uint8_t { outer, ipsec };
constexpr std::size_t column_count = 2, widest_column = 48;

// What lines have to know of the lines before them.
struct LinesBefore {
  std::array<std::size_t, column_count> widths{26, 7};
  std::optional<std::int64_t> time;  // of the latest one
};

// Lines in which the cells of columns are not padded yet, and times since the last line are missing.
struct Cell {
  std::size_t end = 0;  // where in the text padding goes, or the time
  std::size_t width = 0;
  Column column = Column::outer;
  std::optional<std::int64_t> time{};  // of a packet, where it is a cell for that
};

class TextRenderer final : public Renderer {
 public:
  TextRenderer(const TextOptions& options, const Palette& palette, const Timestamp& start)
      : options_(options), palette_(palette), start_(start) {}

  void packet(const Packet& packet) override {
    if (options_.quiet) return;
    const std::size_t begin = text_.size();
    line(packet);
    trim(begin);
    text_ += '\n';
    Output output{&text_};
    if (options_.verbosity >= 2) print_tree(packet, output, palette_);
    if (options_.hex) print_hex(packet, output, palette_);
    if (options_.verbosity >= 2 || options_.hex) text_ += '\n';
  }

  void finding(const Finding&) override {}  // conclusions say it better at the end

  // What a line has behind number and time.
  PacketWords words(const Packet& packet) {
    line(packet);
    PacketWords out;
    std::size_t at = behind_time_;
    for (const Cell& cell : cells_) {
      (cell.column == Column::outer ? out.outer : out.ipsec) = text_.substr(at, cell.end - at);
      at = cell.end + gap.size();
    }
    out.rest = text_.substr(std::min(at, text_.size()));
    return out;
  }

  // Widens the columns and writes it all.
  void print(LinesBefore& before, Output& output) {
    std::size_t written = 0;
    for (const Cell& cell : cells_) {
      output.write(std::string_view{text_}.substr(written, cell.end - written));
      written = cell.end;
      if (cell.time) {
        output.write(since(before, *cell.time));
        continue;
      }
      std::size_t& width = before.widths[static_cast<std::size_t>(cell.column)];
      if (const auto wide = widened(cell)) width = std::max(width, *wide);
      if (cell.width >= width || ends_line(cell)) continue;
      output.write(std::string_view{spaces}.substr(0, width - cell.width));
    }
    output.write(std::string_view{text_}.substr(written));
    text_.clear();
    cells_.clear();
  }

 private:
  static constexpr std::string_view gap = "  ";  // between columns
  static constexpr std::string_view spaces = "                                                ";
  static_assert(spaces.size() == widest_column);

  static std::string since(LinesBefore& before, std::int64_t time) {
    std::string out;
    add_seconds(out, time - before.time.value_or(time));
    before.time = time;
    return out;
  }

  // How wide a cell makes its column; nothing: it leaves it alone. On a terminal one line with long addresses must not
  // push what matters of all others over the edge.
  [[nodiscard]] std::optional<std::size_t> widened(const Cell& cell) const {
    if (options_.columns == 0) return std::min(cell.width, widest_column);
    if (cell.width > std::min(widest_column, options_.columns * 3 / 8)) return std::nullopt;
    return cell.width;
  }

  [[nodiscard]] bool ends_line(const Cell& cell) const { return text_[cell.end] == '\n'; }

  // What was added from `begin` on, all ASCII, is a cell.
  void end_cell(Column column, std::size_t begin) { cells_.push_back({text_.size(), text_.size() - begin, column}); }

  void trim(std::size_t begin) {
    while (text_.size() > begin && text_.back() == ' ') text_.pop_back();
    for (auto last = cells_.rbegin(); last != cells_.rend() && last->end > text_.size(); ++last)
      last->end = text_.size();
  }

  void line(const Packet& packet) {
    if (options_.many_files) {
      add_number(text_, packet.file + 1U, 5, ' ');
      text_ += ' ';
    }
    add_number(text_, packet.frame, 5, ' ');
    text_ += options_.times == TimeFormat::none || options_.times == TimeFormat::date ? "  " : " ";
    time(packet.time.nanoseconds);
    if (options_.times != TimeFormat::none) text_ += gap;
    behind_time_ = text_.size();
    const auto outer = outer_endpoints(packet);
    if (!outer) {
      text_ += link_only(packet);
      return;
    }
    const std::size_t begin = text_.size();
    add_endpoints(text_, *outer);
    end_cell(Column::outer, begin);
    text_ += gap;
    if (packet.ipsec().empty())
      text_ += plain(packet, *outer);
    else
      ipsec(packet, *outer);
    if (options_.verbosity == 1) text_ += more(packet);
  }

  void time(std::int64_t nanoseconds) {
    switch (options_.times) {
      case TimeFormat::since_first: return add_seconds(text_, nanoseconds - start_.nanoseconds);
      case TimeFormat::since_1970: return add_seconds(text_, nanoseconds);
      case TimeFormat::since_last: return cells_.push_back({text_.size(), 0, Column::outer, nanoseconds});
      case TimeFormat::date: return add_date(text_, nanoseconds);
      case TimeFormat::none: break;
    }
  }

  static std::string link_only(const Packet& packet) {
    std::string text = brief_of(packet);
    if (text.empty() && !packet.layers().empty()) text = packet.layers().back().protocol->title;
    if (text.empty()) text = "unreadable";
    return fmt::format("{}, {} B", text, packet.wire_length) + trouble(packet);
  }

  std::string plain(const Packet& packet, const Endpoints& outer) const {
    std::string text = brief_of(packet) + ike_note(packet);
    if (text.empty()) text = outer.title;
    const std::size_t more = packets_side_by_side(packet) - 1;
    return fmt::format("{}, {} B{}{}", text, outer.length, whole(packet),
                       more == 0 ? "" : fmt::format("  (+{} more)", more)) +
           trouble(packet);
  }

  // What became of the IKE message of the line.
  std::string ike_note(const Packet& packet) const {
    if (packet.ike().empty()) return {};
    const IkeRecord& last = packet.ike().back();
    if (last.copy) return palette_.quiet("  SEEN ALREADY");
    std::string out;
    if (last.repeats != 0) out += fmt::format("  SENT AGAIN (frame {})", last.repeats);
    if (last.sealed == IkeSealed::bad_icv) out += "  " + palette_.error("BAD ICV");
    if (last.sealed == IkeSealed::no_key && !options_.no_ike_keys) out += "  " + palette_.warning("NO KEY");
    return out;
  }

  static std::string_view whole(const Packet& packet) { return packet.reassembled ? " reassembled" : ""; }

  static std::string trouble(const Packet& packet) {
    for (const Finding& finding : packet.findings())
      if (finding.info->code == "packet.malformed" || finding.info->code == "ike.malformed")
        return "  MALFORMED: " + finding.message;
      else if (finding.info->code == "capture.truncated")
        return "  cut by the capture";
    return {};
  }

  std::string verdict(const OpenRecord& record) const {
    if (record.replay == ReplayVerdict::capture_duplicate)
      return palette_.quiet(fmt::format("SEEN ALREADY in frame {}", record.first_frame));
    if (record.icv == IcvVerdict::bad) return palette_.error("BAD ICV");
    if (record.unchecked == Unchecked::no_sa && options_.no_keys) return {};
    if (record.unchecked == Unchecked::no_sa) return palette_.warning(fmt::format("UNKNOWN SPI 0x{:08x}", record.spi));
    if (record.unchecked == Unchecked::no_key) return palette_.warning(record.decrypted ? "NOT VERIFIED" : "NO KEY");
    if (record.unchecked == Unchecked::cut) return "CUT";
    if (record.replay == ReplayVerdict::duplicate)
      return palette_.error(record.first_frame != 0 ? fmt::format("REPLAY of frame {}", record.first_frame) : "REPLAY");
    if (record.replay == ReplayVerdict::stale) return palette_.error("TOO LATE");
    return record.mode == SaMode::beet ? "BEET" : "";
  }

  // Of several packets side by side the last one's line, and how many more there are.
  void ipsec(const Packet& packet, const Endpoints& outer) {
    const OpenRecord& last = packet.ipsec().back();
    const std::vector<const OpenRecord*> nested = nested_records(packet, last);
    const std::size_t begin = text_.size();
    for (const OpenRecord* record : nested) {
      if (text_.size() != begin) text_ += ' ';
      text_ += record->sa != 0 ? '#' : '-';
      if (record->sa != 0) add_number(text_, record->sa);
      text_ += ' ';
      add_number(text_, record->sequence);
    }
    end_cell(Column::ipsec, begin);
    text_ += gap;
    for (const OpenRecord* record : nested)
      if (const std::string word = verdict(*record); !word.empty()) text_ += word + "  ";
    add_contents(text_, packet, outer, nested);
    text_ += others(packet, nested);
  }

  // In transport mode addresses are those of the packet around. A narrow terminal has no room to say them twice.
  [[nodiscard]] bool says_again(const Endpoints& outer, const Endpoints& inner) const {
    constexpr std::size_t roomy = 120;
    return cuts_lines(options_) && options_.columns < roomy && inner.source == outer.source &&
           inner.destination == outer.destination;
  }

  void add_inner(std::string& out, const Endpoints& outer, const Endpoints& inner) const {
    if (!says_again(outer, inner)) {
      add_endpoints(out, inner);
      out += "  ";
    } else if (inner.source_port && inner.destination_port) {
      add_number(out, *inner.source_port);
      out += " > ";
      add_number(out, *inner.destination_port);
      out += "  ";
    }
  }

  void add_contents(std::string& out, const Packet& packet, const Endpoints& outer,
                    const std::vector<const OpenRecord*>& nested) const {
    const OpenRecord& last = *nested.back();
    const auto inner = last.protocol == IpsecProtocol::ah ? behind_ah(packet) : inner_endpoints(packet, nested);
    if (!inner) {
      out += closed(packet, last);
      return;
    }
    add_inner(out, outer, *inner);
    if (last.protocol == IpsecProtocol::esp && !last.decrypted) {
      out += fmt::format("sealed, {} B", last.length);
      return;
    }
    std::string text = brief_of(packet, last);
    const bool has_layer = packet.layers().size() > std::size_t{last.layer} + 1 &&
                           packet.layers()[std::size_t{last.layer} + 1].outer == last.layer;
    if (!has_layer || text.empty()) text = inner->title;
    out += text;
    out += ", ";
    add_number(out, inner->length);
    out += is_reassembled(packet, last) ? " B reassembled" : " B";
    out += trouble(packet);
  }

  // What stands beside the packet of the line: other ESP packets or IKE messages of a TCP segment, other packets of an
  // AGGFRAG payload.
  std::string others(const Packet& packet, const std::vector<const OpenRecord*>& nested) const {
    const std::size_t more = packets_side_by_side(packet) - 1;
    if (more == 0) return {};
    std::size_t bad = 0, replays = 0;
    for (const OpenRecord& record : packet.ipsec()) {
      if (std::find(nested.begin(), nested.end(), &record) != nested.end()) continue;
      bad += record.icv == IcvVerdict::bad ? 1 : 0;
      replays += record.replay == ReplayVerdict::duplicate || record.replay == ReplayVerdict::stale ? 1 : 0;
    }
    std::string out = fmt::format("  (+{} more", more);
    if (bad != 0) out += ", " + palette_.error(fmt::format("{} BAD ICV", bad));
    if (replays != 0) out += ", " + palette_.error(fmt::format("{} REPLAY or LATE", replays));
    return out + ")";
  }

  static std::string closed(const Packet& packet, const OpenRecord& record) {
    namespace next_header = wire::next_header;
    if (record.decrypted && record.next_header == next_header::none)
      return fmt::format("dummy packet, {} B", record.length);
    for (const Finding& finding : packet.findings())
      if (finding.info->code == "esp.malformed") return fmt::format("MALFORMED: {}", finding.message);
    if (record.decrypted && record.next_header == next_header::aggfrag)
      return fmt::format("{}, no packet completed, {} B", brief_of(packet, record), record.length);
    const bool verified = record.icv == IcvVerdict::ok && !record.decrypted;
    return fmt::format("{}, {} B", verified ? "verified" : "sealed", record.length);
  }

  static std::string more(const Packet& packet) {
    std::string out;
    for (const OpenRecord& record : packet.ipsec()) {
      out += fmt::format("  [{} spi 0x{:08x}", to_string(record.protocol), record.spi);
      if (record.encapsulation == Encapsulation::udp) out += " in UDP";
      if (record.encapsulation == Encapsulation::tcp) out += " in TCP";
      out += fmt::format(", icv {}", to_string(record.icv));
      if (record.next_header) out += fmt::format(", next header {}", *record.next_header);
      if (record.next_header && record.protocol == IpsecProtocol::esp)
        out += fmt::format(", pad {}", record.pad_length);
      out += fmt::format(", {} B]", record.length);
    }
    for (const Finding& finding : packet.findings())
      out += fmt::format("\n        {}: {}", finding.info->code, finding.message);
    return out;
  }

  const TextOptions& options_;
  const Palette& palette_;
  const Timestamp& start_;
  std::string text_;
  std::vector<Cell> cells_;
  std::size_t behind_time_ = 0;
};

class TextReporter final : public Reporter {
 public:
  TextReporter(Output& output, const TextOptions& options)
      : output_(output),
        options_(options),
        palette_(options.color, options.width, options.columns),
        screen_(output, options) {}

  void packet(const Packet& packet) override {
    expect(packet);
    if (options_.quiet) return;
    own_.packet(packet);
    print(own_);
  }
  void finding(const Finding&) override {}

  void start(Timestamp time) override {
    start_ = time;
    starts_ = true;
  }
  void expect(const Packet& packet) override {
    if (!starts_) start(packet.time);
    has_packets_ = true;
  }
  [[nodiscard]] std::unique_ptr<Renderer> renderer() const override {
    return std::make_unique<TextRenderer>(options_, palette_, start_);
  }
  void print(Renderer& rendered) override {
    auto& own = static_cast<TextRenderer&>(rendered);
    if (!screen_.is_terminal()) return own.print(before_, output_);
    std::string lines;
    Output memory{&lines};
    own.print(before_, memory);
    screen_.lines(lines);
  }

  void end(const Decoder& decoder, const std::vector<Conclusion>& conclusions, const FindingLog& log,
           const Summary& summary) override {
    std::string report;
    Output memory{&report};
    // Trees and dumps have left an empty line behind them already.
    const bool spaced = options_.verbosity >= 2 || options_.hex;
    if (!options_.quiet && has_packets_ && !spaced) memory.write("\n");
    print_report(decoder, conclusions, log, summary, options_.verbosity > 0, memory, palette_);
    screen_.end(report, screen_.is_terminal() ? verdict_paragraph(decoder, log, summary, palette_) : "",
                recap_paragraph(conclusions, palette_));
  }

 private:
  Output& output_;
  TextOptions options_;
  Palette palette_;
  Screen screen_;
  bool starts_ = false, has_packets_ = false;
  Timestamp start_;
  LinesBefore before_;
  TextRenderer own_{options_, palette_, start_};
};

}  // namespace

PacketWords words_of(const Packet& packet, const TextOptions& options) {
  const Palette palette{false};
  return TextRenderer{options, palette, packet.time}.words(packet);
}

std::unique_ptr<Reporter> make_text_reporter(Output& output, TextOptions options) {
  return std::make_unique<TextReporter>(output, options);
}

}  // namespace espdump
