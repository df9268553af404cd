// Every defect of a gateway in every way that ESP travels.
#include <algorithm>
#include <string>
#include <string_view>

#include <espdump/codes.hpp>

#include "support/catch.hpp"
#include "support/decoding.hpp"
#include "support/gateway_frames.hpp"
#include "support/gateway_scene.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

struct Case {
  Defect defect;
  const FindingInfo* info;
};
const Case cases[] = {
    {Defect::leaks_bad_icv, &codes::gateway_leaked_bad_icv},
    {Defect::leaks_replay, &codes::gateway_leaked_replay},
    {Defect::leaks_stale, &codes::gateway_leaked_replay},
    {Defect::drops_good, &codes::gateway_dropped_valid},
    {Defect::modifies, &codes::gateway_modified},
    {Defect::duplicates, &codes::gateway_duplicated},
    {Defect::injects, &codes::gateway_injected},
    {Defect::leaks_plaintext, &codes::gateway_leaked_plaintext},
    {Defect::leaks_unknown, &codes::gateway_leaked_unknown},
    {Defect::leaks_no_integrity, &codes::gateway_leaked_unknown},
    {Defect::changes_header, &codes::gateway_modified},
    {Defect::passes_fragments, &codes::gateway_leaked_bad_icv},
    {Defect::blocks_ike, &codes::gateway_dropped_valid},
    {Defect::leaks_malformed, &codes::gateway_leaked_bad_icv},
    {Defect::loses_cycle, &codes::gateway_dropped_valid},
    {Defect::advances_first, &codes::gateway_dropped_valid},
};

std::string name_of(const SceneOptions& options) {
  static const char* outers[] = {"IPv4", "UDP and NAT", "IPv6"};
  static const char* forms[] = {"", ", integrity alone", ", null cipher"};
  return outers[static_cast<int>(options.outer)] + std::string{forms[static_cast<int>(options.keys)]};
}

// IPv6 has no fragments made on the way. Where the keys are the integrity's alone nobody sees what is inside; for the
// rest a few defects stand for all, to save time.
bool shows(const SceneOptions& options, Defect defect) {
  if (defect == Defect::passes_fragments) return options.outer != Outer::ipv6;
  return options.keys == KeyForm::whole || defect == Defect::leaks_bad_icv || defect == Defect::leaks_stale ||
         defect == Defect::drops_good || defect == Defect::leaks_no_integrity || defect == Defect::loses_cycle;
}

std::vector<SceneOptions> all_scenes() {
  std::vector<SceneOptions> out;
  for (const Outer outer : {Outer::ipv4, Outer::udp, Outer::ipv6})
    for (const KeyForm keys : {KeyForm::whole, KeyForm::integrity_alone, KeyForm::null_cipher})
      out.push_back({outer, keys, false});
  return out;
}

}  // namespace

TEST_CASE("gateway scenes: one that does its duty passes however ESP travels, with whatever keys") {
  for (const SceneOptions& options : all_scenes()) {
    const GatewayScene scene = gateway_scene(options);
    const Keystore store = keystore_from(scene.keys);
    const Judged judged = judge(store, scene.attack, run_gateway(scene, Defect::none).wire);
    INFO(name_of(options) << "\n" << described(judged));
    CHECK(judged.report.violations.empty());
    CHECK(judged.report.verdict == GatewayVerdict::pass);
    CHECK(judged.report.hints.empty());
    CHECK(judged.report.latency.median == 200'000);
    CHECK(judged.report.ike_passed == 4);
    for (const std::string_view kind : {"keepalive", "udp-no-checksum"})
      CHECK(std::any_of(scene.plants.begin(), scene.plants.end(), [&](const Plant& it) { return it.kind == kind; }) ==
            (options.outer == Outer::udp));
    CHECK(judged.report.forwarded >= 800);
    CHECK(notes(judged.report, "203.0.113.9.31000 > 192.0.2.2.4500 (NAT)") == (options.outer == Outer::udp));
    CHECK(notes(judged.report, "203.0.113.9.31001 > 192.0.2.2.4500 (NAT)") == (options.outer == Outer::udp));
    CHECK(notes(judged.report, "got a flow label") == (options.outer == Outer::ipv6));
    for (const GatewayClass is :
         {GatewayClass::bad_icv, GatewayClass::far_ahead, GatewayClass::replay, GatewayClass::old_replay,
          GatewayClass::stale, GatewayClass::unknown_spi, GatewayClass::wrong_address, GatewayClass::malformed}) {
      INFO(to_string(is));
      CHECK(exercised(judged.report, is) != 0);
    }
  }
}

TEST_CASE("gateway scenes: each defect is found at the frames where it shows, however ESP travels") {
  for (SceneOptions options : all_scenes()) {
    const GatewayScene common = gateway_scene(options);
    options.with_unprotected_sa = true;
    const GatewayScene with_bare = gateway_scene(options);
    const Keystore store = keystore_from(common.keys), store_with_bare = keystore_from(with_bare.keys);
    for (const Case& one : cases) {
      if (!shows(options, one.defect)) continue;
      const bool bare = one.defect == Defect::leaks_no_integrity;
      const GatewayScene& scene = bare ? with_bare : common;
      const Passed passed = run_gateway(scene, one.defect);
      const Judged judged = judge(bare ? store_with_bare : store, scene.attack, passed.wire);
      INFO(name_of(options) << ", defect " << static_cast<int>(one.defect) << "\n" << described(judged));
      CHECK(judged.report.verdict == GatewayVerdict::fail);
      CHECK(codes_of(judged.report) == std::set<std::string>{std::string{one.info->code}});
      REQUIRE((one.defect == Defect::injects || !passed.culprits.empty()));
      CHECK(frames_of_code(judged, *one.info) == passed.culprits);
      CHECK(hints(judged.report, "advance-before-verify") == (one.defect == Defect::advances_first));
      CHECK(hints(judged.report, "esn-not-inferred") == (one.defect == Defect::loses_cycle));
      CHECK(judged.report.hints.size() ==
            std::size_t{one.defect == Defect::advances_first || one.defect == Defect::loses_cycle});
    }
  }
}
