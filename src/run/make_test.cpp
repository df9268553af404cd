// The capture is read twice: to know what is good in it, and to write it with the rest in between.
#include "run/make_test.hpp"

#include <unistd.h>

#include <optional>
#include <utility>

#include <espdump/capture.hpp>
#include <espdump/decoder.hpp>

#include "analysis/gateway_attack.hpp"
#include "base/input_file.hpp"
#include "base/write_all.hpp"
#include "report/gateway_plants.hpp"
#include "run/confinement.hpp"
#include "run/load_keys.hpp"
#include "run/message.hpp"

namespace espdump::run {
namespace {

// Opens the capture, or says why not.
std::optional<CaptureReader> open(const std::string& path, Outcome& outcome) {
  auto reader = CaptureReader::open(path);
  if (reader) return std::move(*reader);
  say(reader.error());
  outcome.unusable_input = true;
  return std::nullopt;
}

// Nothing where that cannot go into one pcap file.
std::optional<std::uint32_t> learn(CaptureReader& reader, const Keystore& keystore, AttackMaker& maker) {
  Decoder decoder{keystore, DecoderOptions{.verify_only = true, .note_nonces = false}};
  Packet packet;
  std::optional<std::uint32_t> link_type;
  while (const std::optional<Frame> frame = reader.next()) {
    if (link_type && *link_type != frame->link_type) {
      say("the capture has frames of several link types, which no pcap file can hold");
      return std::nullopt;
    }
    link_type = frame->link_type;
    decoder.decode(*frame, packet);
    maker.learn(packet, decoder);
  }
  maker.plan();
  if (maker.usable() == 0) {
    say("no packet of the capture verifies under these keys: there is nothing to make a test of");
    return std::nullopt;
  }
  return link_type;
}

// What is created and opened before anything that strangers wrote is looked at. Nothing: the reason is told.
std::optional<CaptureWriter> make_ready(const GatewayOptions& options) {
  auto writer = CaptureWriter::create(options.write);
  if (!writer) {
    say(writer.error());
    return std::nullopt;
  }
  if (const Status kept = writer->entrust(); !kept && !options.no_sandbox) {
    say(kept.error().to_string() + "; --no-sandbox does without");
    return std::nullopt;
  }
  if (options.no_sandbox) return std::move(*writer);
  open_ahead(options.keys);
  open_ahead(options.policies);
  open_ahead({options.make_test, options.make_test});
  return std::move(*writer);
}

void write_test(AttackMaker& maker, CaptureReader& reader, CaptureWriter& writer, Outcome& outcome) {
  const AttackMaker::Emit emit = [&](Timestamp time, Bytes frame, std::size_t wire_length) {
    writer.write(time, frame, wire_length);
  };
  while (const std::optional<Frame> frame = reader.next()) maker.make(*frame, emit);
  maker.finish(emit);
  if (const auto& damage = reader.damage()) {
    say(*damage);
    outcome.damaged_input = true;
  }
  if (const Status closed = writer.close(); !closed) {
    say(closed.error());
    outcome.output_failed = true;
  }
}

}  // namespace

Outcome make_gateway_test(const GatewayOptions& options) {
  Outcome outcome;
  if (options.make_test == "-") {
    say("--make-test reads its capture twice, which standard input does not allow");
    outcome.unusable_input = true;
    return outcome;
  }
  std::optional<CaptureWriter> writer = make_ready(options);
  if (!writer) {
    outcome.unusable_input = true;
    return outcome;
  }
  confine(options.no_sandbox, options.verbose);
  const Keystore keystore = std::move(load_keys(options.keys, options.policies, options.verbose, outcome).keystore);
  if (outcome.unusable_input) return outcome;
  AttackMaker maker;
  std::optional<CaptureReader> reader = open(options.make_test, outcome);
  const std::optional<std::uint32_t> link_type = reader ? learn(*reader, keystore, maker) : std::nullopt;
  if (!link_type) {
    outcome.unusable_input = true;
    return outcome;
  }
  reader = open(options.make_test, outcome);
  if (!reader) return outcome;
  writer->use_link_type(*link_type);
  write_test(maker, *reader, *writer, outcome);
  outcome.written(write_all(STDOUT_FILENO, plants_json(maker)));
  return outcome;
}

}  // namespace espdump::run
