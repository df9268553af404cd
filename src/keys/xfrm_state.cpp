// Cuts `ip xfrm state` text into records and turns each into an SA. A record begins with `src` in the first
// column and ends where the next one, or an event of `ip xfrm monitor`, begins.
#include "keys/xfrm_state.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "keys/text.hpp"
#include "keys/xfrm_monitor.hpp"
#include "keys/xfrm_record.hpp"
#include "keys/xfrm_sa.hpp"

namespace espdump::keys {
namespace {

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

std::optional<XfrmEvent> event_of(std::string_view word) {
  if (word == "Updated") return XfrmEvent::updated;
  if (word == "Deleted") return XfrmEvent::deleted;
  if (word == "Expired") return XfrmEvent::expired;
  return std::nullopt;
}

bool is_event(std::string_view word) {
  constexpr std::string_view events[] = {"Flushed", "Async", "Mapping", "acquire", "report", "Default", "Unknown"};
  return std::find(std::begin(events), std::end(events), word) != std::end(events);
}

// A command typed, perhaps to print what follows.
bool is_command(std::string_view word) { return word == "ip" || word == "sudo"; }

// Lines around a dump that say nothing: a ruler.
bool is_scenery(std::string_view word) {
  return std::none_of(word.begin(), word.end(),
                      [](char c) { return is_decimal(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'); });
}

class Parser {
 public:
  explicit Parser(Intake& intake) : intake_(intake), lives_(intake.table()) {}

  std::size_t read(std::string_view text);

 private:
  void physical_line(std::string_view line);
  void logical_line(std::string_view line);
  void plain_line(std::string_view line, bool indented);
  bool begin_record(std::string_view line);
  void begin_event(std::string_view line);
  void event_line(std::string_view line);
  void field(std::string_view line);
  void finish_record();
  void note_life(const XfrmRecord& record, std::uint32_t index);
  void note_expiry(const XfrmRecord& record);
  [[nodiscard]] std::string format() const;

  Intake& intake_;
  Lives lives_;
  std::optional<XfrmRecord> record_;
  std::optional<Timestamp> time_;           // printed, and of the record or event to come
  std::optional<std::uint16_t> mapped_to_;  // the new port of a mapping change
  bool skipping_ = false;                   // inside a policy or an event
  bool in_script_ = false;                  // the last line was a command that goes on in the next
  std::size_t line_ = 0, policies_ = 0;
  bool found_ = false, one_line_ = false, statistics_ = false, monitor_ = false;
};

std::size_t Parser::read(std::string_view text) {
  const bool ended = text.empty() || text.back() == '\n';
  if (starts_with(text, "\xef\xbb\xbf")) text.remove_prefix(3);
  while (!text.empty()) {
    const auto end = text.find('\n');
    ++line_;
    physical_line(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  if (!ended && record_ && record_->open_key != nullptr)
    intake_.problem(record_->open_key->line, "the file ends within this line: the key may be cut", false);
  finish_record();
  if (found_)
    intake_.found(format());
  else
    intake_.forget_unknown_lines();
  return policies_;
}

std::string Parser::format() const {
  return fmt::format("ip{}{} xfrm {}", one_line_ ? " -o" : "", statistics_ ? " -s" : "",
                     monitor_ ? "monitor" : "state");
}

// `-o` prints a backslash for every line break; a shell command ends in one that goes on in the next line.
void Parser::physical_line(std::string_view line) {
  const std::string_view all = trim_right(line);
  const bool goes_on = !all.empty() && all.back() == '\\';
  if (std::exchange(in_script_, false)) {
    in_script_ = goes_on;
    return;
  }
  const std::string_view bare = strip_decoration(all);
  const std::string_view word = Words(bare).next();
  if (goes_on && word != "src" && !event_of(word)) {
    in_script_ = true;
    finish_record();
    skipping_ = true;
    return;
  }
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
  if (line.front() == '[')
    if (const auto time = monitor_time(line.substr(1, line.find(']') - 1))) time_ = time;
  const std::string_view bare = trim_right(strip_decoration(line));
  if (bare.empty()) return;
  plain_line(trim_left(bare), is_blank(bare.front()));
}

void Parser::plain_line(std::string_view line, bool indented) {
  const auto word = Words(line).next();
  if (!indented && begin_record(line)) return;
  if (!indented && is_event(word)) return begin_event(line);
  if (!indented && is_command(word)) {
    finish_record();
    skipping_ = true;
    return;
  }
  if (word == "Timestamp:") {
    time_ = monitor_time(trim_left(line.substr(word.size())));
    return;
  }
  const bool mends_key = record_ && record_->open_key != nullptr && continues_key_line(line);
  if (skipping_) return event_line(line);
  if (is_scenery(word) && !mends_key) return;
  if (record_) return field(line);
  intake_.unknown_line(line_, word);
}

void Parser::begin_event(std::string_view line) {
  finish_record();
  skipping_ = monitor_ = true;
  Words words(line);
  const auto word = words.next();
  const auto what = words.next();
  if (word == "Flushed" && what == "state") {
    words.next();  // proto
    lives_.flush(words.next(), time_);
  }
  if (word == "Mapping") {
    const auto colon = line.rfind(':');
    const auto port = colon == std::string_view::npos ? std::nullopt : number(line.substr(colon + 1));
    if (port && *port <= 0xffff) mapped_to_ = static_cast<std::uint16_t>(*port);
  }
  time_.reset();
}

// The line below an event that names its SA. Only that of a mapping change says something of lasting use.
void Parser::event_line(std::string_view line) {
  constexpr std::size_t most_ports = 64;
  const auto port = std::exchange(mapped_to_, std::nullopt);
  Words words(line);
  if (!port || words.next() != "dst") return;
  const auto destination = IpAddress::parse(words.next());
  const auto at = line.find(" SPI ");
  const auto spi = at == std::string_view::npos ? std::nullopt : number(Words(line.substr(at + 5)).next());
  const auto index = destination && spi ? intake_.table().newest(*destination, IpsecProtocol::esp, *spi) : std::nullopt;
  if (!index) return;
  std::vector<std::uint16_t>& ports = intake_.table().at(*index).mapped_ports;
  if (ports.size() < most_ports && std::find(ports.begin(), ports.end(), *port) == ports.end()) ports.push_back(*port);
}

bool Parser::begin_record(std::string_view line) {
  Words words(line);
  auto word = words.next();
  const std::optional<XfrmEvent> event = event_of(word);
  if (event) word = words.next();
  if (word != "src") return false;
  const auto source = words.next();
  if (words.next() != "dst") return false;
  const auto destination = words.next();

  finish_record();
  monitor_ = monitor_ || event;
  const auto time = std::exchange(time_, std::nullopt);
  skipping_ = true;
  if (source.find('/') != std::string_view::npos) {
    ++policies_;
    return true;
  }
  const auto from = IpAddress::parse(source), to = IpAddress::parse(destination);
  if (!from || !to) {
    intake_.problem(line_, "the addresses of this SA cannot be read; SA left out");
    return true;
  }
  skipping_ = false;
  found_ = true;
  record_.emplace();
  record_->line = line_;
  record_->event = event.value_or(XfrmEvent::none);
  record_->time = time;
  record_->sa.source = *from;
  record_->sa.destination = *to;
  return true;
}

void Parser::field(std::string_view line) {
  const auto word = Words(line).next();
  if (word == "proto" && !record_->protocol.empty()) {
    intake_.problem(line_, "a second `proto` line without `src` before it; passed over up to the next SA");
    finish_record();
    skipping_ = true;
    return;
  }
  if (word == "sel") record_->selector_line = line_;
  if (read_field(*record_, line, line_) == FieldKind::unknown) intake_.unknown_line(line_, word);
  if (!record_->note.empty()) intake_.problem(line_, std::exchange(record_->note, {}), false);
}

void Parser::finish_record() {
  if (!record_) return;
  XfrmRecord& record = *record_;
  statistics_ = statistics_ || record.statistics;
  if (record.event == XfrmEvent::expired)
    note_expiry(record);
  else if (const auto index = take_record(record, intake_))
    note_life(record, *index);
  record_.reset();
}

void Parser::note_expiry(const XfrmRecord& record) {
  if (!record.spi) return;
  const IpsecProtocol protocol = record.protocol == "ah" ? IpsecProtocol::ah : IpsecProtocol::esp;
  if (!record.hard)
    return intake_.problem(record.line, "this SA reached its soft limit here: from now on it is due to be rekeyed",
                           false);
  if (const auto index = intake_.table().newest(record.sa.destination, protocol, *record.spi))
    lives_.end(*index, Ending::expired, record.time);
}

void Parser::note_life(const XfrmRecord& record, std::uint32_t index) {
  if (record.event == XfrmEvent::deleted)
    lives_.end(index, Ending::deleted, record.time);
  else
    lives_.seen(index);
}

}  // namespace

std::size_t read_xfrm_state(std::string_view text, Intake& intake) { return Parser(intake).read(text); }

}  // namespace espdump::keys
