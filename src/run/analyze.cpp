// The main job, from opening files to the last line of the report.
#include "run/analyze.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <espdump/secret.hpp>

#include "base/input_file.hpp"
#include "base/pseudonyms.hpp"
#include "keys/kernel_stats.hpp"
#include "run/analysis_run.hpp"
#include "run/confinement.hpp"
#include "run/load_keys.hpp"
#include "run/message.hpp"
#include "run/recording.hpp"

namespace espdump::run {
namespace {

bool compile(const std::string& expression, std::optional<PacketFilter>& out) {
  if (expression.empty()) return true;
  auto compiled = PacketFilter::compile(expression);
  if (compiled)
    out.emplace(std::move(*compiled));
  else
    say(compiled.error());
  return compiled.has_value();
}

// Null: none are wanted, or none can be read.
std::shared_ptr<const KernelStats> read_kernel_stats(const std::vector<std::string>& paths, Outcome& outcome) {
  if (paths.empty()) return nullptr;
  auto out = std::make_shared<KernelStats>();
  for (const std::string& path : paths) {
    const Status added = add_kernel_stats(path, *out);
    if (!added) say(added.error());
    outcome.unusable_input = outcome.unusable_input || !added;
  }
  return out->empty() ? nullptr : out;
}

// Whether the file is there to be written, or not wanted.
template <typename Make, typename File>
bool create(const std::string& path, Make make, std::optional<File>& out) {
  if (path.empty()) return true;
  auto made = make(path);
  if (made)
    out.emplace(std::move(*made));
  else
    say(made.error());
  return made.has_value();
}

// What is opened, compiled and created before anything that strangers wrote is looked at: afterwards it cannot be.
bool make_ready(const AnalyzeOptions& options, Inputs& inputs) {
  const auto new_capture = [](const std::string& path) { return CaptureWriter::create(path); };
  if (!compile(options.filter, inputs.filter) || !compile(options.inner_filter, inputs.inner_filter)) return false;
  if (!create(options.write, new_capture, inputs.writer) || !create(options.page, &AsideFile::create, inputs.page))
    return false;
  const auto new_partial = [](const std::string& path) { return partial::Writer::create(path); };
  if (!create(options.partial, new_partial, inputs.partial)) return false;
  if (!options.frames.empty()) inputs.frames = std::move(*FrameList::parse(options.frames));
  // A keeper is good without a sandbox, too: where this process is killed it removes what is half done.
  const auto entrust = [&](auto& file) {
    const Status done = file ? file->entrust() : Nothing{};
    if (!done && !options.no_sandbox) say(done.error().to_string() + "; --no-sandbox does without");
    return done.has_value() || options.no_sandbox;
  };
  if (!entrust(inputs.writer) || !entrust(inputs.page) || !entrust(inputs.partial)) return false;
  if (options.no_sandbox) return true;
  for (const auto* paths :
       {&options.keys, &options.policies, &options.kernel_stats, &options.captures, &options.before})
    open_ahead(*paths);
  if (!options.pseudonyms.empty()) open_ahead({options.pseudonyms});
  if (inputs.page) open_ahead(options.captures, Opening::never_waits);  // for their digests
  if (inputs.partial) open_ahead(options.captures, Opening::never_waits);
  if (!options.range.is_all()) {
    open_ahead(options.captures);  // for what comes shortly before
    open_ahead(options.captures, Opening::never_waits);
  }
  return true;
}

// And what comes shortly before it: packets in pieces are whole within so much of a capture.
CaptureSet open_range(const std::string& path, const ByteRange& range, Inputs& inputs, std::vector<Error>& failures) {
  constexpr std::uint64_t shortly = 16U << 20;
  auto reader = CaptureReader::open(path, range);
  if (reader && range.begin != 0) {
    auto before = CaptureReader::open(path, {range.begin - std::min(range.begin, shortly), range.begin});
    if (before)
      inputs.shortly_before.emplace(std::move(*before));
    else
      failures.push_back(before.error());
  }
  std::vector<CaptureReader> readers;
  if (reader)
    readers.push_back(std::move(*reader));
  else
    failures.push_back(reader.error());
  return CaptureSet::of(std::move(readers));
}

bool open_captures(const AnalyzeOptions& options, Inputs& inputs, Outcome& outcome) {
  std::vector<Error> failures;
  inputs.captures = options.range.is_all() ? CaptureSet::open_readable(options.captures, failures)
                                           : open_range(options.captures.front(), options.range, inputs, failures);
  if (!options.before.empty()) inputs.before = CaptureSet::open_readable(options.before, failures);
  for (const Error& failure : failures) say(failure);
  outcome.unusable_input = outcome.unusable_input || !failures.empty();
  return inputs.captures.files() != 0;
}

// No byte of it stays behind in a buffer.
std::size_t read_file(const std::string& path, MutableBytes into) {
  const int descriptor = open_input(path);
  std::size_t out = 0;
  while (descriptor >= 0 && out < into.size()) {
    const ssize_t got = ::read(descriptor, into.data() + out, into.size() - out);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    out += static_cast<std::size_t>(got);
  }
  if (descriptor >= 0) ::close(descriptor);
  return out;
}

// A key for pseudonyms: the first bytes of a file, so that a device of random bytes will do.
bool take_pseudonyms(const std::string& path) {
  constexpr std::size_t least = 16, most = 4096;
  if (path.empty()) return true;
  std::array<std::uint8_t, most> bytes{};
  const std::size_t got = read_file(path, bytes);
  const std::string trouble = got == 0 ? "cannot be read"
                              : got < least
                                  ? "has fewer than 16 bytes, which are too few to keep pseudonyms from being guessed"
                                  : "";
  if (trouble.empty())
    use_pseudonyms(Bytes{bytes}.first(got));
  else
    say(Error{trouble + "; `head -c 32 /dev/urandom > FILE` makes a key", path});
  wipe(bytes);
  return trouble.empty();
}

}  // namespace

Outcome analyze(const AnalyzeOptions& options) {
  Outcome outcome;
  if (const Status usable = can_use(options.crypto); !usable) {
    say("--crypto ipsec-mb: " + usable.error().text + "; or leave the choice to --crypto auto");
    outcome.unusable_input = true;
    return outcome;
  }
  Inputs inputs;
  if (!make_ready(options, inputs)) {
    outcome.unusable_input = true;
    return outcome;
  }
  confine(options.no_sandbox, options.verbosity > 0);
  if (!take_pseudonyms(options.pseudonyms)) {
    outcome.unusable_input = true;
    return outcome;
  }
  const Keystore keystore =
      std::move(load_keys(options.keys, options.policies, options.verbosity > 0, outcome).keystore);
  if (!open_captures(options, inputs, outcome)) return outcome;
  if (inputs.partial) {  // of less than was asked for it would be taken for the whole
    if (!outcome.unusable_input) record(options, keystore, inputs, outcome);
    return outcome;
  }
  inputs.kernel_stats = read_kernel_stats(options.kernel_stats, outcome);
  AnalysisRun run{options, keystore, inputs};
  run.packets();
  run.finish(outcome);
  return outcome;
}

}  // namespace espdump::run
