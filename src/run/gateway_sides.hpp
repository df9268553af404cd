// What both judgements of `espdump gateway` have in common: two sides of captures, and an exit status.
#pragma once

#include <unistd.h>

#include <functional>
#include <string>
#include <vector>

#include <espdump/decoder.hpp>
#include <espdump/keystore.hpp>
#include <espdump/report.hpp>

#include "analysis/gateway.hpp"
#include "report/gateway_files.hpp"
#include "run/gateway.hpp"
#include "run/outcome.hpp"

namespace espdump::run {

// The captures of side 0, ingress or the protected one, or of side 1.
std::vector<std::string> paths_of(const GatewayOptions& options, std::size_t side);

// Opens what will be read, and gives up the rest. Captures are read a second time for bytes that differ.
void confine_gateway(const GatewayOptions& options);

using TakePacket = std::function<void(const Packet&, const Decoder&)>;
// Decodes all captures of one side. False where one of them cannot be opened.
bool read_side(const std::vector<std::string>& paths, const TakePacket& take, Outcome& outcome, Decoder& decoder);

std::vector<GatewayFile> files_of(const GatewayOptions& options);

// Writes to standard output what `text` makes, or, with --json, `json` of an Output.
template <typename Text, typename Json>
void print(const GatewayOptions& options, Outcome& outcome, Text text, Json json) {
  Output output{STDOUT_FILENO};
  if (options.json)
    json(output);
  else
    output.write(text());
  output.flush();
  outcome.written(output.error());
}

// An answer that nobody can give has the exit status of a capture that ended early.
Outcome concluded(GatewayVerdict verdict, Outcome outcome);

// `--protects`.
Outcome judge_protection(const GatewayOptions& options, const Keystore& keystore, Outcome outcome);

}  // namespace espdump::run
