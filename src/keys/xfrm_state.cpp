// Cuts `ip xfrm state` text into records and turns each into an SA. A record begins with `src` in the first
// column and ends where the next one, or an event of `ip xfrm monitor`, begins.
#include "keys/xfrm_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "keys/problem_list.hpp"
#include "keys/text.hpp"
#include "keys/xfrm_record.hpp"

namespace espdump::keys {
namespace {

bool starts_with(std::string_view text, std::string_view start) { return text.substr(0, start.size()) == start; }

// What people paste before a line: time stamps of the monitor, shell prompts, quotation marks of a mail.
std::string_view strip_decoration(std::string_view line) {
  for (int round = 0; round < 4 && !line.empty(); ++round) {
    if (line.front() == '[') {
      const auto end = line.substr(0, 80).find(']');
      if (end == std::string_view::npos) return line;
      line = trim_left(line.substr(end + 1));
      continue;
    }
    const auto word = Words(line).next();
    if (word.empty() || std::string_view("#$%>").find(word.back()) == std::string_view::npos) return line;
    line.remove_prefix(word.size());
    if (!line.empty() && line.front() == ' ') line.remove_prefix(1);
  }
  return line;
}

bool is_event(std::string_view word) {
  constexpr std::string_view events[] = {"Flushed", "Async", "Mapping", "acquire", "report", "Default", "Unknown"};
  return std::find(std::begin(events), std::end(events), word) != std::end(events);
}

// Lines around a dump that say nothing: a command typed, a ruler.
bool is_scenery(std::string_view word) {
  if (word == "ip" || word == "sudo" || word == "Timestamp:") return true;
  return std::none_of(word.begin(), word.end(),
                      [](char c) { return is_decimal(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'); });
}

class Parser {
 public:
  Parser(const std::string& name, SecretArena& arena, SaTable& table)
      : problems_(name), arena_(arena), table_(table), name_(name) {}

  XfrmReading read(std::string_view text);

 private:
  void physical_line(std::string_view line);
  void logical_line(std::string_view line);
  void plain_line(std::string_view line, bool indented);
  bool begin_record(std::string_view line);
  void field(std::string_view line);
  void unknown_line(std::string_view word);
  void finish_record();
  void finish_sa(XfrmRecord& record);
  void set_algorithms(XfrmRecord& record);
  AlgorithmUse use_of(const KeyLine& line);
  void check_beet(const XfrmRecord& record);
  [[nodiscard]] std::string format() const;

  ProblemList problems_;
  SecretArena& arena_;
  SaTable& table_;
  const std::string& name_;
  XfrmReading out_;
  std::optional<XfrmRecord> record_;
  bool skipping_ = false;  // inside a policy or an event
  std::size_t line_ = 0;
  std::size_t unknown_lines_ = 0, first_unknown_ = 0;
  std::string unknown_word_;
  bool found_ = false, one_line_ = false, statistics_ = false, monitor_ = false;
  bool told_verify_only_ = false;
  bool told_key_ = false;  // that the keys of this record are hidden or zero
};

XfrmReading Parser::read(std::string_view text) {
  const bool ended = text.empty() || text.back() == '\n';
  if (starts_with(text, "\xef\xbb\xbf")) text.remove_prefix(3);
  while (!text.empty()) {
    const auto end = text.find('\n');
    ++line_;
    physical_line(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  if (!ended && record_ && record_->open_key != nullptr)
    problems_.add(record_->open_key->line, "the file ends within this line: the key may be cut", false);
  finish_record();
  if (unknown_lines_ != 0) {
    const std::string more =
        unknown_lines_ == 1 ? "" : fmt::format(", as are {} more unknown lines", unknown_lines_ - 1);
    problems_.add(first_unknown_,
                  fmt::format("line beginning with {} is not known and is passed over{}", unknown_word_, more), false);
  }
  out_.report.file = name_;
  out_.report.format = format();
  out_.report.problems = problems_.take();
  return std::move(out_);
}

std::string Parser::format() const {
  if (!found_) return {};
  return fmt::format("ip{}{} xfrm {}", one_line_ ? " -o" : "", statistics_ ? " -s" : "",
                     monitor_ ? "monitor" : "state");
}

// `-o` prints a backslash for every line break.
void Parser::physical_line(std::string_view line) {
  while (true) {
    const auto end = line.find('\\');
    logical_line(line.substr(0, end));
    if (end == std::string_view::npos) return;
    if (record_) one_line_ = true;
    line.remove_prefix(end + 1);
  }
}

void Parser::logical_line(std::string_view line) {
  line = trim_right(line);
  if (line.empty()) {
    if (record_) record_->open_key = nullptr;
    return;
  }
  if (is_blank(line.front())) return plain_line(trim_left(line), true);
  const std::string_view bare = trim_right(strip_decoration(line));
  if (bare.empty()) return;
  plain_line(trim_left(bare), is_blank(bare.front()));
}

void Parser::plain_line(std::string_view line, bool indented) {
  const auto word = Words(line).next();
  if (!indented && begin_record(line)) return;
  if (!indented && is_event(word)) {
    finish_record();
    skipping_ = monitor_ = true;
    return;
  }
  const bool mends_key = record_ && record_->open_key != nullptr && continues_key_line(line);
  if (skipping_ || (is_scenery(word) && !mends_key)) return;
  if (record_) return field(line);
  unknown_line(word);
}

bool Parser::begin_record(std::string_view line) {
  Words words(line);
  auto word = words.next();
  const bool expired = word == "Expired";
  const bool event = expired || word == "Updated" || word == "Deleted";
  if (event) word = words.next();
  if (word != "src") return false;
  const auto source = words.next();
  if (words.next() != "dst") return false;
  const auto destination = words.next();

  finish_record();
  monitor_ = monitor_ || event;
  skipping_ = true;
  if (source.find('/') != std::string_view::npos) {
    ++out_.policies;
    return true;
  }
  const auto from = IpAddress::parse(source), to = IpAddress::parse(destination);
  if (!from || !to) {
    problems_.add(line_, "the addresses of this SA cannot be read; SA left out");
    return true;
  }
  skipping_ = false;
  found_ = true;
  record_.emplace();
  record_->line = line_;
  record_->expired = expired;
  record_->sa.source = *from;
  record_->sa.destination = *to;
  return true;
}

void Parser::field(std::string_view line) {
  const auto word = Words(line).next();
  if (word == "proto" && !record_->protocol.empty()) {
    problems_.add(line_, "a second `proto` line without `src` before it; passed over up to the next SA");
    finish_record();
    skipping_ = true;
    return;
  }
  if (word == "sel") record_->selector_line = line_;
  if (read_field(*record_, line, line_) == FieldKind::unknown) unknown_line(word);
  if (!record_->note.empty()) problems_.add(line_, std::exchange(record_->note, {}), false);
}

void Parser::unknown_line(std::string_view word) {
  if (++unknown_lines_ != 1) return;
  first_unknown_ = line_;
  unknown_word_ = in_quotes(word);
}

void Parser::finish_record() {
  if (!record_) return;
  XfrmRecord& record = *record_;
  statistics_ = statistics_ || record.statistics;
  if (!record.expired) finish_sa(record);
  record_.reset();
}

void Parser::finish_sa(XfrmRecord& record) {
  if (record.protocol.empty())
    return problems_.add(record.line, "this SA has no `proto` line: the dump is cut; SA left out");
  if (record.protocol != "esp" && record.protocol != "ah") return;
  if (!record.spi) return problems_.add(record.line, "the SPI of this SA cannot be read; SA left out");
  if (*record.spi == 0)
    return problems_.add(record.line, "SPI 0: the SA is still being negotiated and has no keys yet; left out", false);
  if (!record.aead && !record.encryption && !record.integrity)
    return problems_.add(record.line, "this SA has no algorithm lines: not set up yet, or the dump is cut; left out",
                         false);

  SecurityAssociation& sa = record.sa;
  sa.protocol = record.protocol == "ah" ? IpsecProtocol::ah : IpsecProtocol::esp;
  sa.spi = *record.spi;
  sa.file = name_;
  sa.line = record.line;
  if (record.context_window) sa.replay_window = *record.context_window;
  if (record.has_context)
    sa.positions.push_back(
        {std::uint64_t{record.seq_hi} << 32 | record.seq, std::uint64_t{record.oseq_hi} << 32 | record.oseq});
  set_algorithms(record);
  check_beet(record);
  ++out_.report.records;
  if (sa.usable()) ++out_.report.usable;
  table_.add(std::move(sa));
}

void Parser::set_algorithms(XfrmRecord& record) {
  SecurityAssociation& sa = record.sa;
  told_key_ = false;
  if (record.aead && sa.protocol == IpsecProtocol::esp) {
    sa.encryption = use_of(*record.aead);
    return;
  }
  if (record.integrity) sa.integrity = use_of(*record.integrity);
  if (sa.protocol == IpsecProtocol::ah) {
    if (record.integrity) return;
    sa.integrity.state = KeyState::unusable;
    return problems_.add(record.line, "AH without an `auth` line; packets of this SA cannot be verified");
  }
  if (record.encryption) {
    sa.encryption = use_of(*record.encryption);
    return;
  }
  // Dumps for gateways are made without the cipher's keys on purpose.
  if (!std::exchange(told_verify_only_, true))
    problems_.add(record.line, "no `enc` line: packets of this SA (and of others like it) are verified, not decrypted",
                  false);
}

AlgorithmUse Parser::use_of(const KeyLine& line) {
  KeyReading reading = read_key_line(line, arena_);
  const bool about_all = reading.use.state == KeyState::hidden || reading.use.state == KeyState::all_zero;
  if (!reading.problem.empty() && !(about_all && told_key_))
    problems_.add(line.line, std::move(reading.problem), reading.serious);
  told_key_ = told_key_ || about_all;
  return reading.use;
}

// What the kernel does with such SAs: xfrm4_remove_beet_encap, xfrm6_remove_beet_encap.
void Parser::check_beet(const XfrmRecord& record) {
  const SecurityAssociation& sa = record.sa;
  if (sa.mode != SaMode::beet) return;
  const std::size_t line = record.selector_line != 0 ? record.selector_line : record.line;
  if (sa.selector_family == Family::none)
    return problems_.add(
        line,
        "BEET SA without a selector: the inner addresses are not known, and the kernel drops all that comes in on it");
  if (!sa.selector)
    return problems_.add(
        line, fmt::format("BEET SA with a selector for everything: the kernel takes {0} for both inner addresses",
                          sa.selector_family == Family::ipv6 ? "::" : "0.0.0.0"));
  if (!sa.selector->source.is_host() || !sa.selector->destination.is_host())
    problems_.add(line,
                  fmt::format("BEET selector {} to {} is not a host: inner address unknown; the kernel takes the first "
                              "address of the prefix",
                              sa.selector->source.to_string(), sa.selector->destination.to_string()),
                  false);
}

}  // namespace

XfrmReading read_xfrm_state(const std::string& name, std::string_view text, SecretArena& arena, SaTable& table) {
  return Parser(name, arena, table).read(text);
}

}  // namespace espdump::keys
