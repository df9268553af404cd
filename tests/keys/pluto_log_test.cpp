// Keys out of Libreswan's log.
#include "keys/xfrm_text.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

constexpr std::string_view gcm_keys =
    "| ESP enckey:\n"
    "|   10 11 12 13  14 15 16 17  18 19 1a 1b  1c 1d 1e 1f   ................\n"
    "|   20 21 22 23                                           !\"#\n"
    "| ESP authkey:\n"
    "|                                                        \n";
constexpr std::string_view cbc_keys =
    "| ESP encrypt key:\n"
    "|   10 11 12 13  14 15 16 17  18 19 1a 1b  1c 1d 1e 1f   ................\n"
    "| ESP integrity key:\n"
    "|   30 31 32 33  34 35 36 37  38 39 3a 3b  3c 3d 3e 3f   0123456789:;<=>?\n"
    "|   40 41 42 43                                          @ABC\n";
constexpr std::string_view ah_keys =
    "| AH authkey:\n"
    "|   30 31 32 33  34 35 36 37  38 39 3a 3b  3c 3d 3e 3f   0123456789:;<=>?\n"
    "|   40 41 42 43                                          @ABC\n";
constexpr std::string_view gcm_sa =
    "| kernel: add_sa() level=0 outbound tunnel 10.1.0.0/24-ALL->192.0.2.1[c1a2b3d4]=espinudp==>198.51.100.2-ALL->"
    "10.2.0.0/24 +esn replay_window=128 NONE:0 AES_GCM_16:20\n";
constexpr std::string_view cbc_sa =
    "| \"x\" #2: routing:  kernel_ops_add_sa() level=0 INBOUND TRANSPORT\n"
    "| \"x\" #2: routing:   (src) <unset-selector> -> 2001:db8::2[00e8cfc0] ==> 2001:db8::1 -> <unset-selector> (dst)\n"
    "| \"x\" #2: routing:   HMAC_SHA1_96:20 AES_CBC:16 replay_window=128 esn=no +dont_encap_dscp ...\n";
constexpr std::string_view ah_sa =
    "| kernel: add_sa() level=0 outbound transport 192.0.2.1/32-ALL->192.0.2.1[da085ff3]==>192.0.2.2-ALL->"
    "192.0.2.2/32 +esn replay_window=128 HMAC_SHA1_96:20\n";
constexpr std::string_view gcm_pair =
    "\"x\" #2: initiator established Child SA using #1; IPsec tunnel [10.1.0.0/24===10.2.0.0/24] {ESPinUDP/ESN=>"
    "0xc1a2b3d4 <0x00e8cfc0 xfrm=AES_GCM_16_128-NONE-DH19 NATD=192.0.2.2:4500 DPD=passive}\n";
constexpr std::string_view cbc_pair =
    "\"x\" #2: IPsec SA established transport mode {ESP=>0xc1a2b3d4 <0x00e8cfc0 xfrm=AES_CBC_128-HMAC_SHA1_96 "
    "DPD=passive}\n";
constexpr std::string_view ah_pair =
    "\"x\" #2: responder established Child SA using #1; IPsec transport [a] -> [b] {AH/ESN=>0xda085ff3 <0x0e7acf8f "
    "xfrm=HMAC_SHA1_96 DPD=passive}\n";

std::string text(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const auto part : parts) out += part;
  return out;
}

std::string prefixed(std::string_view prefix, const std::string& log) {
  std::string out{prefix};
  for (const char c : log.substr(0, log.size() - 1)) out += c == '\n' ? "\n" + std::string{prefix} : std::string{c};
  return out + '\n';
}

constexpr std::string_view gcm_spelt =
    "192.0.2.1 > 198.51.100.2 esp 3248665556 tunnel reqid 0 | rfc4106(gcm(aes)) 128 0 "
    "101112131415161718191a1b1c1d1e1f20212223 | - 0 0  esn window 0 encap 1 0 0 mark 0/0 if 0 sel 0";
constexpr std::string_view cbc_spelt =
    "2001:db8::2 > 2001:db8::1 esp 15257536 transport reqid 0 | cbc(aes) 0 0 101112131415161718191a1b1c1d1e1f | "
    "hmac(sha1) 96 0 303132333435363738393a3b3c3d3e3f40414243 window 0 encap 0 0 0 mark 0/0 if 0 sel 0";
constexpr std::string_view ah_spelt =
    "192.0.2.1 > 192.0.2.2 ah 3657981939 transport reqid 0 | - 0 0  | hmac(sha1) 96 0 "
    "303132333435363738393a3b3c3d3e3f40414243 esn window 0 encap 0 0 0 mark 0/0 if 0 sel 0";

}  // namespace

TEST_CASE("pluto log: what goes to the kernel names the SA, in the words of old and new versions") {
  const std::string log = text({gcm_keys, gcm_sa, cbc_keys, cbc_sa, ah_keys, ah_sa});
  for (const std::string_view prefix : {"", "Nov 20 14:58:43.612172: ", "Nov 20 14:58:43 gate pluto[123]: ",
                                        "2026-11-20T14:58:43+01:00 gate pluto[1]: "}) {
    const Loaded out = load(prefixed(prefix, log));
    CHECK(out.report.format == "pluto log");
    CHECK((out.report.records == 3 && out.report.usable == 3 && out.report.problems.empty()));
    CHECK(spell(out.sa(0)) == gcm_spelt);
    CHECK(spell(out.sa(1)) == cbc_spelt);
    CHECK(spell(out.sa(2)) == ah_spelt);
    CHECK_FALSE(out.sa(0).wildcards);
  }
}

TEST_CASE("pluto log: without these lines each key is tried for either SPI of the pair") {
  const std::string other = replace_all(std::string{gcm_keys}, "|   10 11", "|   50 51");
  const Loaded out = load(text({gcm_keys, other, gcm_pair}));
  REQUIRE(out.report.usable == 4);
  for (const auto& sa : out.store.associations()) {
    REQUIRE(sa.wildcards);
    CHECK(sa.wildcards->spi_mask == 0xffffffff);
    CHECK((sa.wildcards->destination == Prefix{} && sa.esn && sa.mode == SaMode::tunnel));
    CHECK((sa.spi == 0xc1a2b3d4 || sa.spi == 0x00e8cfc0));
  }
  CHECK(key_bytes(out.sa(0).encryption.key) != key_bytes(out.sa(2).encryption.key));
  CHECK(load(text({cbc_keys, cbc_pair})).sa().mode == SaMode::transport);
  const Loaded ah = load(text({ah_keys, ah_pair}));
  CHECK((ah.report.usable == 2 && ah.sa().protocol == IpsecProtocol::ah && ah.sa().esn));
  CHECK(key_bytes(ah.sa().integrity.key).size() == 20);
}

TEST_CASE("pluto log: keys alone are tried on every SPI, with the algorithms that their lengths fit") {
  const Loaded gcm = load(gcm_keys), cbc = load(cbc_keys);
  CHECK((gcm.report.usable == 2 && gcm.sa(0).esn && !gcm.sa(1).esn));
  CHECK((gcm.sa().wildcards && gcm.sa().wildcards->spi_mask == 0));
  CHECK((gcm.sa().encryption.info->label == "AES-GCM" && gcm.sa().encryption.icv_bits == 128));
  CHECK((cbc.report.usable == 2 && cbc.sa().encryption.info->label == "AES-CBC"));
  CHECK(holds(cbc.problems(), "every SPI"));
}

TEST_CASE("pluto log: more keys than can be tried leave the newest") {
  std::string log;
  for (const char digit : {'1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'})
    for (const char other : {'4', '5'})
      log += replace_all(std::string{gcm_keys}, "|   10", std::string{"|   "} + digit + other);
  const Loaded out = load(log);
  CHECK(out.report.records == 16);
  CHECK(key_bytes(out.sa().encryption.key).front() == 0xf5);
  CHECK(holds(out.problems(), "the earlier ones are left out"));
}

TEST_CASE("pluto log: a key of which lines are missing is told, not used") {
  const std::string line = "|   20 21 22 23                                           !\"#\n";
  for (const std::string_view names : {gcm_sa, gcm_pair}) {
    const Loaded out = load(replace_all(text({gcm_keys, names}), line, ""));
    CHECK((out.report.records != 0 && out.report.usable == 0));
    CHECK(holds(out.problems(), "the whole key of AES_GCM_16"));
  }
  CHECK(holds(load(replace_all(std::string{cbc_keys}, "40 41 42 43", "40 41      ")).problems(), "no algorithm fits"));
  CHECK(holds(load(replace_all(text({gcm_keys, gcm_sa}), "AES_GCM_16:", "ROT_13:")).problems(), "unknown algorithm"));
}

TEST_CASE("pluto log: lines among those of a dump end it") {
  const std::string odd = replace_all(text({gcm_keys, gcm_sa}), "|   20 21", "| newref @0x5579\n|   20 21");
  CHECK(holds(load(odd).problems(), "the whole key of AES_GCM_16"));
  const std::string behind = replace_all(text({gcm_keys, gcm_sa}), "| ESP authkey", "| x\n|   99 98\n| ESP authkey");
  CHECK(spell(load(behind).sa()) == gcm_spelt);
}

TEST_CASE("pluto log: real ones say what `ip xfrm state` said") {
  const auto dump = read_file(testdata("captures/libreswan/xfrm-state-all.txt"));
  const Loaded kernel = load(std::string{dump.begin(), dump.end()});
  const Loaded log = load(text_of_file("libreswan-pluto.log"));
  CHECK((log.report.records == 12 && log.report.usable == 12));
  for (const SecurityAssociation& sa : log.store.associations()) {
    const auto found = kernel.store.find(sa.destination, sa.protocol, sa.spi);
    REQUIRE_FALSE(found.empty());
    const SecurityAssociation& same = kernel.store.associations()[found.back()];
    CHECK(spell(sa.encryption) == spell(same.encryption));
    CHECK(spell(sa.integrity) == spell(same.integrity));
    CHECK((sa.source == same.source && sa.esn == same.esn && sa.mode == same.mode));
    CHECK(sa.encapsulation == same.encapsulation);
  }
  CHECK(load(text_of_file("libreswan52-pluto.log")).report.usable == 2);
}

TEST_CASE("pluto log: one without keys is no key file") {
  Keystore store;
  const auto report = store.import_text("x", bytes_of(gcm_pair));
  REQUIRE_FALSE(report);
  CHECK(holds(report.error().text, "plutodebug=all,private"));
}
