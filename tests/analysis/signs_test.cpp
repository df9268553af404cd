// What analysers are not shown changes nothing of what they find.
#include <espdump/analysis.hpp>
#include <espdump/capture.hpp>
#include <espdump/path_facts.hpp>

#include <filesystem>

#include "analysis/analyzers.hpp"
#include "support/catch.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

std::string text_of(const Finding& finding) {
  return std::string{finding.info->code} + " " + std::to_string(finding.frame) + " #" + std::to_string(finding.sa) +
         " " + finding.message + "\n";
}

std::string text_of(const Conclusion& conclusion) {
  return std::string{conclusion.info->code} + " " + conclusion.what + " " + conclusion.why + " " + conclusion.remedy +
         "\n";
}

// Analysers that are fed in one of the two ways, and all they say.
struct Side {
  void look(const Packet& packet, const Decoder& decoder, bool all) {
    Findings found;
    if (all)
      for (const auto& analyzer : analyzers) analyzer->on_packet(packet, decoder, found);
    else
      show_to(analyzers, packet, decoder, found);
    for (const Finding& finding : found) said += text_of(finding);
  }
  void finish(const Decoder& decoder) {
    Findings found;
    std::vector<Conclusion> conclusions;
    for (const auto& analyzer : analyzers) analyzer->finish(decoder, found, conclusions);
    for (const Finding& finding : found) said += text_of(finding);
    for (const Conclusion& conclusion : conclusions) said += text_of(conclusion);
  }

  PathFacts paths;
  std::vector<std::unique_ptr<Analyzer>> analyzers = make_analyzers(paths);
  std::string said;
};

// Both ways over one capture under one key file. What they say must be the same.
std::string compare(const std::string& capture, const std::string& keys) {
  Keystore store;
  if (!store.import_file(keys)) return {};
  store.seal();
  Decoder decoder{store, {}};
  auto reader = CaptureReader::open(capture);
  REQUIRE(reader);
  Side shown, all;
  Packet packet;
  while (const auto frame = reader->next()) {
    decoder.decode(*frame, packet);
    shown.look(packet, decoder, false);
    all.look(packet, decoder, true);
  }
  shown.finish(decoder);
  all.finish(decoder);
  CHECK(shown.said == all.said);
  return all.said;
}

}  // namespace

TEST_CASE("analysers: what they are not shown they would not have used, in any capture of testdata") {
  namespace fs = std::filesystem;
  std::string said;
  std::size_t captures = 0;
  for (const fs::directory_entry& scenario : fs::directory_iterator{testdata("captures")}) {
    const fs::path keys = scenario.path() / "xfrm-state.txt", wire = scenario.path() / "wire.pcap";
    if (!fs::exists(keys) || !fs::exists(wire)) continue;
    INFO(scenario.path().filename().string());
    said += compare(wire.string(), keys.string());
    ++captures;
  }
  CHECK(captures > 30);
  for (const std::string_view code : {"icv.bad", "replay.duplicate", "replay.stale", "mtu.blackhole", "seq.lost"})
    CHECK(said.find(code) != std::string::npos);
}
