// The capture is read twice: to know what is good in it, and to write it with the rest in between.
#include "run/make_test.hpp"

#include <unistd.h>

#include <optional>
#include <utility>

#include <espdump/capture.hpp>
#include <espdump/decoder.hpp>

#include "analysis/gateway_attack.hpp"
#include "base/write_all.hpp"
#include "report/gateway_plants.hpp"
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

}  // namespace

Outcome make_gateway_test(const GatewayOptions& options) {
  Outcome outcome;
  const Keystore keystore = std::move(load_keys(options.keys, options.policies, options.verbose, outcome).keystore);
  if (options.make_test == "-") {
    say("--make-test reads its capture twice, which standard input does not allow");
    outcome.unusable_input = true;
  }
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
  auto writer = CaptureWriter::create(options.write, *link_type);
  if (!writer) {
    say(writer.error());
    outcome.unusable_input = true;
    return outcome;
  }
  const AttackMaker::Emit emit = [&](Timestamp time, Bytes frame, std::size_t wire_length) {
    writer->write(time, frame, wire_length);
  };
  while (const std::optional<Frame> frame = reader->next()) maker.make(*frame, emit);
  maker.finish(emit);
  if (const auto& damage = reader->damage()) {
    say(*damage);
    outcome.damaged_input = true;
  }
  if (const Status closed = writer->close(); !closed) {
    say(closed.error());
    outcome.output_failed = true;
  }
  outcome.written(write_all(STDOUT_FILENO, plants_json(maker)));
  return outcome;
}

}  // namespace espdump::run
