// Policies, and what they tell of SAs.
#include "keys/xfrm_policy.hpp"

#include "keys/xfrm_text.hpp"

using namespace espdump;
using namespace espdump::test;
using keys::Policy;
using keys::PolicyDirection;

namespace {

std::vector<Policy> read(std::string_view text) {
  std::vector<Policy> out;
  const auto report = keys::read_xfrm_policy("policy.txt", bytes_of(text), out);
  REQUIRE(report);
  CHECK(report->format == "ip xfrm policy");
  return out;
}

std::string policy(std::string_view inner, std::string_view rest = "", std::string_view mode = "tunnel",
                   std::string_view ends = "src 192.0.2.1 dst 198.51.100.7", int priority = 5) {
  return std::string{inner} + " \n\tdir out priority " + std::to_string(priority) + " ptype main \n\ttmpl " +
         std::string{ends} + "\n\t\tproto esp reqid 1 mode " + std::string{mode} + "\n" + std::string{rest};
}
const char* const nets = "src 10.0.1.0/24 dst 10.0.2.0/24";
const char* const hosts = "src 10.9.0.1/32 dst 10.9.0.2/32";

std::string sa(std::string_view mode, std::string_view rest = "") {
  return "src 192.0.2.1 dst 198.51.100.7\n\tproto esp spi 0x00001001 reqid 1 mode " + std::string{mode} +
         "\n\treplay-window 0 \n\taead rfc4106(gcm(aes)) 0x000102030405060708090a0b0c0d0e0f10111213 128\n" +
         std::string{rest};
}

// The SA's selector, and behind a bar what its policies let through.
std::string told(const std::string& sas, const std::string& policies) {
  Keystore store;
  REQUIRE(store.import_policy_text("policy.txt", bytes_of(policies)));
  (void)store.import_text("keys.txt", bytes_of(sas));
  store.seal();
  const SecurityAssociation& sa = store.associations()[0];
  std::string out = sa.selector ? sa.selector->source.to_string() : "-";
  out += " |";
  for (const Selector& selector : sa.policies) out += " " + selector.source.to_string();
  return out;
}

}  // namespace

TEST_CASE("xfrm policy: all that a policy says") {
  const auto out = read(
      "src 10.0.1.0/24 dst 10.0.2.0/24 proto tcp dport 80 \n\tdir fwd priority 375423 ptype main \n\tmark 0x10/0xff \n"
      "\ttmpl src 0.0.0.0 dst 198.51.100.7\n\t\tproto comp reqid 2 mode tunnel\n\t\tlevel use \n"
      "\ttmpl src 192.0.2.1 dst 198.51.100.7\n\t\tproto esp spi 0x12 reqid 1 mode beet\n\tif_id 0x2a\n"
      "src ::/0 dst ::/0 \n\tsocket out priority 0 ptype main \n"
      "src 10.0.1.0/24 dst 10.0.2.0/24 \n\tdir in action block priority 1 \n");
  REQUIRE(out.size() == 1);
  const Policy& one = out[0];
  CHECK((one.selector.protocol == 6 && one.selector.destination_port == 80 && one.selector.source.length == 24));
  CHECK((one.direction == PolicyDirection::forward && one.priority == 375423 && one.if_id == 42));
  CHECK((one.mark == 0x10 && one.mark_mask == 0xff && one.line == 1));
  REQUIRE(one.templates.size() == 1);
  CHECK((one.templates[0].spi == 0x12 && one.templates[0].reqid == 1 && one.templates[0].mode == SaMode::beet));
}

TEST_CASE("xfrm policy: the forms of -s and -o") {
  const std::string plain = policy(nets);
  const std::string one_line = replace_all(replace_all(plain, "\n\t", "\\\t"), "tunnel\n", "tunnel\\\n");
  const std::string statistics = replace_all(plain, "dir out priority", "dir out action allow index 409 priority");
  for (const std::string& text : {plain, one_line, statistics}) {
    const auto out = read(text);
    REQUIRE(out.size() == 1);
    CHECK((out[0].priority == 5 && out[0].direction == PolicyDirection::out && out[0].templates.size() == 1));
  }
}

TEST_CASE("xfrm policy: text without policies is refused") {
  std::vector<Policy> out;
  CHECK_FALSE(keys::read_xfrm_policy("p", bytes_of(sa("tunnel")), out));
  CHECK_FALSE(keys::read_xfrm_policy("p", bytes_of(""), out));
  CHECK(keys::read_xfrm_policy("p", bytes_of("src x/y dst z/w\n"), out)->problems.size() == 1);
}

TEST_CASE("xfrm policy: an SA has the selectors of its policies") {
  CHECK(told(sa("tunnel"), policy(nets)) == "10.0.1.0/24 | 10.0.1.0/24");
  CHECK(told(sa("tunnel"), policy(nets) + policy(nets)) == "10.0.1.0/24 | 10.0.1.0/24");
  CHECK(told(sa("tunnel"), policy(nets) + policy(hosts)) == "- | 10.0.1.0/24 10.9.0.1/32");
  CHECK(told(sa("tunnel", "\tsel src 10.7.0.1/32 dst 10.7.0.2/32 \n"), policy(nets)) == "10.7.0.1/32 | 10.0.1.0/24");
  CHECK(told(sa("beet"), policy(nets, "", "beet", "src 192.0.2.1 dst 198.51.100.7", 9) + policy(hosts, "", "beet")) ==
        "10.9.0.1/32 | 10.9.0.1/32 10.0.1.0/24");
}

TEST_CASE("xfrm policy: what does not fit is not the SA's") {
  CHECK(told(sa("transport"), policy(nets)) == "- |");
  CHECK(told(sa("tunnel"), policy(nets, "\tif_id 0x1\n")) == "- |");
  CHECK(told(sa("tunnel", "\tif_id 0x1\n"), policy(nets, "\tif_id 0x1\n")) == "10.0.1.0/24 | 10.0.1.0/24");
  CHECK(told(sa("tunnel", "\tmark 0x1/0xff \n"), policy(nets, "\tmark 0x2/0xff \n")) == "- |");
  CHECK(told(sa("tunnel"), policy(nets, "", "tunnel", "src 192.0.2.9 dst 198.51.100.7")) == "- |");
  CHECK(told(sa("tunnel"), replace_all(policy(nets), "reqid 1", "reqid 2")) == "- |");
  CHECK(told(sa("tunnel"), replace_all(policy(nets), "reqid 1", "reqid 0")) == "10.0.1.0/24 | 10.0.1.0/24");
  CHECK(told(sa("tunnel"), policy(nets, "", "tunnel", "src 0.0.0.0 dst 0.0.0.0")) == "10.0.1.0/24 | 10.0.1.0/24");
}

TEST_CASE("xfrm policy: templates without addresses take those of the traffic in transport mode") {
  const char* any = "src 0.0.0.0 dst 0.0.0.0";
  CHECK(told(sa("transport"), policy("src 192.0.2.1/32 dst 198.51.100.0/24", "", "transport", any)) ==
        "192.0.2.1/32 | 192.0.2.1/32");
  CHECK(told(sa("transport"), policy(nets, "", "transport", any)) == "- |");
}

TEST_CASE("xfrm policy: many policies of one SA are bounded") {
  std::string text;
  for (int i = 0; i < 2000; ++i)
    text += policy("src 10." + std::to_string(i / 250) + "." + std::to_string(i % 250) + ".0/24 dst 10.0.2.0/24");
  Keystore store;
  REQUIRE(store.import_policy_text("policy.txt", bytes_of(text)));
  REQUIRE(store.import_text("keys.txt", bytes_of(sa("tunnel"))));
  store.seal();
  CHECK(store.associations()[0].policies.size() == 64);
}
