// IKE SAs through the decoder: crafted messages in the clear, and captures of real daemons with their keys.
#include <espdump/codes.hpp>

#include <algorithm>
#include <array>

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

IkeText init_request(std::uint64_t spi = 0x1111222233334444) {
  return {.initiator_spi = spi, .payloads = {{33, ike_suite()}, {34, ike_key_exchange(31, 32)}, {40, Octets(32, 1)}}};
}
IkeText init_response() {
  return {.responder_spi = spi_r,
          .flags = ike_response,
          .payloads = {{33, ike_suite()}, {34, ike_key_exchange(31, 32)}, {40, Octets(32, 2)}}};
}

Keystore store_of_files(const std::vector<std::string>& names) {
  Keystore store;
  for (const std::string& name : names) REQUIRE(store.import_file(testdata(name)));
  store.seal();
  return store;
}

// A whole capture of testdata with what was opened in it.
struct Followed {
  explicit Followed(const std::string& capture, const std::vector<std::string>& keys) : rig(store_of_files(keys)) {
    for (const TestFrame& frame : frames_of(testdata("captures/" + capture))) {
      const Packet& packet = rig.feed(frame.bytes);
      for (const IkeRecord& record : packet.ike()) {
        sealed += record.sealed == IkeSealed::cleartext ? 0 : 1;
        opened += record.sealed == IkeSealed::opened ? 1 : 0;
      }
      for (const OpenRecord& record : packet.ipsec()) {
        ++esp;
        decrypted += record.decrypted ? 1 : 0;
      }
    }
    rig.finish();
  }
  Rig rig;
  int sealed = 0, opened = 0, esp = 0, decrypted = 0;
};

}  // namespace

TEST_CASE("ike follower: a request and its response are one exchange of one IKE SA") {
  Rig rig{std::vector<SaText>{}};
  CHECK(rig.feed(ike_frame(init_request())).ike().at(0).sa == 1);
  const Packet& packet = rig.feed(ike_frame(init_response(), back));
  CHECK(packet.ike().at(0).sa == 1);
  CHECK(packet.ike().at(0).completes);
  const auto sas = rig.decoder().ike_sas();
  REQUIRE(sas.size() == 1);
  CHECK(sas[0]->responder_spi == spi_r);
  CHECK(sas[0]->initiator.to_string() == "192.0.2.1");
  CHECK(sas[0]->state == IkeState::half_open);
  CHECK(sas[0]->chosen.transforms.size() == 4);
  REQUIRE(sas[0]->exchanges.size() == 1);
  CHECK(sas[0]->exchanges[0].request->frame == 1);
  CHECK(sas[0]->exchanges[0].response->frame == 2);
}

TEST_CASE("ike follower: a request with a cookie is another try of the same IKE SA") {
  Rig rig{std::vector<SaText>{}};
  rig.feed(ike_frame(init_request()));
  IkeText cookie{.flags = ike_response, .payloads = {{41, ike_notify(16390, Octets(8, 3))}}};
  rig.feed(ike_frame(cookie, back));
  IkeText again = init_request();
  again.payloads.insert(again.payloads.begin(), {41, ike_notify(16390, Octets(8, 3))});
  rig.feed(ike_frame(again));
  rig.feed(ike_frame(init_response(), back));
  const auto sas = rig.decoder().ike_sas();
  REQUIRE(sas.size() == 1);
  CHECK(sas[0]->exchanges.size() == 2);
  CHECK(sas[0]->responder_spi == spi_r);
}

TEST_CASE("ike follower: the same bytes again are a retransmission, seen at once on another link a second capture") {
  Rig rig{std::vector<SaText>{}};
  rig.feed(ike_frame(init_request()));
  const IkeRecord again = rig.feed(ike_frame(init_request()), {.gap = 4'000'000'000}).ike().at(0);
  CHECK(again.repeats == 1);
  CHECK_FALSE(again.copy);
  const IkeRecord copy = rig.feed(ike_frame(init_request()), {.gap = 10'000, .interface = 1}).ike().at(0);
  CHECK(copy.copy);
  const auto sas = rig.decoder().ike_sas();
  REQUIRE(sas.size() == 1);
  CHECK(sas[0]->messages == 2);
  CHECK(sas[0]->retransmissions == 1);
  CHECK(sas[0]->exchanges.at(0).request->sent == 2);
}

TEST_CASE("ike follower: equal SPIs of two hosts are two IKE SAs") {
  Rig rig{std::vector<SaText>{}};
  rig.feed(ike_frame(init_request()));
  rig.feed(ike_frame(init_request(), {"192.0.2.7", "192.0.2.2"}));
  CHECK(rig.decoder().ike_sas().size() == 2);
}

TEST_CASE("ike follower: a flood of requests does not keep a later IKE SA from being followed") {
  Rig rig{std::vector<SaText>{}};
  for (std::uint64_t spi = 1; spi <= 5000; ++spi) rig.feed(ike_frame(init_request(spi << 20)));
  rig.feed(ike_frame(init_request()));
  rig.feed(ike_frame(init_response(), back));
  const auto sas = rig.decoder().ike_sas();
  CHECK(sas.size() <= 4096);
  CHECK(sas.back()->responder_spi == spi_r);
  CHECK(rig.decoder().untracked_ike_messages() >= 900);
}

TEST_CASE("ike follower: of a long life the first exchanges and the latest are kept") {
  Rig rig{std::vector<SaText>{}};
  rig.feed(ike_frame(init_request()));
  rig.feed(ike_frame(init_response(), back));
  for (std::uint32_t id = 1; id <= 2000; ++id)
    rig.feed(ike_frame({.responder_spi = spi_r, .exchange = 37, .message_id = id}));
  const IkeSa& sa = *rig.decoder().ike_sas().at(0);
  CHECK(sa.exchanges.size() == 512);
  CHECK(sa.exchanges.front().type == 34);
  CHECK(sa.exchanges.back().message_id == 2000);
  CHECK(sa.dropped_exchanges == 1489);
}

TEST_CASE("ike follower: NAT is seen by the hashes that do not fit, on the side that they are of") {
  Rig rig{std::vector<SaText>{}};
  // SHA-1 of SPIi 1122334455667788, SPIr 0, 192.0.2.1, port 500, computed with Python's hashlib.
  const Octets source = unhex("77273b31d6ed8389ee69c66f0c7f2037f0a982eb"), wrong(20, 9);
  IkeText request = init_request(0x1122334455667788);
  request.payloads.push_back({41, ike_notify(16388, source)});
  request.payloads.push_back({41, ike_notify(16389, wrong)});
  rig.feed(ike_frame(request));
  const IkeSa& sa = *rig.decoder().ike_sas().at(0);
  CHECK(sa.nat.checked);
  CHECK_FALSE(sa.nat.initiator);
  CHECK(sa.nat.responder);
}

TEST_CASE("ike follower: cut and broken messages are followed as far as they can be read") {
  Rig rig{std::vector<SaText>{}};
  const Octets frame = ike_frame(init_request());
  for (std::size_t captured = 14 + 20 + 8 + 28; captured < frame.size(); captured += 7)
    rig.feed(frame, {.gap = 1'000'000'000, .captured = captured});
  CHECK(rig.decoder().ike_sas().size() == 1);
}

TEST_CASE("ike follower: a charon log opens every message and every Child SA of every generation") {
  const auto name = GENERATE(as<std::string>{}, "ikev2-psk-rekey", "ikev2-psk-rekey-trixie", "ike-fragmentation",
                             "ike-eap", "ike-cookie", "ike-invalid-ke", "beet-natt-chacha20", "ikev2-mlkem");
  INFO(name);
  const Followed all{name + "/wire.pcap", {"captures/" + name + "/charon.log"}};
  CHECK(all.sealed > 0);
  CHECK(all.opened == all.sealed);
  CHECK(all.esp > 0);
  CHECK(all.decrypted == all.esp);
}

TEST_CASE("ike follower: one line with the keys of the IKE SA and SK_d is enough for its first Child SA") {
  const Followed all{"ike-eap/wire.pcap", {"keys/ike-eap-one-line.ikev2_decryption_table"}};
  CHECK(all.opened == all.sealed);
  CHECK(all.esp == 6);
  CHECK(all.decrypted == 6);
  const auto sas = all.rig.decoder().ike_sas();
  REQUIRE(sas.at(0)->children.size() == 1);
  CHECK(sas[0]->children[0].derived);
  CHECK(all.rig.sa(0).association->place() == "IKE_AUTH in frame 14");
}

TEST_CASE("ike follower: keys of Child SAs follow from secrets and nonces alone, additional key exchanges included") {
  const std::string name = "ikev2-mlkem";  // whose log shows no keys of Child SAs
  const Followed all{name + "/wire.pcap", {"captures/" + name + "/charon.log"}};
  for (const IkeSa* sa : all.rig.decoder().ike_sas())
    for (const IkeChild& child : sa->children) CHECK(child.derived);
  CHECK(all.decrypted == all.esp);
  CHECK(all.esp == 188);
}

TEST_CASE("ike follower: without keys nothing is opened, with keys of another IKE SA nothing is believed") {
  Rig none{std::vector<SaText>{}};
  for (const TestFrame& frame : frames_of(testdata("captures/ike-eap/wire.pcap")))
    for (const IkeRecord& record : none.feed(frame.bytes).ike()) CHECK(record.sealed != IkeSealed::opened);
  const Followed other{"ike-eap/wire.pcap", {"captures/ike-cookie/charon.log"}};
  CHECK(other.opened == 0);
  CHECK(other.decrypted == 0);
}

TEST_CASE("ike follower: the requests of each end, what is missing between them, and what was under way at once") {
  Rig rig{std::vector<SaText>{}};
  rig.feed(ike_frame(init_request()));
  rig.feed(ike_frame(init_response(), back));
  const auto informational = [](std::uint32_t id, std::uint8_t flags) {
    return IkeText{.responder_spi = spi_r,
                   .exchange = 37,
                   .flags = flags,
                   .message_id = id,
                   .payloads = {{46, Octets(48, static_cast<std::uint8_t>(id))}}};
  };
  const IkePath to{};
  rig.feed(ike_frame(informational(4, ike_initiator), to));
  rig.feed(ike_frame(informational(4, ike_initiator), to));  // sent again
  rig.feed(ike_frame(informational(5, ike_initiator), to));
  rig.feed(ike_frame(informational(6, ike_initiator), to));
  rig.feed(ike_frame(informational(4, ike_response), back));
  rig.feed(ike_frame(informational(6, ike_response), back));
  rig.feed(ike_frame(informational(2, ike_initiator), to));  // late
  rig.feed(ike_frame(informational(0, 0), back));
  rig.feed(ike_frame(informational(0, ike_response | ike_initiator), to));
  const IkeSa& sa = *rig.decoder().ike_sas().at(0);
  CHECK(sa.by_initiator.count == 5);
  CHECK(sa.by_initiator.answered == 3);
  CHECK(sa.by_initiator.sent_again == 1);
  CHECK(sa.by_initiator.last_id == 6);
  CHECK(sa.by_initiator.missing == 2);
  CHECK(sa.by_initiator.at_once == 3);
  CHECK(sa.by_initiator.window == 1);
  CHECK(sa.by_responder.count == 1);
  CHECK(sa.by_responder.answered == 1);
  CHECK(sa.by_responder.at_once == 1);
  CHECK(sa.by_responder.missing == 0);
}

TEST_CASE("ike follower: the window that the other end announces") {
  Rig rig{std::vector<SaText>{}};
  rig.feed(ike_frame(init_request()));
  IkeText answer = init_response();
  answer.payloads.push_back({41, ike_notify(16385, {0, 0, 0, 5})});
  rig.feed(ike_frame(answer, back));
  CHECK(rig.decoder().ike_sas().at(0)->by_initiator.window == 5);
  CHECK(rig.decoder().ike_sas().at(0)->by_responder.window == 1);
}

TEST_CASE("ike follower: both ends rekey a Child SA at once, the packets of all SAs open") {
  const Followed run{"ike-simultaneous/wire.pcap", {"captures/ike-simultaneous/charon.log"}};
  CHECK(run.opened == run.sealed);
  CHECK(run.esp == 38);
  CHECK(run.decrypted == 38);
  const auto& children = run.rig.decoder().ike_sas().at(0)->children;
  REQUIRE(children.size() == 5);
  CHECK_FALSE(children[0].collided);
  for (std::size_t i = 1; i < 5; ++i) CHECK(children[i].collided);
  // RFC 7296 section 2.8.1: each time one of the two is deleted at once.
  CHECK(children[1].ended_frame == 21);
  CHECK(children[2].ended_frame == 46);
  CHECK(children[3].end == IkeChildEnd::ike_deleted);
  CHECK(children[4].ended_frame == 45);
}

TEST_CASE("ike follower: both ends rekey an IKE SA at once, and its Child SA lives on") {
  const Followed run{"ike-simultaneous-ike/wire.pcap", {"captures/ike-simultaneous-ike/charon.log"}};
  CHECK(run.opened == run.sealed);
  CHECK(run.decrypted == run.esp);
  const auto sas = run.rig.decoder().ike_sas();
  REQUIRE(sas.size() == 5);
  CHECK(sas[0]->rekeyed_to == 2);
  CHECK(sas[1]->collided_with == 3);
  CHECK(sas[2]->collided_with == 2);
  CHECK(sas[1]->rekeyed_to == 4);
  CHECK(sas[2]->rekeyed_to == 0);
  REQUIRE(sas[0]->children.size() == 1);
  CHECK(sas[0]->children[0].end == IkeChildEnd::ike_deleted);
  CHECK(sas[0]->children[0].ended_frame == 63);
}

TEST_CASE("ike follower: selectors that the responder narrowed") {
  const Followed run{"ike-narrowed/wire.pcap", {"captures/ike-narrowed/charon.log"}};
  const IkeChild& child = run.rig.decoder().ike_sas().at(0)->children.at(0);
  CHECK(child.narrowed());
  CHECK(wire::to_string(child.asked_initiator_selectors.at(0)) == "10.0.0.0/12");
  CHECK(wire::to_string(child.initiator_selectors.at(0)) == "10.1.0.0/24");
  const Followed whole{"ikev2-psk-rekey/wire.pcap", {"captures/ikev2-psk-rekey/charon.log"}};
  for (const IkeChild& it : whole.rig.decoder().ike_sas().at(0)->children) CHECK_FALSE(it.narrowed());
}
