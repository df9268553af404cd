// A gateway that checks ICVs and numbers, or fails to in one way: what it makes of frames whose nature is known.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <espdump/keystore.hpp>

#include "analysis/gateway.hpp"
#include "analysis/gateway_attack.hpp"
#include "support/craft.hpp"

namespace espdump::test {

struct TimedFrame {
  Octets bytes;
  std::int64_t time = 0;
  std::size_t claimed = 0;  // on the wire; 0: all of it was captured
};
using Wire = std::vector<TimedFrame>;

// The defects of facts about such gateways, by their numbers there.
enum class Defect : std::uint8_t {
  none,
  leaks_bad_icv,       // G1
  leaks_replay,        // G2
  leaks_stale,         // G3
  drops_good,          // G4
  modifies,            // G5
  duplicates,          // G6
  reorders,            // G7
  injects,             // G8
  leaks_plaintext,     // G9
  leaks_unknown,       // G10
  leaks_no_integrity,  // G11
  changes_header,      // G12
  passes_fragments,    // G13
  blocks_ike,          // G14
  leaks_malformed,     // G15
  loses_cycle,         // G16
  advances_first,      // G17
};

// How ESP travels. In UDP it passes a NAT in the gateway, which takes another port in the middle; half of the IPv6
// packets have an extension header, and half a flow label, which the others get.
enum class Outer : std::uint8_t { ipv4, udp, ipv6 };
enum class KeyForm : std::uint8_t { whole, integrity_alone, null_cipher };

struct SceneOptions {
  Outer outer = Outer::ipv4;
  KeyForm keys = KeyForm::whole;  // others than whole: all SAs have AES-CBC and HMAC
  bool with_unprotected_sa = false;
};

// What a test is made of: three SAs, one with ESN across 2^32, one without integrity where asked for, and IKE.
struct GatewayScene {
  SceneOptions options;
  std::string keys;
  Wire good;
  Wire attack;
  std::vector<Plant> plants;
};
GatewayScene gateway_scene(const SceneOptions& options = {});
// A dump as it looks to someone who may verify but not decrypt.
std::string without_ciphers(std::string dump, KeyForm form);

struct Passed {
  Wire wire;
  std::vector<std::uint64_t> culprits;  // frames of the input that the defect was about
};
Passed run_gateway(const GatewayScene& scene, Defect defect);

// Both sides and what is said of them.
struct Judged {
  GatewaySide ingress{true}, egress{true};
  GatewayReport report;
};
// The keystore must outlive what it returns.
Judged judge(const Keystore& keystore, const Wire& in, const Wire& out, const GatewayOptions& options = {});

}  // namespace espdump::test
