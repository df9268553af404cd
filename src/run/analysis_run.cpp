#include "run/analysis_run.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <span>
#include <string>
#include <utility>

#include <espdump/codes.hpp>
#include <espdump/pre_decoder.hpp>

#include "base/interruption.hpp"
#include "base/pseudonyms.hpp"
#include "report/packet_comment.hpp"
#include "report/redaction.hpp"
#include "run/message.hpp"
#include "run/packet_batch.hpp"
#include "run/terminal.hpp"

namespace espdump::run {
namespace {

constexpr std::size_t handful = 16, many_sas = 256;

bool wants_color(When when) {
  if (when != When::automatic) return when == When::always;
  const char* no_color = std::getenv("NO_COLOR");
  if (no_color != nullptr && *no_color != '\0') return false;
  return is_capable_terminal(STDOUT_FILENO);
}

// Lines on the same terminal tell how far it is themselves.
bool wants_progress(const AnalyzeOptions& options) {
  if (options.progress != When::automatic) return options.progress == When::always;
  return is_capable_terminal(STDERR_FILENO) && (options.quiet || isatty(STDOUT_FILENO) != 1);
}

// As on a terminal without colours, and nothing more than a line.
TextOptions page_text(TextOptions text) {
  text.quiet = text.hex = text.color = text.many_files = false;
  text.verbosity = 0;
  text.times = TimeFormat::none;
  text.columns = text.rows = 0;
  return text;
}

// A narrow terminal has narrow paragraphs; what is no terminal gets the same text everywhere.
void fit_to(const std::optional<TerminalSize>& terminal, TextOptions& text) {
  constexpr std::size_t least = 40;
  if (!terminal) return;
  text.columns = std::max(terminal->columns, least);
  text.rows = terminal->rows;
  text.width = std::min(text.width, text.columns);
}

TimeFormat times_of(int letters) {
  constexpr std::array formats{TimeFormat::since_first, TimeFormat::none, TimeFormat::since_1970,
                               TimeFormat::since_last,  TimeFormat::date, TimeFormat::since_first};
  return formats.at(static_cast<std::size_t>(letters));
}

// What makes a report differ from that of all of the captures with all that is known.
std::vector<std::pair<std::string, std::string>> settings_of(const AnalyzeOptions& options) {
  std::vector<std::pair<std::string, std::string>> out;
  // An expression may name addresses.
  const auto shown = [&](const std::string& expression) {
    return options.pseudonyms.empty() ? expression : std::string{"(left out)"};
  };
  if (!options.filter.empty()) out.emplace_back("--filter", shown(options.filter));
  if (!options.inner_filter.empty()) out.emplace_back("--inner-filter", shown(options.inner_filter));
  if (!options.frames.empty()) out.emplace_back("--frames", options.frames);
  if (options.count != 0) out.emplace_back("--count", std::to_string(options.count));
  if (options.verify_only) out.emplace_back("--verify-only", "");
  if (options.redact) out.emplace_back("--redact", "");
  if (!options.pseudonyms.empty()) out.emplace_back("--pseudonyms", "");
  return out;
}

std::vector<std::string> key_files_of(const AnalyzeOptions& options) {
  std::vector<std::string> out = options.keys;
  out.insert(out.end(), options.policies.begin(), options.policies.end());
  return out;
}

// Standard output is that of a file that wants it.
bool takes_standard_output(const AnalyzeOptions& options) { return options.write == "-" || options.page == "-"; }

bool is_quiet(const AnalyzeOptions& options) { return options.quiet || takes_standard_output(options); }

// Whether packets are told of, and not only what follows from them.
bool shows_packets(const AnalyzeOptions& options, const Inputs& inputs) {
  return !is_quiet(options) || inputs.writer || inputs.page;
}

}  // namespace

AnalysisRun::AnalysisRun(const AnalyzeOptions& options, const Keystore& keystore, Inputs& inputs)
    : options_(options),
      inputs_(inputs),
      output_(takes_standard_output(options) ? STDERR_FILENO : STDOUT_FILENO),
      decoder_(keystore, DecoderOptions{options.verify_only, inputs.writer || inputs.inner_filter, options.crypto, true,
                                        inputs.partials ? Taping::replays : Taping::none}),
      analyzers_(make_analyzers(summary_.paths)),
      progress_(wants_progress(options), inputs.captures),
      has_many_sas_(keystore.associations().size() >= many_sas),
      is_live_(inputs.captures.has_stream()),
      redacts_((options.redact || pseudonyms() != nullptr) && shows_packets(options, inputs)) {
  for (std::size_t file = 0; file < inputs.captures.files(); ++file)
    summary_.files.push_back(inputs.captures.name(file));
  if (inputs.partials) {
    for (std::size_t file = 0; file < inputs.partials->files(); ++file)
      summary_.files.push_back(inputs.partials->name(file));
    decoder_.take_totals(inputs.partials->reassembly(), inputs.partials->ike_messages());
  }
  summary_.paths.captures = summary_.files.size();
  summary_.keys_given = !keystore.empty();
  summary_.verify_only = options.verify_only;
  summary_.kernel_stats = inputs.kernel_stats;
  const bool quiet = is_quiet(options);
  TextOptions text;
  text.quiet = quiet;
  text.verbosity = options.verbosity;
  text.hex = options.hex;
  text.color = wants_color(options.color);
  text.many_files = summary_.files.size() > 1;
  text.no_keys = !summary_.keys_given;
  text.no_ike_keys = !keystore.has_ike_keys();
  text.times = times_of(options.times);
  text.as_it_comes = is_live_;
  fit_to(terminal_size(takes_standard_output(options) ? STDERR_FILENO : STDOUT_FILENO), text);
  reporter_ = options.json ? make_json_reporter(output_, quiet, summary_.files) : make_text_reporter(output_, text);
  if (inputs.page)
    page_ = std::make_unique<Page>(
        PageOptions{options.page_packets, page_text(text), settings_of(options), key_files_of(options)},
        summary_.files);
}

void AnalysisRun::packets() {
  heed_interruption();
  if (inputs_.partials)
    joined();
  else if (options_.threads > 1)
    in_batches(*this, options_.threads);
  else if (has_many_sas_)
    by_the_handful();
  else
    one_by_one();
}

// What is known of thousands of SAs is in no cache: it is asked for while frames before are under way.
void AnalysisRun::by_the_handful() {
  std::array<Packet, handful> packets;
  std::array<PreDecoded, handful> done;
  PreDecoder pre_decoder{decoder_};
  for (bool ended = false; !ended;) {
    std::size_t count = 0;
    if (would_block()) flush();
    do {
      const std::optional<Frame> frame = next_frame();
      ended = !frame;
      if (ended) break;
      pre_decoder.prepare(*frame, packets[count], done[count]);
    } while (++count < handful && !would_block());  // else the bytes of those before may move
    decoder_.expect(std::span{done}.first(count));
    for (std::size_t i = 0; i < count; ++i) {
      decoder_.decode(done[i], packets[i]);
      show(packets[i]);
    }
  }
}

void AnalysisRun::one_by_one() {
  Packet packet;
  for (;;) {
    if (is_live_ && would_block()) flush();
    const std::optional<Frame> frame = next_frame();
    if (!frame) break;
    decoder_.decode(*frame, packet);
    show(packet);
  }
}

void AnalysisRun::joined() {
  Packet packet;
  while (interruption() == 0 && !unheard_) {
    const FrameRecord* frame = inputs_.partials->next();
    if (frame == nullptr) break;
    if (taken_++ == 0) reporter_->start(frame->time);
    progress_.frame();
    decoder_.replay(*frame, packet);
    show(packet);
  }
}

void AnalysisRun::show(Packet& packet) {
  if (!settle(packet)) return;
  reporter_->packet(packet);
  for (const Finding& finding : packet.findings()) reporter_->finding(finding);
  unheard_ = output_.error() != 0 && !inputs_.writer && !page_;
}

std::optional<Frame> AnalysisRun::next_frame() {
  if (taken_ == options_.count && options_.count != 0) return std::nullopt;
  for (;;) {
    if (unheard_ || interruption() != 0) return std::nullopt;
    const std::optional<Frame> frame = inputs_.captures.next();
    if (!frame) return std::nullopt;
    if (taken_ + passed_over_ == 0) reporter_->start(frame->time);  // whatever a filter leaves of it
    if (inputs_.filter && !inputs_.filter->matches(frame->link_type, frame->bytes, frame->wire_length)) {
      ++passed_over_;
      continue;
    }
    ++taken_;
    progress_.frame();
    return frame;
  }
}

bool AnalysisRun::settle(Packet& packet) {
  judge(packet);
  count(packet);
  if (inputs_.frames && !inputs_.frames->has(packet.file, packet.frame)) return false;
  const bool filtered = inputs_.writer || inputs_.inner_filter;
  wanted_.clear();
  if (filtered)
    for (const InnerPacket& inner : packet.inner()) wanted_.push_back(is_wanted(packet, inner) ? 1 : 0);
  if (inputs_.inner_filter && std::count(wanted_.begin(), wanted_.end(), 1) == 0) return false;
  ++shown_;
  if (redacts_) redact(packet);
  if (inputs_.writer)
    for (std::size_t i = 0; i < wanted_.size(); ++i)
      if (wanted_[i] != 0) write(packet, packet.inner()[i]);
  if (page_) page_->packet(packet);
  return true;
}

void AnalysisRun::print(Renderer& lines) {
  reporter_->print(lines);
  unheard_ = output_.error() != 0 && !inputs_.writer && !page_;
}

// Analysers see the packet as decoding left it; only then their findings become its own.
void AnalysisRun::judge(Packet& packet) {
  found_.clear();
  show_to(analyzers_, packet, decoder_, found_);
  for (Finding& finding : found_) packet.findings().push_back(std::move(finding));
  for (const Finding& finding : packet.findings()) log_.add(finding);
}

void AnalysisRun::count(const Packet& packet) {
  if (summary_.frames++ == 0) summary_.first = packet.time;
  if (packet.time > summary_.last || summary_.frames == 1) summary_.last = packet.time;
  for (const OpenRecord& record : packet.ipsec()) {
    if (record.replay == ReplayVerdict::capture_duplicate) continue;
    ++(record.protocol == IpsecProtocol::esp ? summary_.esp : summary_.ah);
    if (record.decrypted) ++summary_.decrypted;
  }
  if (!packet.may_have(ProtocolKind::ikev2)) return;
  summary_.ike +=
      static_cast<std::uint64_t>(std::count_if(packet.layers().begin(), packet.layers().end(), [](const Layer& layer) {
        return layer.is(ProtocolKind::ikev2) && !layer.quoted;
      }));
}

// Whether any filter on decrypted packets leaves this one, an innermost one, in.
bool AnalysisRun::is_wanted(const Packet& packet, const InnerPacket& inner) const {
  if (!inner.innermost) return false;
  const Bytes bytes = packet.buffers()[inner.buffer].bytes;
  return !inputs_.inner_filter || inputs_.inner_filter->matches(link_type_raw, bytes, bytes.size());
}

void AnalysisRun::write(const Packet& packet, const InnerPacket& inner) {
  const Buffer& buffer = packet.buffers()[inner.buffer];
  std::string comment;
  if (inputs_.writer->keeps_comments())
    comment = packet_comment(packet, inner, decoder_, summary_.files.size() > 1 ? summary_.files[packet.file] : "");
  if (pseudonyms() != nullptr)
    inputs_.writer->write(packet.time, headers_with_pseudonyms(packet, inner), buffer.size(), comment);
  else
    inputs_.writer->write(packet.time, buffer.bytes, buffer.size(), comment);
}

// No file ended early: it was left.
void AnalysisRun::tell_interruption(Outcome& outcome) {
  outcome.signal = interruption();
  summary_.truncated = true;
  say(fmt::format("stopped by {}: what is told is about the {} frames read until then",
                  outcome.signal == SIGINT ? "SIGINT" : "SIGTERM", summary_.frames));
}

void AnalysisRun::tell_damages(Findings& findings, std::vector<Conclusion>& conclusions, Outcome& outcome) {
  for (const Error& damage : inputs_.partials ? inputs_.partials->damages() : inputs_.captures.damages()) {
    say(damage);
    outcome.damaged_input = summary_.truncated = true;
    findings.push_back({&codes::capture_truncated, 0, 0, 0, damage.to_string(), {}});
    conclusions.push_back({&codes::capture_truncated, {}, damage.to_string(), {}, {}});
  }
}

void AnalysisRun::finish(Outcome& outcome) {
  progress_.end();
  Findings findings;
  std::vector<Conclusion> conclusions;
  for (const auto& analyzer : analyzers_) analyzer->finish(decoder_, findings, conclusions);
  if (interruption() != 0)
    tell_interruption(outcome);
  else
    tell_damages(findings, conclusions, outcome);
  for (const Finding& finding : findings) {
    log_.add(finding);
    reporter_->finding(finding);
  }
  reporter_->end(decoder_, conclusions, log_, summary_);
  output_.flush();
  tell_nothing_shown();
  if (page_) write_page(conclusions, outcome);
  close(outcome);
}

// A filter that leaves nothing looks like a capture with nothing in it.
void AnalysisRun::tell_nothing_shown() const {
  if (taken_ == 0 && passed_over_ != 0)
    say(fmt::format(
        "--filter: none of the {} frames matches; it looks at frames as captured (those with VLAN tags take "
        "`vlan and …`), --inner-filter at what was in them",
        passed_over_));
  if (shown_ != 0 || taken_ == 0) return;
  if (inputs_.frames)
    say(fmt::format("--frames: none of them is among the {} that were read", taken_));
  else if (inputs_.inner_filter)
    say(fmt::format("--inner-filter: none of the {} decrypted packets matches", summary_.decrypted));
}

void AnalysisRun::write_page(const std::vector<Conclusion>& conclusions, Outcome& outcome) {
  AsideFile& file = *inputs_.page;
  Output out{file.descriptor()};
  page_->write(decoder_, conclusions, log_, summary_, out);
  out.flush();
  if (out.error() != 0) {
    if (out.error() != EPIPE) say(file.write_failure(out.error()));
    outcome.output_failed = outcome.output_failed || out.error() != EPIPE;
    file.discard();
    return;
  }
  if (const Status closed = file.close(); !closed) {
    say(closed.error());
    outcome.output_failed = true;
  }
}

void AnalysisRun::close(Outcome& outcome) {
  if (inputs_.writer) {
    const Status closed = inputs_.writer->close();
    if (!closed) say(closed.error());
    outcome.output_failed = outcome.output_failed || !closed;
  }
  outcome.written(output_.error());
  outcome.fail_on_met = options_.fail_on && worst_at_least(*options_.fail_on);
}

bool AnalysisRun::worst_at_least(Severity least) const {
  for (const Severity severity : {Severity::info, Severity::warning, Severity::error})
    if (severity >= least && log_.count(severity) != 0) return true;
  return false;
}

}  // namespace espdump::run
