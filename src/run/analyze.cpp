// The main job, from opening files to the last line of the report.
#include "run/analyze.hpp"

#include <array>
#include <cstdint>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <espdump/secret.hpp>

#include "base/pseudonyms.hpp"
#include "keys/kernel_stats.hpp"
#include "run/analysis_run.hpp"
#include "run/load_keys.hpp"
#include "run/message.hpp"

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
  forbid_core_dumps();  // such a file may have keys in it
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

std::optional<Inputs> open_inputs(const AnalyzeOptions& options, Outcome& outcome) {
  std::vector<Error> failures;
  Inputs inputs{CaptureSet::open_readable(options.captures, failures), {}, {}, {}, {}, {}, {}};
  for (const Error& failure : failures) say(failure);
  outcome.unusable_input = outcome.unusable_input || !failures.empty();
  if (inputs.captures.files() == 0) return std::nullopt;
  if (!compile(options.filter, inputs.filter) || !compile(options.inner_filter, inputs.inner_filter)) {
    outcome.unusable_input = true;
    return std::nullopt;
  }
  if (!options.frames.empty()) inputs.frames = std::move(*FrameList::parse(options.frames));
  inputs.kernel_stats = read_kernel_stats(options.kernel_stats, outcome);
  const auto new_capture = [](const std::string& path) { return CaptureWriter::create(path); };
  if (!create(options.write, new_capture, inputs.writer) || !create(options.page, &AsideFile::create, inputs.page)) {
    outcome.unusable_input = true;
    return std::nullopt;
  }
  return inputs;
}

// A key for pseudonyms: the first bytes of a file, so that a device of random bytes will do.
bool take_pseudonyms(const std::string& path) {
  constexpr std::size_t least = 16, most = 4096;
  if (path.empty()) return true;
  forbid_core_dumps();
  std::array<std::uint8_t, most> bytes{};
  std::ifstream file;
  file.rdbuf()->pubsetbuf(nullptr, 0);  // no copy of the key stays behind in a buffer
  file.open(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(bytes.data()), most);  // NOLINT: bytes are bytes
  const auto got = static_cast<std::size_t>(file.gcount());
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
  if (!take_pseudonyms(options.pseudonyms)) {
    outcome.unusable_input = true;
    return outcome;
  }
  const Keystore keystore =
      std::move(load_keys(options.keys, options.policies, options.verbosity > 0, outcome).keystore);
  std::optional<Inputs> inputs = open_inputs(options, outcome);
  if (!inputs) return outcome;
  AnalysisRun run{options, keystore, *inputs};
  run.packets();
  run.finish(outcome);
  return outcome;
}

}  // namespace espdump::run
