// The report on a gateway for people: the verdict first, then each kind of violation in a line.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "analysis/analyzers.hpp"
#include "base/append.hpp"
#include "report/gateway_report.hpp"
#include "report/table.hpp"
#include "report/text_util.hpp"

namespace espdump {
namespace {

constexpr std::size_t width = 100, most_named = 6;

std::string milliseconds(std::int64_t nanoseconds) {
  return fmt::format("{:.{}f}", static_cast<double>(nanoseconds) / 1e6, nanoseconds < 1'000'000 ? 3 : 1);
}

// Violations of one kind stand in one line.
enum class Kind : std::uint8_t {
  bad,
  malformed,
  replay,
  stale,
  unknown,
  no_integrity,
  fragment,
  plaintext,
  dropped,
  changed,
  header,
  duplicated,
  injected,
  ike,
};

Kind kind_of_leak(GatewayClass is) {
  switch (is) {
    case GatewayClass::malformed: return Kind::malformed;
    case GatewayClass::replay:
    case GatewayClass::old_replay:
    case GatewayClass::zero: return Kind::replay;
    case GatewayClass::stale: return Kind::stale;
    case GatewayClass::unknown_spi:
    case GatewayClass::wrong_address: return Kind::unknown;
    case GatewayClass::no_integrity: return Kind::no_integrity;
    case GatewayClass::open:
    case GatewayClass::good:
    case GatewayClass::bad_icv:
    case GatewayClass::far_ahead: break;
  }
  return Kind::bad;
}

Kind kind_of(const GatewayViolation& it) {
  switch (it.fault) {
    case GatewayFault::leaked: return kind_of_leak(it.of);
    case GatewayFault::leaked_fragment: return Kind::fragment;
    case GatewayFault::dropped: return Kind::dropped;
    case GatewayFault::changed: return Kind::changed;
    case GatewayFault::header_changed: return Kind::header;
    case GatewayFault::duplicated: return Kind::duplicated;
    case GatewayFault::injected: return Kind::injected;
    case GatewayFault::plaintext: return Kind::plaintext;
    case GatewayFault::ike_dropped:
    case GatewayFault::ike_changed: break;
  }
  return Kind::ike;
}

struct Words {
  std::string_view what, one, many;
};
constexpr std::array<Words, 14> words{{
    {"leaked", "packet with a bad ICV", "packets with a bad ICV"},
    {"leaked", "malformed packet", "malformed packets"},
    {"leaked", "replay", "replays"},
    {"leaked", "packet left of the window", "packets left of the window"},
    {"leaked", "packet without an SA", "packets without an SA"},
    {"leaked", "packet without integrity", "packets without integrity"},
    {"leaked", "bad datagram in fragments", "bad datagrams in fragments"},
    {"leaked", "packet in the clear", "packets in the clear"},
    {"dropped", "authentic packet", "authentic packets"},
    {"modified", "packet", "packets"},
    {"modified", "header", "headers"},
    {"duplicated", "packet", "packets"},
    {"injected", "packet", "packets"},
    {"lost or altered", "IKE message", "IKE messages"},
}};

class Text {
 public:
  explicit Text(const GatewayView& view) : view_(view), report_(view.report) {}

  std::string run() {
    verdict();
    for (const auto* list : {&report_.reasons, &report_.notes})
      for (const std::string& text : *list) out_ += wrapped(text, 2, width);
    violations();
    reordering();
    hints();
    out_ += remedies_text(report_.violations, width, [](const GatewayViolation& it) { return it.info->remedy; });
    if (report_.pairs.matched != 0 && !report_.swapped) facts();
    associations();
    out_ += files_text(view_.files, "ingress", "egress") + origin_text(view_.origin, "ingress", "egress");
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string frame(std::string_view side, FrameNumber frame, std::uint16_t file) const {
    const auto captures =
        std::count_if(view_.files.begin(), view_.files.end(), [&](const GatewayFile& one) { return one.side == side; });
    return captures > 1 ? fmt::format("{}:{}", file + 1, frame) : fmt::format("{}", frame);
  }
  [[nodiscard]] std::string in_frame(RecordIndex in) const {
    const GatewayRecord& record = view_.ingress.records()[in];
    return "in " + frame("ingress", record.frame, record.file);
  }
  [[nodiscard]] std::string out_frame(RecordIndex out) const {
    const GatewayRecord& record = view_.egress.records()[out];
    return "out " + frame("egress", record.frame, record.file);
  }

  void verdict() {
    const std::uint64_t count = report_.violations.size();
    if (report_.verdict == GatewayVerdict::fail) {
      append(out_, "FAIL: {} in {}\n", count_of(count, "violation"), count_of(report_.esp_in, "packet"));
    } else if (report_.verdict == GatewayVerdict::inconclusive) {
      append(out_, "INCONCLUSIVE\n");
    } else {
      append(out_, "PASS: {} forwarded unchanged, {} stopped\n", count_of(report_.forwarded, "authentic packet"),
             count_of(report_.stopped, "bad one"));
    }
  }

  // "in 25 > out 23 (byte 30)", of one violation.
  [[nodiscard]] std::string place(std::size_t index) const {
    const GatewayViolation& it = report_.violations[index];
    std::string out = it.in != no_record ? in_frame(it.in) : "";
    std::string left;
    if (it.fault == GatewayFault::plaintext) {
      const ClearPacket& clear = view_.egress.clear()[it.out];
      left = "out " + frame("egress", clear.frame, clear.file);
    } else if (it.fragment_frame != 0) {
      left = "out " + frame("egress", it.fragment_frame, it.fragment_file);
    } else if (it.out != no_record) {
      left = out_frame(it.out);
    }
    out += (out.empty() || left.empty() ? "" : " > ") + left;
    if (it.repeats != no_record) out += " (repeats " + in_frame(it.repeats) + ")";
    if (const auto found = view_.changes.find(index); found != view_.changes.end()) out += ": " + found->second;
    if (!it.fields.empty()) out += ": " + it.fields;
    return out;
  }

  void violations() {
    std::map<Kind, std::vector<std::size_t>> kinds;
    for (std::size_t i = 0; i < report_.violations.size(); ++i) kinds[kind_of(report_.violations[i])].push_back(i);
    for (const auto& [kind, list] : kinds) {
      const Words& word = words[static_cast<std::size_t>(kind)];
      const std::string head = "  " + padded(word.what, 11) +
                               padded(fmt::format("{} {}", list.size(), list.size() == 1 ? word.one : word.many), 28) +
                               "  ";
      std::vector<std::string> places;
      const std::size_t shown = view_.verbose ? list.size() : std::min(list.size(), most_named);
      places.reserve(shown + 1);
      for (std::size_t i = 0; i < shown; ++i) places.push_back(place(list[i]) + (i + 1 < list.size() ? "," : ""));
      if (shown < list.size()) places.push_back(fmt::format("… (+{})", list.size() - shown));
      put_list(head, places);
    }
  }

  // Breaks between the entries only, and keeps the column they stand in.
  void put_list(const std::string& head, const std::vector<std::string>& entries) {
    std::string line = head;
    const std::string hanging(columns(head), ' ');
    bool first = true;
    for (const std::string& entry : entries) {
      if (!first && columns(line) + 1 + columns(entry) > width) {
        out_ += line + "\n";
        line = hanging;
        first = true;
      }
      line += (first ? "" : " ") + entry;
      first = false;
    }
    out_ += line + "\n";
  }

  void reordering() {
    const GatewayReordering& it = report_.reordering;
    if (it.packets == 0 || report_.swapped) return;
    out_ += wrapped(fmt::format("reordered {}, by up to {} and {} ms; {} > {} (worth knowing, no violation)",
                                count_of(it.packets, "packet"), count_of(it.most_places, "place"),
                                milliseconds(it.most_time), in_frame(it.in), out_frame(it.out)),
                    2, width, 12);
  }

  void hints() {
    for (const GatewayHint& hint : report_.hints) out_ += wrapped("hint: " + hint.text, 2, width, 6);
  }

  void facts() {
    std::string seen, unseen;
    for (const GatewaySample& sample : gateway_samples(report_))
      if (sample.count != 0)
        seen += fmt::format("{}{} {}", seen.empty() ? "" : ", ", sample.name, sample.count);
      else
        unseen += (unseen.empty() ? "" : ", ") + std::string{sample.name};
    out_ += wrapped("exercised: " + (seen.empty() ? "no bad input at all" : seen) +
                        (unseen.empty() ? "" : "; no evidence about: " + unseen),
                    0, width, 2);
    for (const GatewayWhatIf& what : report_.what_ifs)
      append(out_, "with a window of {}: {} leaked, {} dropped wrongly\n", what.window, what.leaked, what.dropped);
    const GatewayLatency& latency = report_.latency;
    if (latency.count != 0)
      append(out_, "latency: {} / {} / {} / {} ms (min, median, 99 %, max){}\n", milliseconds(latency.least),
             milliseconds(latency.median), milliseconds(latency.slow), milliseconds(latency.most),
             report_.pairs.clock.basis == GatewayClock::Basis::fastest ? ", above that of the fastest packet" : "");
    clock();
    for (const std::string& note : report_.header_notes) out_ += wrapped("headers: " + note, 0, width, 2);
    loss();
    not_judged();
  }

  void clock() {
    const GatewayClock& it = report_.pairs.clock;
    std::string text;
    if (it.basis == GatewayClock::Basis::two_way || it.basis == GatewayClock::Basis::fastest)
      append(text, "clocks: that of egress is {} ms {}{}", milliseconds(it.shift < 0 ? -it.shift : it.shift),
             it.shift < 0 ? "behind" : "ahead",
             it.basis == GatewayClock::Basis::two_way
                 ? fmt::format(" (± {} ms, by packets of both directions)", milliseconds(it.uncertainty))
                 : ", if the fastest packet took no time");
    if (it.drift != 0)
      append(text, "{}{:.1f} ppm {}", text.empty() ? "clocks: that of egress runs " : "; it runs ",
             (it.drift < 0 ? -it.drift : it.drift) * 1e6, it.drift < 0 ? "slow" : "fast");
    if (!text.empty()) out_ += wrapped(text, 0, width, 2);
  }

  void loss() {
    if (report_.loss.bursts.empty()) return;
    std::string sizes, bursts;
    for (const GatewayLoss::Size& size : report_.loss.sizes)
      append(sizes, "{}{}-{} bytes {} of {}", sizes.empty() ? "" : ", ", size.least, size.most, size.dropped,
             size.packets);
    std::size_t told = 0;
    for (const auto& [length, count] : report_.loss.bursts)
      if (told++ < most_named) append(bursts, "{}{} in a row {} times", bursts.empty() ? "" : ", ", length, count);
    out_ += wrapped("dropped by size: " + sizes + "; by burst: " + bursts, 0, width, 2);
  }

  void not_judged() {
    constexpr std::array<std::string_view, gateway_doubts> names{"without a key",
                                                                 "of SAs, or of an end of one, of which none verifies",
                                                                 "of SPIs without an SA that look alive",
                                                                 "cut by the capture",
                                                                 "older than what shows the gateway's window",
                                                                 "while one capture did not run",
                                                                 "while the egress capture is silent",
                                                                 "that ingress does not have",
                                                                 "perhaps lost by the egress capture",
                                                                 "of fragments that overlap",
                                                                 "with a wrong UDP checksum",
                                                                 "too large, as an ICMP error says"};
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i)
      if (report_.doubts[i] != 0) append(text, "{}{} {}", text.empty() ? "" : ", ", report_.doubts[i], names[i]);
    if (!text.empty()) out_ += wrapped("not judged: " + text, 0, width, 2);
    if (report_.backward_in != 0)
      append(out_, "other direction: {} not judged\n", count_of(report_.backward_in, "packet"));
    if (const std::uint64_t twice = report_.pairs.twice_in + report_.pairs.twice_out; twice != 0)
      append(out_, "captured twice: {}, counted once\n", count_of(twice, "packet"));
  }

  void associations() {
    Table table;
    std::size_t rows = 0;
    constexpr std::size_t most_rows = 200;
    table.row({"#", "from > to", "spi", "suite", "window", "packets", "good", "passed", "dropped", "stopped", "leaked",
               "open", "median ms"});
    for (const GatewaySa& sa : report_.sas) {
      if (sa.packets == 0 || rows++ >= most_rows) continue;
      const GatewayFlow& flow = view_.ingress.flows()[sa.flow];
      table.row({sa.number == 0 ? "-" : std::to_string(sa.number),
                 flow.source.to_string() + " > " + flow.destination.to_string(), fmt::format("0x{:08x}", flow.spi),
                 sa.association == nullptr ? "unknown SPI" : suite_name(*sa.association),
                 sa.association == nullptr ? "-" : std::to_string(sa.window), std::to_string(sa.packets),
                 std::to_string(sa.classes[static_cast<std::size_t>(GatewayClass::good)]), std::to_string(sa.forwarded),
                 std::to_string(sa.dropped), std::to_string(sa.stopped), std::to_string(sa.leaked),
                 std::to_string(sa.open), sa.latency.count == 0 ? "-" : milliseconds(sa.latency.median)});
    }
    if (rows == 0) return;
    out_ += "\nSECURITY ASSOCIATIONS\n";
    constexpr std::size_t addresses = 1, suite = 3, window = 4;
    for (const std::string& line : table.lines(4, 12, {view_.table_width, {suite, window, addresses}})) out_ += line;
    if (rows > most_rows) append(out_, "  … and {} more (--json has them all)\n", rows - most_rows);
  }

  const GatewayView& view_;
  const GatewayReport& report_;
  std::string out_;
};

}  // namespace

std::string gateway_text(const GatewayView& view) { return Text{view}.run(); }

}  // namespace espdump
