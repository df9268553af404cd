// Keys of IKE SAs out of strongSwan's log: which there are, and whose.
#include <map>

#include "keys/ike_text.hpp"
#include "support/random.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// A log, line by line.
struct Log {
  unsigned thread = 11;
  std::string name = "<lab|1> ";
  std::string text;

  Log& line(std::string_view group, std::string_view message) {
    text += fmt::format("Nov 20 15:44:05 {:02}[{}] {}{}\n", thread, group, name, message);
    return *this;
  }
  Log& dump(std::string_view group, std::string_view heading, Bytes bytes) {
    line(group, fmt::format("{} => {} bytes @ {}", heading, bytes.size(), bytes.empty() ? "(nil)" : "0x7f0000001000"));
    for (std::size_t at = 0; at < bytes.size(); at += 16) {
      std::string digits, characters;
      for (std::size_t i = at; i < std::min(at + 16, bytes.size()); ++i) {
        digits += fmt::format("{}{:02X}", i == at ? "" : " ", bytes[i]);
        characters += bytes[i] > 0x20 && bytes[i] < 0x7f ? static_cast<char>(bytes[i]) : '.';
      }
      line(group, fmt::format("{:4}: {:<47}  {}", at, digits, characters));
    }
    return *this;
  }
  Log& as(unsigned number, std::string sa) {
    thread = number, name = std::move(sa);
    return *this;
  }
};

// So many bytes that count up.
std::vector<std::uint8_t> bytes(unsigned first, std::size_t count) {
  std::vector<std::uint8_t> out(count);
  for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<std::uint8_t>(first + i);
  return out;
}
std::string hex(unsigned first, std::size_t count) {
  std::string out;
  for (const std::uint8_t byte : bytes(first, count)) out += fmt::format("{:02x}", byte);
  return out;
}

std::vector<std::uint8_t> natd(std::uint64_t initiator, std::uint64_t responder) {
  std::vector<std::uint8_t> out(22);
  for (unsigned i = 0; i < 8; ++i) {
    out[i] = static_cast<std::uint8_t>(initiator >> (56 - 8 * i));
    out[8 + i] = static_cast<std::uint8_t>(responder >> (56 - 8 * i));
  }
  return out;
}

constexpr std::uint64_t spi_i = 0x1122334455667788, spi_r = 0x99aabbccddeeff00;
const std::string cbc_proposal = "IKE:AES_CBC_128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/CURVE_25519";

Log& keys(Log& log, unsigned first = 0x20, std::size_t cipher = 16, std::size_t integrity = 32) {
  log.dump("IKE", "SKEYSEED", bytes(first, 32)).dump("IKE", "Sk_d secret", bytes(first + 1, 32));
  if (integrity != 0)
    log.dump("IKE", "Sk_ai secret", bytes(first + 2, integrity))
        .dump("IKE", "Sk_ar secret", bytes(first + 3, integrity));
  log.dump("IKE", "Sk_ei secret", bytes(first + 4, cipher)).dump("IKE", "Sk_er secret", bytes(first + 5, cipher));
  return log.dump("IKE", "Sk_pi secret", bytes(first + 6, 32)).dump("IKE", "Sk_pr secret", bytes(first + 7, 32));
}

const std::string cbc_keys =
    "d " + hex(0x21, 32) + " a " + hex(0x22, 32) + " " + hex(0x23, 32) + " e " + hex(0x24, 16) + " " + hex(0x25, 16);

// What the initiator logs of IKE_SA_INIT.
Log& first_message(Log& log, std::uint64_t initiator = spi_i) {
  return log.line("IKE", "IKE_SA lab[1] state change: CREATED => CONNECTING")
      .dump("IKE", "natd_chunk", natd(initiator, 0))
      .line("ENC", "generating IKE_SA_INIT request 0 [ SA KE No N(NATD_S_IP) N(NATD_D_IP) ]");
}
Log& answer(Log& log, std::uint64_t initiator = spi_i, std::uint64_t responder = spi_r) {
  log.line("ENC", "parsed IKE_SA_INIT response 0 [ SA KE No N(NATD_S_IP) N(NATD_D_IP) ]");
  log.line("CFG", "selected proposal: " + cbc_proposal);
  return log.dump("IKE", "natd_chunk", natd(initiator, responder));
}

std::string initiator_log() {
  Log log;
  answer(first_message(log));
  return keys(log.dump("IKE", "shared Diffie Hellman secret", bytes(0x80, 32))).text;
}

// Whether the log's keys are without SPIs, but there.
bool nameless(const Loaded& loaded) {
  return ike(loaded).initiator_spi == 0 && ike(loaded).responder_spi == 0 && !ike(loaded).sk_ei.empty();
}

}  // namespace

TEST_CASE("charon log: keys of an IKE SA, its algorithms and its SPIs") {
  const Loaded out = load(initiator_log());
  CHECK(out.report.format == "charon log");
  CHECK((out.report.records == 0 && out.report.ike_keys == 1 && out.report.problems.empty()));
  CHECK(spell(ike(out)) == "1122334455667788 99aabbccddeeff00 cbc(aes)/0/16 hmac(sha256)/128/32 named | " + cbc_keys);
  CHECK(ike(out).prf == Prf::hmac_sha256);
  REQUIRE(out.store.shared_secrets().size() == 1);
  CHECK(hex_of(out.store.shared_secrets()[0].value) == hex(0x80, 32));
  CHECK(out.store.shared_secrets()[0].nonces.empty());
}

TEST_CASE("charon log: every cipher, with and without integrity of its own") {
  const std::tuple<const char*, std::size_t, std::size_t, const char*> suites[] = {
      {"AES_GCM_16_256/PRF_HMAC_SHA2_384/ECP_384", 36, 0, "rfc4106(gcm(aes))/128/36 -/0/0 named"},
      {"AES_GCM_12_128/PRF_HMAC_SHA1/ECP_384", 20, 0, "rfc4106(gcm(aes))/96/20 -/0/0 named"},
      {"AES_CCM_8_192/PRF_HMAC_SHA1/ECP_384", 27, 0, "rfc4309(ccm(aes))/64/27 -/0/0 named"},
      {"CHACHA20_POLY1305/PRF_HMAC_SHA2_256/CURVE_25519", 36, 0, "rfc7539esp(chacha20,poly1305)/128/0 -/0/0 named"},
      {"3DES_CBC/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_1024", 24, 20, "cbc(des3_ede)/0/0 hmac(sha1)/96/20 named"},
      {"AES_CTR_256/AES_XCBC_96/PRF_AES128_XCBC/MODP_2048", 36, 16, "rfc3686(ctr(aes))/0/36 xcbc(aes)/96/16 named"},
      {"CAMELLIA_CBC_192/HMAC_SHA2_512_256/PRF_AES128_CMAC", 24, 64, "cbc(camellia)/0/24 hmac(sha512)/256/64 named"},
      {"AES_CBC_256/PRF_HMAC_MD5", 32, 20, "cbc(aes)/0/32 -/0/0 unnamed"}};
  for (const auto& [proposal, cipher, integrity, names] : suites) {
    Log log;
    answer(first_message(log)).line("CFG", std::string{"selected proposal: IKE:"} + proposal);
    const Loaded out = load(keys(log, 0x20, cipher, integrity).text);
    INFO(proposal);
    CHECK(spell_names(ike(out)) == names);
    CHECK((ike(out).prf != Prf::unknown && ike(out).sk_ei.size() == cipher && ike(out).sk_ai.size() == integrity));
    CHECK((out.report.problems.empty() && ike(out).responder_spi == spi_r));
  }
}

TEST_CASE("charon log: keys that do not have the lengths of the proposal are kept without names") {
  Log log;
  answer(first_message(log));
  const Loaded out = load(keys(log, 0x20, 20, 0).text);
  CHECK(spell_names(ike(out)) == "-/0/0 -/0/0 unnamed");
  CHECK((holds(out.problems(), "lengths of the proposal") && !out.report.problems[0].serious));
}

TEST_CASE("charon log: a responder makes keys in another thread, after or before its answer") {
  const auto request = [](Log& log) -> Log& {
    log.as(13, "<1> ").line("ENC", "parsed IKE_SA_INIT request 0 [ SA KE No N(NATD_S_IP) N(NATD_D_IP) ]");
    log.line("IKE", "IKE_SA (unnamed)[1] state change: CREATED => CONNECTING");
    return log.line("CFG", "selected proposal: " + cbc_proposal).dump("IKE", "natd_chunk", natd(spi_i, 0));
  };
  Log later;
  request(later).dump("IKE", "natd_chunk", natd(spi_i, spi_r));
  Log at_once;
  keys(request(at_once)).dump("IKE", "natd_chunk", natd(spi_i, spi_r));
  for (const std::string& text : {keys(later.as(14, "<1> ")).text, at_once.text}) {
    const Loaded out = load(text);
    CHECK(spell(ike(out)) == "1122334455667788 99aabbccddeeff00 cbc(aes)/0/16 hmac(sha256)/128/32 named | " + cbc_keys);
  }
}

TEST_CASE("charon log: without names of IKE SAs in it, only an initiator's SPIs are certain") {
  const std::string log = replace_all(initiator_log(), "<lab|1> ", "");
  CHECK(ike(load(log)).responder_spi == spi_r);
  CHECK(nameless(load(replace_all(log, "IKE_SA_INIT response", "IKE_SA_INIT request"))));
  CHECK(nameless(load(replace_all(log, "parsed IKE_SA_INIT", "skipped IKE_SA_INIT"))));
  const std::string between =
      replace_all(log, "Nov 20 15:44:05 11[IKE] shared", "11[NET] received packet\n11[IKE] shared");
  CHECK(nameless(load(between)));
}

TEST_CASE("charon log: SPIs that are not certain are not given") {
  const std::string log = initiator_log();
  CHECK(nameless(load(replace_all(log, "CREATED => ", "CONNECTING => "))));  // begun before the log
  CHECK(nameless(load(replace_all(log, "natd_chunk => 22", "chunk => 22"))));
  CHECK(nameless(load(replace_all(log, "natd_chunk => 22", "natd_chunk => 21"))));
  // Two IKE SAs of one number, as in logs of two hosts.
  Log mixed;
  first_message(answer(first_message(mixed)), spi_i + 1);
  CHECK(nameless(load(keys(mixed).text)));
  Log other;
  answer(first_message(other), spi_i + 1);
  CHECK(nameless(load(keys(other).text)));
  Log twice;
  answer(answer(first_message(twice)), spi_i, spi_r + 1);
  CHECK(nameless(load(keys(twice).text)));
}

TEST_CASE("charon log: a second set under one number has SPIs only after IKE_INTERMEDIATE") {
  Log log;
  answer(first_message(log));
  keys(log, 0x20);
  const Loaded without = load(keys(log, 0x60).text);
  REQUIRE(without.store.ike_keys().size() == 2);
  CHECK((ike(without, 0).responder_spi == spi_r && ike(without, 1).responder_spi == 0));
  Log more;
  answer(first_message(more));
  keys(more, 0x20)
      .line("ENC", "generating IKE_INTERMEDIATE request 1 [ KE ]")
      .line("ENC", "parsed IKE_INTERMEDIATE response 1 [ KE ]");
  const Loaded generations = load(keys(more, 0x60).text);
  REQUIRE(generations.store.ike_keys().size() == 2);
  CHECK((generations.report.ike_keys == 2 && ike(generations, 1).responder_spi == spi_r));
  CHECK(spell_names(ike(generations, 1)) == spell_names(ike(generations, 0)));
}

TEST_CASE("charon log: a rekeyed IKE SA has SPIs of its own, from its first message") {
  const std::string established = "IKE_SA lab[1] state change: CONNECTING => ESTABLISHED";
  for (const bool as_initiator : {false, true}) {
    Log log;
    answer(first_message(log));
    keys(log).line("IKE", established);
    log.line("ENC", as_initiator ? "parsed CREATE_CHILD_SA response 0 [ SA No KE ]"
                                 : "parsed CREATE_CHILD_SA request 0 [ SA No KE ]");
    log.line("IKE", "IKE_SA lab[2] state change: CREATED => CONNECTING");
    log.line("CFG", "selected proposal: " + cbc_proposal);
    if (!as_initiator) log.as(11, "<lab|2> ");  // strongSwan 5.9 keeps the number of the old one where it began
    keys(log, 0x60).as(11, "<lab|1> ").line("IKE", "IKE_SA lab[2] state change: CONNECTING => ESTABLISHED");
    for (const auto& [number, bits] : {std::pair{1, 0U}, std::pair{2, 5U}}) {
      auto header = natd(spi_i + bits, spi_r + bits);
      header.resize(28);
      header[17] = 0x20, header[27] = 28;
      log.as(12, fmt::format("<lab|{}> ", number)).line("ENC", "generating HEADER payload finished");
      log.dump("ENC", "generated data for this payload", header);
    }
    const Loaded out = load(log.text);
    REQUIRE(out.store.ike_keys().size() == 2);
    CHECK((ike(out).initiator_spi == spi_i && ike(out).responder_spi == spi_r));
    CHECK(ike(out, 1).initiator_spi == (as_initiator ? 0 : spi_i + 5));
    CHECK(ike(out, 1).names_algorithms);
  }
}

TEST_CASE("charon log: a pre-shared key that is mixed in makes another SK_d (RFC 8784)") {
  Log log;
  answer(first_message(log));
  keys(log).as(12, "<lab|1> ").dump("IKE", "Sk_d secret", bytes(0xc0, 32)).dump("IKE", "Sk_pi secret", bytes(0xc1, 32));
  const Loaded out = load(log.text);
  REQUIRE(out.store.ike_keys().size() == 2);
  CHECK(hex_of(ike(out, 1).sk_d) == hex(0xc0, 32));
  CHECK(same_secret(ike(out, 1).sk_ei, ike(out).sk_ei));
  CHECK(ike(out, 1).responder_spi == spi_r);
  Log alone;
  alone.dump("IKE", "Sk_d secret", bytes(0xc0, 32)).dump("IKE", "Sk_pi secret", bytes(0xc1, 32));
  const Loaded lone = load(alone.text);
  CHECK((lone.store.ike_keys().empty() && holds(lone.problems(), "an SK_d, but not the other keys")));
}

TEST_CASE("charon log: results of key exchanges with the nonces that go with them") {
  const auto both = [](std::vector<std::uint8_t> one, const std::vector<std::uint8_t>& two) {
    one.insert(one.end(), two.begin(), two.end());
    return one;
  };
  const auto secrets = [](const Log& log) {
    std::map<std::string, std::string> out;
    const Loaded loaded = load(log.text);
    for (const SharedSecret& secret : loaded.store.shared_secrets()) out[hex_of(secret.value)] = hex_of(secret.nonces);
    return out;
  };
  using Secrets = std::map<std::string, std::string>;
  const auto exchange = bytes(0x80, 48), more = bytes(0x10, 32), nonces = bytes(0xb0, 64);
  Log init;
  init.dump("IKE", "key exchange secret", exchange).dump("IKE", "additional key exchange secret", {});
  CHECK(secrets(keys(init.dump("IKE", "nonces", nonces))) == Secrets{{hex(0x80, 48), hex(0xb0, 64)}});
  Log rekey;
  rekey.dump("IKE", "key exchange secret", exchange).dump("IKE", "additional key exchange secret", more);
  CHECK(secrets(keys(rekey.dump("IKE", "nonces", nonces))) ==
        Secrets{{hex(0x80, 48), hex(0xb0, 64)}, {hex(0x10, 32), hex(0xb0, 64)}});
  Log child;
  child.dump("CHD", "DH secret", exchange).dump("CHD", "seed", both(exchange, nonces));
  CHECK(secrets(keys(child)) == Secrets{{hex(0x80, 48), hex(0xb0, 64)}});
  Log hybrid;
  hybrid.dump("CHD", "key exchange secret", exchange).dump("CHD", "additional key exchange secret", more);
  CHECK(secrets(keys(hybrid.dump("CHD", "seed", both(both(exchange, nonces), more)))) ==
        Secrets{{hex(0x80, 48), hex(0xb0, 64)}, {hex(0x10, 32), hex(0xb0, 64)}});
  Log odd;  // a seed of something else
  odd.dump("CHD", "DH secret", exchange).dump("CHD", "seed", both(more, nonces));
  CHECK(secrets(keys(odd)) == Secrets{{hex(0x80, 48), ""}});
  Log without;
  CHECK(secrets(keys(without.dump("CHD", "seed", nonces))).empty());
}

TEST_CASE("charon log: real ones have the keys that other programs read from them, each once") {
  const Loaded truth = load(text_of_file("charon-logs.ikev2_decryption_table"));
  std::map<std::string, std::string> wanted;
  for (const IkeKeys& keys : truth.store.ike_keys()) wanted[hex_of(keys.sk_ei)] = spell(keys);
  REQUIRE(wanted.size() == 5);
  const auto tables = text_of_file("charon-logs.ikev2_decryption_table");
  std::size_t found = 0;
  for (const char* name :
       {"ikev2-psk-rekey-charon.log", "ikev2-psk-rekey-trixie-g2-charon.log", "ike-eap-g2-charon.log"}) {
    const Loaded log = load(text_of_file(name) + "\n" + tables);
    CHECK(log.report.problems.empty());
    CHECK(log.store.ike_keys().size() == 5);
    const Loaded alone = load(text_of_file(name));
    CHECK(alone.report.problems.empty());
    for (const IkeKeys& keys : alone.store.ike_keys()) {
      CHECK(spell(keys) == wanted[hex_of(keys.sk_ei)]);
      CHECK(keys.prf != Prf::unknown);
      ++found;
    }
  }
  CHECK(found == 5);
}

TEST_CASE("charon log: one at `ike = 4` alone is a key file") {
  std::string ike_only;
  for (const auto& text = text_of_file("ikev2-psk-rekey-charon.log"); std::size_t at : {std::size_t{0}})
    for (std::size_t end = 0; at < text.size(); at = end + 1) {
      end = std::min(text.find('\n', at), text.size());
      if (text.substr(at, end - at).find("[IKE]") != std::string::npos) ike_only += text.substr(at, end + 1 - at);
    }
  const Loaded out = load(ike_only);
  CHECK((out.report.format == "charon log" && out.report.records == 0 && out.report.ike_keys == 2));
}

TEST_CASE("charon log: keys that are shown in part are told, and not used") {
  const std::string whole = initiator_log();
  for (const char* heading : {"Sk_d", "Sk_ai", "Sk_ar", "Sk_ei", "Sk_er"}) {
    const std::size_t at = whole.find(std::string{heading} + " secret"), next = whole.find('\n', at) + 1;
    const std::string cut = whole.substr(0, next) + whole.substr(whole.find('\n', next) + 1);
    const Loaded out = load(cut);
    INFO(heading);
    CHECK((out.store.ike_keys().empty() && out.report.problems.size() == 1 && out.report.problems[0].serious));
    CHECK(holds(out.problems(), "only in part"));
  }
  const Loaded strange = load(replace_all(whole, "0: 24 25", "0: 24 zz"));
  CHECK((strange.store.ike_keys().empty() && holds(strange.problems(), "only in part")));
  const Loaded shifted = load(replace_all(whole, " 16: 31", " 32: 31"));
  CHECK((shifted.store.ike_keys().empty() && holds(shifted.problems(), "only in part")));
  Log huge;
  huge.line("IKE", "Sk_d secret => 4000000000 bytes @ 0x1").line("IKE", "   0: 11 22");
  CHECK(load(huge.text).store.ike_keys().empty());
}

TEST_CASE("charon log: cut anywhere it is read or told, and shows no key") {
  const std::string whole = initiator_log();
  for (std::size_t size = 0; size < whole.size(); ++size)
    for (const std::string& text : {whole.substr(0, size), whole.substr(size)}) {
      Keystore store;
      const auto report = store.import_text("cut", bytes_of(text));
      if (!report) continue;
      check_silence(*report, text);
      for (const IkeKeys& keys : store.ike_keys()) REQUIRE(keys.sk_ei.size() == 16);
      REQUIRE(store.ike_keys().size() + report->problems.size() <= 2);
    }
}

TEST_CASE("charon log: threads that write keys among each other are kept apart") {
  Random random;
  INFO("ESPDUMP_SEED=" << random.seed());
  constexpr unsigned sas = 8;
  std::vector<std::string> rest;
  for (unsigned i = 0; i < sas; ++i) {
    Log log;
    log.as(10 + i, fmt::format("<lab|{}> ", i + 1));
    answer(first_message(log, spi_i + i), spi_i + i, spi_r + i);
    rest.push_back(replace_all(keys(log, 0x20 + 8 * i).text, "lab[1]", fmt::format("lab[{}]", i + 1)));
  }
  std::string mixed;
  while (!rest.empty()) {
    std::string& one = rest[random.below(rest.size())];
    const std::size_t end = one.find('\n') + 1;
    mixed += one.substr(0, end);
    one.erase(0, end);
    if (one.empty()) rest.erase(rest.begin() + (&one - rest.data()));
  }
  const Loaded out = load(mixed);
  CHECK((out.report.ike_keys == sas && out.report.problems.empty()));
  for (const IkeKeys& keys : out.store.ike_keys()) {
    const auto i = static_cast<unsigned>(keys.initiator_spi - spi_i);
    CHECK((keys.responder_spi == spi_r + i && i < sas));
    CHECK(hex_of(keys.sk_ei) == hex(0x24 + 8 * i, 16));
    CHECK(hex_of(keys.sk_d) == hex(0x21 + 8 * i, 32));
  }
}

TEST_CASE("charon log: a hundred thousand sets are bounded") {
  Log log;
  log.text.reserve(100'000'000);
  for (unsigned i = 0; i < 100000; ++i) {
    std::vector<std::uint8_t> key(16);
    write_u32(key, 0, i);
    log.name = fmt::format("<lab|{}> ", i);
    log.dump("IKE", "Sk_ei secret", key).dump("IKE", "Sk_er secret", key);
  }
  const Loaded out = load(log.text);
  CHECK((out.report.ike_keys == 65536 && out.report.problems.size() == 1));
}
