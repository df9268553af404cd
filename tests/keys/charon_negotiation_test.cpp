// What strongSwan's log tells of negotiations that came to nothing.
#include <espdump/keystore.hpp>
#include <espdump/wire/ikev2_names.hpp>

#include <fmt/core.h>

#include "support/catch.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

struct Loaded {
  explicit Loaded(const std::string& text) {
    const auto read = store.import_text("charon.log", bytes_of(text));
    if (read)
      report = *read;
    else
      error = read.error().text;
    store.seal();
  }
  static Bytes bytes_of(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  }
  Keystore store;
  ImportReport report;
  std::string error;
};

std::string line(unsigned thread, std::string_view message) {
  return fmt::format("Nov 20 15:45:30 {:02}[CFG] <1> {}\n", thread, message);
}
const std::string offered = "IKE:AES_CBC_128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/CURVE_25519";
const std::string wanted = "IKE:AES_CBC_256/HMAC_SHA2_512_256/PRF_HMAC_SHA2_512/MODP_2048";

std::string texts(const std::vector<wire::IkeProposal>& proposals) {
  std::string out;
  for (const wire::IkeProposal& it : proposals) out += (out.empty() ? "" : ", ") + wire::proposal_text(it);
  return out;
}

}  // namespace

TEST_CASE("charon negotiation: the proposals of both ends, with no key in the log") {
  const Loaded log{line(13, "selecting proposal:") + line(13, "received proposals: " + offered + ", " + wanted) +
                   line(13, "configured proposals: " + wanted)};
  CHECK(log.report.format == "charon log");
  REQUIRE(log.report.problems.size() == 1);
  CHECK(log.report.problems[0].text.find("has no keys") == 0);
  CHECK(log.store.empty());
  REQUIRE(log.store.logged_proposals().size() == 1);
  const LoggedProposals& one = log.store.logged_proposals()[0];
  CHECK(texts(one.received) == offered.substr(4) + ", " + wanted.substr(4));
  CHECK(texts(one.configured) == wanted.substr(4));
  CHECK(one.file == "charon.log");
  CHECK(one.line == 3);
}

TEST_CASE("charon negotiation: threads that write among each other are kept apart") {
  const Loaded log{line(13, "received proposals: " + offered) + line(14, "received proposals: " + wanted) +
                   line(13, "configured proposals: " + wanted) + line(14, "configured proposals: " + offered)};
  REQUIRE(log.store.logged_proposals().size() == 2);
  CHECK(texts(log.store.logged_proposals()[0].received) == offered.substr(4));
  CHECK(texts(log.store.logged_proposals()[1].received) == wanted.substr(4));
}

TEST_CASE("charon negotiation: half a pair, words that nobody knows and lines that are cut give nothing") {
  const std::string bad =
      GENERATE(std::string{"received proposals: "} + "\n", line(13, "configured proposals: " + wanted),
               line(13, "received proposals: " + offered),
               line(13, "received proposals: " + offered) + line(13, "something else") +
                   line(13, "configured proposals: " + wanted),
               line(13, "received proposals: IKE:AES_CBC_128/WORD") + line(13, "configured proposals: " + wanted),
               line(13, "received proposals: " + offered.substr(0, 40)) + line(13, "configured proposals: " + wanted),
               line(13, "received proposals: , , ,") + line(13, "configured proposals: ///"));
  INFO(bad);
  const Loaded log{bad};
  CHECK_FALSE(log.error.empty());
  CHECK(log.store.logged_proposals().empty());
}

TEST_CASE("charon negotiation: a daemon that keeps trying is told once, and there is a bound") {
  std::string text;
  for (int i = 0; i < 100; ++i)
    text += line(13, "received proposals: " + offered) + line(13, "configured proposals: " + wanted);
  CHECK(Loaded{text}.store.logged_proposals().size() == 1);
  text.clear();
  for (int i = 1; i <= 400; ++i)
    text +=
        line(13, fmt::format("received proposals: IKE:AES_CBC_{}", i)) + line(13, "configured proposals: " + wanted);
  const Loaded many{text};
  CHECK(many.store.logged_proposals().size() == 256);
  const auto& problems = many.report.problems;
  CHECK(std::any_of(problems.begin(), problems.end(), [](const ImportProblem& it) {
    return it.text.find("more than 256 negotiations") != std::string::npos;
  }));
}

TEST_CASE("charon negotiation: the traffic selectors of both ends") {
  const Loaded log{line(14, "looking for a child config for 10.2.0.0/24 === 10.1.0.0/24 10.9.0.1/32[icmp]") +
                   line(14, "proposing traffic selectors for us:") + line(14, " 10.200.0.0/24") +
                   line(14, " 10.201.0.0/24") + line(14, "proposing traffic selectors for other:") +
                   line(14, " dynamic\x1b[31m") + line(14, "  candidate \"net\" with prio 5+5") +
                   line(14, "found matching child config \"net\" with prio 10") + line(14, " 10.77.0.0/24")};
  REQUIRE(log.store.logged_selectors().size() == 1);
  const LoggedSelectors& one = log.store.logged_selectors()[0];
  CHECK(one.asked_here == "10.2.0.0/24");
  CHECK(one.asked_there == "10.1.0.0/24 10.9.0.1/32[icmp]");
  CHECK(one.allowed_here == "10.200.0.0/24 10.201.0.0/24");
  CHECK(one.allowed_there == "dynamic\\x1b[31m");
  CHECK(one.line == 1);
}

TEST_CASE("charon negotiation: selectors at the end of a log count, a flood of them does not grow") {
  std::string text = line(14, "looking for a child config for 10.2.0.0/24 === 10.1.0.0/24") +
                     line(14, "proposing traffic selectors for us:");
  for (int i = 0; i < 10000; ++i) text += line(14, " 10.200.0.0/24");
  const Loaded log{text};
  REQUIRE(log.store.logged_selectors().size() == 1);
  CHECK(log.store.logged_selectors()[0].allowed_here.size() < 600);
}

TEST_CASE("charon negotiation: the logs of responders that refused") {
  Keystore store;
  for (const char* name : {"ike-no-proposal", "ike-child-no-proposal", "ike-ts-unacceptable"})
    REQUIRE(store.import_file(testdata(fmt::format("captures/{}/charon-g2.log", name))));
  store.seal();
  CHECK(store.empty());
  REQUIRE(store.logged_selectors().size() == 2);
  CHECK(store.logged_selectors()[1].asked_here == "10.2.0.0/24");
  CHECK(store.logged_selectors()[1].allowed_here == "10.200.0.0/24");
  CHECK(store.logged_proposals().size() == 3);
}
