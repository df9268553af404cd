// Captures of a side are read in the order of time, whichever file a frame is in.
#include "run/gateway_sides.hpp"

#include <sys/stat.h>

#include <espdump/capture.hpp>

#include "base/file_digest.hpp"
#include "base/input_file.hpp"
#include "run/confinement.hpp"
#include "run/message.hpp"

namespace espdump::run {

std::vector<std::string> paths_of(const GatewayOptions& options, std::size_t side) {
  std::vector<std::string> out;
  if (options.captures.size() > side) out.push_back(options.captures[side]);
  const std::vector<std::string>& more = side == 0 ? options.ingress : options.egress;
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

namespace {

// A pipe cannot be read twice.
void open_files_ahead(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    struct stat status {};
    if (stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode)) open_ahead({path});
  }
}

}  // namespace

void confine_gateway(const GatewayOptions& options) {
  open_ahead(options.keys);
  open_ahead(options.policies);
  for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
    const std::vector<std::string> paths = paths_of(options, side);
    open_ahead(paths);
    open_ahead(paths, Opening::never_waits);  // for their digests
    open_files_ahead(paths);
  }
  confine(options.no_sandbox, options.verbose);
}

bool read_side(const std::vector<std::string>& paths, const TakePacket& take, Outcome& outcome, Decoder& decoder) {
  std::vector<Error> failures;
  CaptureSet captures = CaptureSet::open_readable(paths, failures);
  for (const Error& failure : failures) say(failure);
  outcome.unusable_input = outcome.unusable_input || !failures.empty();
  if (captures.files() == 0 || !failures.empty()) return false;
  decoder = Decoder{decoder.keystore(), DecoderOptions{.keep_inner_packets = true, .note_nonces = false}};
  Packet packet;
  while (const std::optional<Frame> frame = captures.next()) {
    decoder.decode(*frame, packet);
    take(packet, decoder);
  }
  for (const Error& damage : captures.damages()) {
    say(damage);
    outcome.damaged_input = true;
  }
  return true;
}

std::vector<GatewayFile> files_of(const GatewayOptions& options) {
  std::vector<GatewayFile> out;
  for (const std::size_t side : {std::size_t{0}, std::size_t{1}})
    for (const std::string& path : paths_of(options, side))
      out.push_back({side == 0 ? "ingress" : "egress", path, sha256_of_file(path)});
  for (const std::string& path : options.keys) out.push_back({"keys", path, std::nullopt});
  return out;
}

Outcome concluded(GatewayVerdict verdict, Outcome outcome) {
  outcome.fail_on_met = verdict == GatewayVerdict::fail;
  outcome.damaged_input = outcome.damaged_input || verdict == GatewayVerdict::inconclusive;
  return outcome;
}

}  // namespace espdump::run
