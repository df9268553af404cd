#include "run/recording.hpp"

#include <string>
#include <utility>
#include <vector>

#include "base/file_digest.hpp"
#include "base/interruption.hpp"
#include "run/message.hpp"

namespace espdump::run {
namespace {

class Recording {
 public:
  Recording(const AnalyzeOptions& options, const Keystore& keystore, Inputs& inputs)
      : options_(options), inputs_(inputs), decoder_(keystore, options_of(options)) {
    for (std::size_t file = 0; file < inputs.captures.files(); ++file) {
      partial::Source& source = sources_.emplace_back();
      source.name = inputs.captures.name(file);
      source.part.begin = inputs.captures.place(file);
    }
  }

  // What one run would have read when it comes to the first frame here: captures may overlap.
  void pass_by(Timestamp first) {
    std::optional<Frame> shortly;
    if (inputs_.shortly_before) shortly = inputs_.shortly_before->next();
    pass_by_others(shortly ? shortly->time : first);
    for (; shortly && interruption() == 0; shortly = inputs_.shortly_before->next()) {
      pass_by_beside(shortly->time);
      pass_by(*shortly);
    }
  }
  void pass_by_others(Timestamp first) {
    for (go_before(); before_ && before_->time <= first && interruption() == 0; go_before()) pass_by(*before_);
  }
  void pass_by(const Frame& frame) {
    if (is_wanted(frame)) decoder_.decode(frame, packet_, record_);
  }
  // Captures from before may go on beside. Of these what keys may follow from is looked at, and no ESP.
  void pass_by_beside(Timestamp now) {
    if (!before_ || before_->time >= now) return;
    const std::uint64_t given_up = decoder_.left_out().ike_messages;
    for (; before_ && before_->time < now && interruption() == 0; go_before()) {
      scout_.decode(*before_, packet_);
      if (packet_.ipsec().empty()) pass_by(*before_);
    }
    ike_before_ += decoder_.left_out().ike_messages - given_up;
  }
  void go_before() {
    before_ = inputs_.before.next();
    if (before_) before_->file = static_cast<std::uint16_t>(before_->file + inputs_.captures.files());
  }

  void go() {
    std::optional<Frame> frame = inputs_.captures.next();
    if (frame) pass_by(frame->time);
    decoder_.count_anew(inputs_.captures.files());
    ike_before_ = decoder_.left_out().ike_messages;
    for (; frame && interruption() == 0; frame = inputs_.captures.next()) {
      pass_by_beside(frame->time);
      ++sources_[frame->file].part.records;
      if (!is_wanted(*frame)) continue;
      decoder_.decode(*frame, packet_, record_);
      keep(*frame);
    }
  }

  void write(Outcome& outcome) {
    inputs_.partial->begin({options_.verify_only, options_.filter}, decoder_.keystore());
    go();
    if (interruption() != 0) return leave(outcome);
    partial::Ending ending;
    ending.alone = inputs_.before.files() == 0;
    ending.reassembly = decoder_.reassembly();
    ending.ike_messages = decoder_.left_out().ike_messages - ike_before_;
    for (const Error& damage : inputs_.captures.damages()) {
      say(damage);
      outcome.damaged_input = true;
      ending.damages.emplace_back(damage.text, damage.file);
    }
    for (std::size_t file = 0; file < sources_.size(); ++file) identify(sources_[file], file);
    ending.sources = std::move(sources_);
    const Status closed = inputs_.partial->close(std::move(ending));
    if (!closed) say(closed.error());
    outcome.output_failed = outcome.output_failed || !closed;
  }

 private:
  static Keystore sealed_without_keys() {
    Keystore out;
    out.seal();
    return out;
  }
  static DecoderOptions options_of(const AnalyzeOptions& options) {
    DecoderOptions out;
    out.verify_only = options.verify_only;
    out.crypto = options.crypto;
    out.note_nonces = false;
    out.taping = Taping::records;
    return out;
  }

  void identify(partial::Source& source, std::size_t file) const {
    constexpr std::uint64_t beginning = 65536;
    partial::Part& part = source.part;
    part.end = inputs_.captures.place(file);
    if (options_.range.is_all()) {
      source.sha256 = sha256_of_file(source.name).value_or("");
      return;
    }
    part.is_first = options_.range.begin == 0;
    part.is_last = part.end.offset < options_.range.end || part.end.offset == inputs_.captures.progress().total;
    part.beginning = sha256_of_range(source.name, 0, beginning).value_or("");
    source.sha256 = sha256_of_range(source.name, part.begin.offset, part.end.offset).value_or("");
  }

  [[nodiscard]] bool is_wanted(const Frame& frame) {
    return !inputs_.filter || inputs_.filter->matches(frame.link_type, frame.bytes, frame.wire_length);
  }

  void keep(const Frame& frame) {
    partial::Source& source = sources_[frame.file];
    if (source.frames++ == 0) source.first_time = frame.time.nanoseconds;
    source.last_time = frame.time.nanoseconds;
    inputs_.partial->add(record_);
  }

  // What is not whole would be taken for it.
  void leave(Outcome& outcome) const {
    outcome.signal = interruption();
    say(options_.partial + ": not written, for the captures were not read to their end");
  }

  const AnalyzeOptions& options_;
  Inputs& inputs_;
  Decoder decoder_;
  Keystore no_keys_ = sealed_without_keys();
  Decoder scout_{no_keys_};
  std::optional<Frame> before_;  // the next of those from before
  Packet packet_;
  FrameRecord record_;
  std::vector<partial::Source> sources_;
  std::uint64_t ike_before_ = 0;
};

}  // namespace

void record(const AnalyzeOptions& options, const Keystore& keystore, Inputs& inputs, Outcome& outcome) {
  heed_interruption();
  Recording{options, keystore, inputs}.write(outcome);
}

}  // namespace espdump::run
