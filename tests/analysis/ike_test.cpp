#include <espdump/codes.hpp>

#include <algorithm>

#include "support/catch.hpp"
#include "support/decoding.hpp"
#include "support/frames.hpp"
#include "support/ike_craft.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

constexpr std::uint64_t spi_r = 0x9999aaaabbbbcccc;
const IkePath back{"192.0.2.2", "192.0.2.1"};
constexpr std::int64_t seconds = 1'000'000'000;

IkeText request(std::uint16_t group = 31) {
  return {.payloads = {{33, ike_suite(group)}, {34, ike_key_exchange(group, 32)}, {40, Octets(32, 1)}}};
}
IkeText response(std::uint16_t group = 31) {
  IkeText text = request(group);
  text.responder_spi = spi_r;
  text.flags = ike_response;
  return text;
}
IkeText refusal(std::uint16_t type, const Octets& data = {}) {
  return {.flags = ike_response, .payloads = {{41, ike_notify(type, data)}}};
}
// An encrypted message: what is inside, noise, takes `inside` bytes of AES-CBC with a 16-byte ICV.
IkeText sealed(std::uint8_t exchange, std::uint32_t id, std::uint8_t flags, std::size_t inside) {
  const std::size_t blocks = (inside + 1 + 15) / 16;
  return {.responder_spi = spi_r,
          .exchange = exchange,
          .flags = flags,
          .message_id = id,
          .payloads = {{46, Octets(16 + blocks * 16 + 16, 0x77)}}};
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string told(const Rig& rig, const FindingInfo& info) {
  std::string out;
  for (const Conclusion& one : rig.concluded(info)) out += one.what + "\n" + one.why + "\n" + one.remedy + "\n";
  return out;
}

struct Scene : Rig {
  explicit Scene(const std::vector<std::string>& keys = {}) : Rig(store_of(keys)) {}
  static Keystore store_of(const std::vector<std::string>& names) {
    Keystore store;
    for (const std::string& name : names) REQUIRE(store.import_file(testdata(name)));
    store.seal();
    return store;
  }
  Scene& capture(const std::string& name) {
    for (const TestFrame& frame : frames_of(testdata("captures/" + name))) feed(frame.bytes, {.gap = seconds / 10});
    finish();
    return *this;
  }
};

}  // namespace

TEST_CASE("ike: a refused proposal names what was offered, and what the other end offers itself elsewhere") {
  Scene scene;
  scene.feed(ike_frame(request()));
  scene.feed(ike_frame(refusal(14), back));
  IkeText own = request(14);
  own.initiator_spi = 0x5555;
  scene.feed(ike_frame(own, back));
  scene.finish();
  REQUIRE(scene.found(codes::ike_no_proposal_chosen).size() == 1);
  const Finding finding = scene.found(codes::ike_no_proposal_chosen)[0];
  CHECK(finding.frame == 2);
  CHECK(finding.ike_sa == 1);
  CHECK(contains(finding.message, "Offered in frame 1: aes128-sha256-prfsha256-curve25519."));
  CHECK(contains(
      told(scene, codes::ike_no_proposal_chosen),
      "192.0.2.2 itself offers in frame 3: aes128-sha256-prfsha256-modp2048.\nIn common: aes128, prfsha256, sha256. "));
}

TEST_CASE("ike: another group is wanted: harmless where the initiator comes back with it, an error where it does not") {
  Scene retried;
  retried.feed(ike_frame(request(31)));
  retried.feed(ike_frame(refusal(17, {0, 19}), back));
  retried.feed(ike_frame(request(19)));
  retried.feed(ike_frame(response(19), back));
  retried.finish();
  REQUIRE(retried.found(codes::ike_invalid_ke).size() == 1);
  CHECK(retried.found(codes::ike_invalid_ke)[0].info->severity == Severity::info);
  CHECK(contains(told(retried, codes::ike_invalid_ke), "wants group ecp256 in frame 2"));
  Scene stuck;
  stuck.feed(ike_frame(request(31)));
  stuck.feed(ike_frame(refusal(17, {0, 19}), back));
  stuck.finish();
  REQUIRE(stuck.found(codes::ike_invalid_ke).size() == 1);
  CHECK(stuck.found(codes::ike_invalid_ke)[0].info->severity == Severity::error);
  CHECK(contains(told(stuck, codes::ike_invalid_ke), "do not have that group"));
}

TEST_CASE("ike: an IKE_SA_INIT that nobody answers is found once it was sent twice or waited for") {
  Scene fresh;
  fresh.feed(ike_frame(request()));
  fresh.finish();
  CHECK(fresh.found(codes::ike_half_open).empty());
  Scene old;
  old.feed(ike_frame(request()));
  old.feed(ike_frame(request()), {.gap = 4 * seconds});
  old.finish();
  CHECK(contains(told(old, codes::ike_half_open),
                 "192.0.2.2 does not answer IKE_SA_INIT (frame 1, sent 2 times in 4 s)"));
}

TEST_CASE("ike: an IKE_AUTH without an answer is explained by its port or by its size") {
  const auto run = [](std::size_t inside, std::uint16_t port) {
    auto scene = std::make_unique<Scene>();
    scene->feed(ike_frame(request()));
    scene->feed(ike_frame(response(), back));
    const IkePath path{"192.0.2.1", "192.0.2.2", port, port};
    scene->feed(ike_frame(sealed(35, 1, ike_initiator, inside), path));
    scene->feed(ike_frame(sealed(35, 1, ike_initiator, inside), path), {.gap = 4 * seconds});
    scene->finish();
    return told(*scene, codes::ike_half_open);
  };
  CHECK(contains(run(200, 4500), "Let UDP port 4500 through"));
  CHECK(contains(run(2000, 500), "fragmentation = yes"));
  CHECK(contains(run(200, 500), "the way is open"));
}

TEST_CASE("ike: a peer that stops answering an established IKE SA is dead, one late answer is a retransmission") {
  Scene scene;
  scene.feed(ike_frame(request()));
  scene.feed(ike_frame(response(), back));
  scene.feed(ike_frame(sealed(35, 1, ike_initiator, 300)));
  scene.feed(ike_frame(sealed(35, 1, ike_response, 300), back));
  scene.feed(ike_frame(sealed(37, 2, ike_initiator, 8)), {.gap = 10 * seconds});
  scene.feed(ike_frame(sealed(37, 2, ike_initiator, 8)), {.gap = 4 * seconds});
  scene.feed(ike_frame(sealed(37, 2, ike_response, 8), back));
  scene.feed(ike_frame(sealed(37, 3, ike_initiator, 8)), {.gap = 10 * seconds});
  scene.feed(ike_frame(sealed(37, 3, ike_initiator, 8)), {.gap = 4 * seconds});
  scene.feed(ike_frame(sealed(37, 3, ike_initiator, 8)), {.gap = 8 * seconds});
  scene.finish();
  CHECK(scene.decoder().ike_sas()[0]->state == IkeState::established);
  REQUIRE(scene.found(codes::ike_peer_dead).size() == 1);
  CHECK(contains(told(scene, codes::ike_peer_dead), "INFORMATIONAL 3 any more (frame 8, sent 3 times in 12 s)"));
  CHECK(contains(told(scene, codes::ike_retransmission), "1 request sent again before an answer came"));
}

TEST_CASE("ike: what a sealed IKE_AUTH answer has no room for was refused; a large one is not judged") {
  const auto run = [](std::size_t inside) {
    auto scene = std::make_unique<Scene>();
    scene->feed(ike_frame(request()));
    scene->feed(ike_frame(response(), back));
    scene->feed(ike_frame(sealed(35, 1, ike_initiator, 250)));
    scene->feed(ike_frame(sealed(35, 1, ike_response, inside), back));
    scene->finish();
    return std::pair{scene->found(codes::ike_auth_failed).size(), scene->found(codes::ike_child_failed).size()};
  };
  CHECK(run(8) == std::pair<std::size_t, std::size_t>{1, 0});
  CHECK(run(70) == std::pair<std::size_t, std::size_t>{0, 1});
  CHECK(run(200) == std::pair<std::size_t, std::size_t>{0, 0});
}

TEST_CASE("ike: weak groups and IKEv1 are told, strong ones are not") {
  Scene weak;
  weak.feed(ike_frame(request(2)));
  weak.feed(ike_frame(response(2), back));
  weak.finish();
  CHECK(contains(told(weak, codes::ike_weak), "modp1024 (SHOULD NOT)"));
  Scene strong;
  strong.feed(ike_frame(request()));
  strong.feed(ike_frame(response(), back));
  strong.finish();
  CHECK(strong.found(codes::ike_weak).empty());
}

TEST_CASE("ike: daemons that refuse each other, with the keys of their logs and without") {
  struct Row {
    std::string name;
    const FindingInfo* code;
    std::string with_keys, without;
  };
  const auto row =
      GENERATE(Row{"ike-no-proposal", &codes::ike_no_proposal_chosen, "NO_PROPOSAL_CHOSEN", "NO_PROPOSAL_CHOSEN"},
               Row{"ike-auth-failed", &codes::ike_auth_failed, "AUTHENTICATION_FAILED", "has no room"},
               Row{"ike-child-no-proposal", &codes::ike_child_failed, "NO_PROPOSAL_CHOSEN", "without keys"},
               Row{"ike-ts-unacceptable", &codes::ike_ts_unacceptable, "TS_UNACCEPTABLE", ""},
               Row{"ike-invalid-ke", &codes::ike_invalid_ke, "tried again", "tried again"},
               Row{"ike-peer-dead", &codes::ike_peer_dead, "does not answer", "does not answer"});
  INFO(row.name);
  Scene with{row.name == "ike-no-proposal" ? std::vector<std::string>{}
                                           : std::vector<std::string>{"captures/" + row.name + "/charon.log"}};
  with.capture(row.name + "/wire.pcap");
  CHECK(with.found(*row.code).size() == 1);
  CHECK(contains(told(with, *row.code), row.with_keys));
  Scene without;
  without.capture(row.name + "/wire.pcap");
  if (!row.without.empty()) CHECK(without.found(*row.code).size() == 1);
}

TEST_CASE("ike: BEET that was asked for and is not in force, with the reason") {
  Scene no_vendor{{"captures/beet-no-vendor-id-falls-back/charon.log"}};
  no_vendor.capture("beet-no-vendor-id-falls-back/wire.pcap");
  CHECK(contains(told(no_vendor, codes::mode_differs), "send_vendor_id = yes"));
  Scene subnets{{"captures/beet-config-falls-back/charon.log"}};
  subnets.capture("beet-config-falls-back/wire.pcap");
  CHECK(contains(told(subnets, codes::mode_differs), "single"));
  Scene good{{"captures/beet-natt-chacha20/charon.log"}};
  good.capture("beet-natt-chacha20/wire.pcap");
  CHECK(good.found(codes::mode_differs).empty());
  CHECK(good.found(codes::ike_nat).size() == 1);
}

TEST_CASE("ike: with the log of the end that refused, both ends' proposals or selectors stand side by side") {
  const auto run = [](const std::string& name, const std::vector<std::string>& logs, const FindingInfo& code) {
    std::vector<std::string> keys;
    for (const std::string& log : logs) keys.push_back("captures/" + name + "/" + log);
    Scene scene{keys};
    scene.capture(name + "/wire.pcap");
    return told(scene, code);
  };
  const std::string ike = run("ike-no-proposal", {"charon-g2.log"}, codes::ike_no_proposal_chosen);
  CHECK(contains(ike, "Offered in frame 3: aes128-sha256-prfsha256-curve25519.\n198.51.100.1 takes by its log"));
  CHECK(contains(ike,
                 ": aes256-sha512-prfsha512-modp2048.\nIn common: nothing. Not in common: encryption (aes128 against "
                 "aes256)"));
  const std::string child = run("ike-child-no-proposal", {"charon.log", "charon-g2.log"}, codes::ike_child_failed);
  CHECK(contains(child, ": aes256gcm16-noesn.\nIn common: noesn."));
  const std::string selectors = run("ike-ts-unacceptable", {"charon.log", "charon-g2.log"}, codes::ike_ts_unacceptable);
  CHECK(contains(selectors, "198.51.100.1 allows 10.200.0.0/24 on its side."));
  // The log of somebody else's negotiation is of no use.
  CHECK(contains(run("ike-child-no-proposal", {"charon.log"}, codes::ike_child_failed), "give that with --keys"));
}

TEST_CASE("ike: narrowed selectors are told, not those that go with a virtual IP") {
  Scene narrowed{{"captures/ike-narrowed/charon.log"}};
  narrowed.capture("ike-narrowed/wire.pcap");
  REQUIRE(narrowed.found(codes::ike_ts_narrowed).size() == 1);
  CHECK(contains(told(narrowed, codes::ike_ts_narrowed),
                 "192.0.2.1 asks for 10.0.0.0/12 === 10.0.0.0/8; in force is 10.1.0.0/24 === 10.2.0.0/24."));
  Scene virtual_ip{{"captures/ike-eap/charon.log"}};
  virtual_ip.capture("ike-eap/wire.pcap");
  CHECK(virtual_ip.found(codes::ike_ts_narrowed).empty());
}

TEST_CASE("ike: a Child SA that outlived an IKE SA which both ends rekeyed has not expired") {
  Scene scene{{"captures/ike-simultaneous-ike/charon.log"}};
  scene.capture("ike-simultaneous-ike/wire.pcap");
  CHECK(scene.found(codes::sa_expired).empty());
}
