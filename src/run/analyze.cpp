// The main job, from opening files to the last line of the report.
#include "run/analyze.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <utility>

#include <espdump/analysis.hpp>
#include <espdump/capture.hpp>
#include <espdump/codes.hpp>
#include <espdump/decoder.hpp>
#include <espdump/dissector.hpp>
#include <espdump/keystore.hpp>
#include <espdump/report.hpp>

#include "report/packet_comment.hpp"
#include "run/load_keys.hpp"
#include "run/message.hpp"

namespace espdump::run {
namespace {

bool wants_color(When when) {
  if (when != When::automatic) return when == When::always;
  const char* no_color = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  if (no_color != nullptr && *no_color != '\0') return false;
  return isatty(STDOUT_FILENO) == 1 && (terminal == nullptr || std::string_view{terminal} != "dumb");
}

// The files and filters of a run, opened before the first packet is looked at.
struct Inputs {
  CaptureSet captures;
  std::optional<PacketFilter> filter, inner_filter;
  std::optional<CaptureWriter> writer;
};

bool compile(const std::string& expression, std::optional<PacketFilter>& out) {
  if (expression.empty()) return true;
  auto compiled = PacketFilter::compile(expression);
  if (compiled)
    out.emplace(std::move(*compiled));
  else
    say(compiled.error());
  return compiled.has_value();
}

std::optional<Inputs> open_inputs(const AnalyzeOptions& options, Outcome& outcome) {
  std::vector<Error> failures;
  Inputs inputs{CaptureSet::open_readable(options.captures, failures), {}, {}, {}};
  for (const Error& failure : failures) say(failure);
  outcome.unusable_input = outcome.unusable_input || !failures.empty();
  if (inputs.captures.files() == 0) return std::nullopt;
  if (!compile(options.filter, inputs.filter) || !compile(options.inner_filter, inputs.inner_filter)) {
    outcome.unusable_input = true;
    return std::nullopt;
  }
  if (options.write.empty()) return inputs;
  auto writer = CaptureWriter::create(options.write);
  if (!writer) {
    say(writer.error());
    outcome.unusable_input = true;
    return std::nullopt;
  }
  inputs.writer.emplace(std::move(*writer));
  return inputs;
}

class Run {
 public:
  Run(const AnalyzeOptions& options, const Keystore& keystore, Inputs& inputs)
      : options_(options),
        inputs_(inputs),
        output_(options.write == "-" ? STDERR_FILENO : STDOUT_FILENO),
        decoder_(keystore, DecoderOptions{options.verify_only, inputs.writer || inputs.inner_filter}),
        analyzers_(make_analyzers(summary_.paths)) {
    for (std::size_t file = 0; file < inputs.captures.files(); ++file)
      summary_.files.push_back(inputs.captures.name(file));
    summary_.paths.captures = summary_.files.size();
    summary_.keys_given = !keystore.empty();
    summary_.verify_only = options.verify_only;
    const bool quiet = options.quiet || options.write == "-";
    if (options.json)
      reporter_ = make_json_reporter(output_, quiet, summary_.files);
    else
      reporter_ = make_text_reporter(
          output_, {quiet, options.verbosity, options.hex, wants_color(options.color), summary_.files.size() > 1,
                    !summary_.keys_given, keystore.ike_keys().empty() && keystore.shared_secrets().empty()});
  }

  void packets() {
    Packet packet;
    std::uint64_t taken = 0;
    while (output_.error() == 0 || inputs_.writer) {
      if (inputs_.captures.would_block()) output_.flush();
      const std::optional<Frame> frame = inputs_.captures.next();
      if (!frame) break;
      if (inputs_.filter && !inputs_.filter->matches(frame->link_type, frame->bytes, frame->wire_length)) continue;
      decoder_.decode(*frame, packet);
      judge(packet);
      count(packet);
      show(packet);
      if (++taken == options_.count) break;
    }
  }

  void finish(Outcome& outcome) {
    Findings findings;
    std::vector<Conclusion> conclusions;
    for (const auto& analyzer : analyzers_) analyzer->finish(decoder_, findings, conclusions);
    for (const Error& damage : inputs_.captures.damages()) {
      say(damage);
      outcome.damaged_input = summary_.truncated = true;
      findings.push_back({&codes::capture_truncated, 0, 0, 0, damage.to_string(), {}});
      conclusions.push_back({&codes::capture_truncated, {}, damage.to_string(), {}, {}});
    }
    for (const Finding& finding : findings) {
      log_.add(finding);
      reporter_->finding(finding);
    }
    reporter_->end(decoder_, conclusions, log_, summary_);
    output_.flush();
    close(outcome);
  }

 private:
  // Analysers see the packet as decoding left it; only then their findings become its own.
  void judge(Packet& packet) {
    found_.clear();
    for (const auto& analyzer : analyzers_) analyzer->on_packet(packet, decoder_, found_);
    for (Finding& finding : found_) packet.findings().push_back(std::move(finding));
    for (const Finding& finding : packet.findings()) log_.add(finding);
  }

  void count(const Packet& packet) {
    if (summary_.frames++ == 0) summary_.first = packet.time;
    if (packet.time > summary_.last || summary_.frames == 1) summary_.last = packet.time;
    for (const OpenRecord& record : packet.ipsec()) {
      if (record.replay == ReplayVerdict::capture_duplicate) continue;
      ++(record.protocol == IpsecProtocol::esp ? summary_.esp : summary_.ah);
      if (record.decrypted) ++summary_.decrypted;
    }
    summary_.ike += static_cast<std::uint64_t>(
        std::count_if(packet.layers().begin(), packet.layers().end(),
                      [&](const Layer& layer) { return layer.protocol == ike_ && !layer.quoted; }));
  }

  // Whether any filter on decrypted packets leaves this one, an innermost one, in.
  [[nodiscard]] bool is_wanted(const Packet& packet, const InnerPacket& inner) const {
    if (!inner.innermost) return false;
    const Bytes bytes = packet.buffers()[inner.buffer].bytes;
    return !inputs_.inner_filter || inputs_.inner_filter->matches(link_type_raw, bytes, bytes.size());
  }

  void show(const Packet& packet) {
    const auto wanted = [&](const InnerPacket& inner) { return is_wanted(packet, inner); };
    if (inputs_.inner_filter && std::none_of(packet.inner().begin(), packet.inner().end(), wanted)) return;
    reporter_->packet(packet);
    for (const Finding& finding : packet.findings()) reporter_->finding(finding);
    if (!inputs_.writer) return;
    for (const InnerPacket& inner : packet.inner())
      if (wanted(inner)) write(packet, inner);
  }

  void write(const Packet& packet, const InnerPacket& inner) {
    const Bytes bytes = packet.buffers()[inner.buffer].bytes;
    std::string comment;
    if (inputs_.writer->keeps_comments())
      comment = packet_comment(packet, inner, decoder_, summary_.files.size() > 1 ? summary_.files[packet.file] : "");
    inputs_.writer->write(packet.time, bytes, bytes.size(), comment);
  }

  void close(Outcome& outcome) {
    if (inputs_.writer) {
      const Status closed = inputs_.writer->close();
      if (!closed) say(closed.error());
      outcome.output_failed = outcome.output_failed || !closed;
    }
    outcome.written(output_.error());
    outcome.fail_on_met = options_.fail_on && worst_at_least(*options_.fail_on);
  }

  [[nodiscard]] bool worst_at_least(Severity least) const {
    for (const Severity severity : {Severity::info, Severity::warning, Severity::error})
      if (severity >= least && log_.count(severity) != 0) return true;
    return false;
  }

  // Compared by place: by name would cost as much as the rest of count().
  static const Protocol* ike_protocol() {
    for (const Dissector* one : all_dissectors())
      if (one->name == "ikev2") return one;
    return nullptr;
  }

  const AnalyzeOptions& options_;
  Inputs& inputs_;
  const Protocol* ike_ = ike_protocol();
  Output output_;
  Decoder decoder_;
  Summary summary_;
  std::vector<std::unique_ptr<Analyzer>> analyzers_;
  std::unique_ptr<Reporter> reporter_;
  FindingLog log_;
  Findings found_;
};

}  // namespace

Outcome analyze(const AnalyzeOptions& options) {
  Outcome outcome;
  const Keystore keystore =
      std::move(load_keys(options.keys, options.policies, options.verbosity > 0, outcome).keystore);
  std::optional<Inputs> inputs = open_inputs(options, outcome);
  if (!inputs) return outcome;
  Run run{options, keystore, *inputs};
  run.packets();
  run.finish(outcome);
  return outcome;
}

}  // namespace espdump::run
