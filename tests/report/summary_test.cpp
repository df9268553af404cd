#include <algorithm>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/reporting.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

std::string report(const Scene& scene) {
  TextOptions quiet;
  quiet.quiet = true;
  return scene.text(quiet);
}

// The verdict: the lines before the first empty one, joined.
std::string verdict(const Scene& scene) {
  std::string out;
  for (const std::string& line : lines_of(report(scene))) {
    if (line.empty()) break;
    out += (out.empty() ? "" : " ") + line;
  }
  return out;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// The rows of the table of SAs, heading first.
std::vector<std::string> table(const Scene& scene) {
  std::vector<std::string> lines = lines_of(report(scene));
  const auto heading = std::find(lines.begin(), lines.end(), "SECURITY ASSOCIATIONS");
  if (heading == lines.end()) return {};
  return {heading + 1, lines.end()};
}

Scene& exchange(Scene& scene, std::uint16_t from, std::uint16_t to) {
  for (std::uint16_t i = from; i <= to; ++i)
    scene.frame(sealed_frame(i, inner_ping(i))).frame(sealed_reply(i, inner_ping(i)));
  return scene;
}

Octets plain() {
  return ethernet_frame(
      ipv4_packet("10.0.0.1", "10.0.0.2", 17, udp_datagram("10.0.0.1", "10.0.0.2", 1000, 2000, Octets(9))));
}

}  // namespace

TEST_CASE("summary: on a terminal a long report ends in what is wrong, and long lines begin with the verdict") {
  Scene scene{both_states()};
  for (std::uint16_t i = 1; i <= 9; ++i) scene.frame(sealed_frame(i, inner_ping(i)));
  scene.frame(spoiled(sealed_frame(10, inner_ping(10)))).frame(sealed_frame(3, inner_ping(3)));
  TextOptions options;
  CHECK(scene.text(options).find("errors") == std::string::npos);
  options.columns = options.width = 200;
  options.rows = 10;
  const std::vector<std::string> lines = lines_of(scene.text(options));
  CHECK(lines.front().find("wire.pcap: 11 frames") == 0);
  CHECK(lines[1].find("2 errors") == 0);
  CHECK(lines[1].find(": icv.bad, replay.duplicate") != std::string::npos);
  CHECK(lines[2] == "`espdump explain icv.bad` tells more");
  CHECK(lines.back() == lines[2]);
  CHECK(lines[lines.size() - 2] == lines[1]);
  options.quiet = true;
  CHECK(lines_of(scene.text(options)).back() == lines[2]);
  Scene healthy{both_states()};
  healthy.frame(sealed_frame(1, inner_ping(1))).frame(sealed_reply(1, inner_ping(1)));
  CHECK(healthy.text(options).find("error") == std::string::npos);
}

TEST_CASE("report: a healthy capture is one line and the table") {
  Scene scene{both_states()};
  const std::string text = report(exchange(scene, 1, 10));
  CHECK(verdict(scene) == "wire.pcap: 20 frames in 0.2 s; 2 SAs, 20 ESP packets, all opened. Nothing to report.");
  for (const char* heading : {"ERRORS", "WARNINGS", "INFO"}) CHECK_FALSE(has(text, heading));
  const auto rows = table(scene);
  REQUIRE(rows.size() == 3);
  CHECK(has(rows[1], "1  10.9.1.1 > 10.9.1.2  0x00001001  tunnel  AES-GCM-16-128"));
  CHECK(has(rows[1], "replay-window 0 replay 0 failed 0"));
}

TEST_CASE("report: nothing captured, nothing claimed") {
  CHECK(report(Scene{}) == "wire.pcap: 0 frames; no ESP or AH packet.\n");
}

TEST_CASE("report: no ESP is said, with or without IKE") {
  CHECK(report(Scene{}.frame(plain())) == "wire.pcap: 1 frame; no ESP or AH packet.\n");
  Octets ike(28);
  ike[17] = 0x20;
  ike[18] = 34;
  ike[27] = 28;
  const Octets udp = udp_datagram("10.9.1.1", "10.9.1.2", 500, 500, ike);
  const Octets frame = ethernet_frame(ipv4_packet("10.9.1.1", "10.9.1.2", 17, udp));
  CHECK(verdict(Scene{}.frame(frame)) == "wire.pcap: 1 frame; 1 IKE message, but no ESP or AH packet.");
  CHECK(has(verdict(Scene{}.frame(frame).frame(frame)), "2 IKE messages, but no"));
}

TEST_CASE("report: without keys it says how to get them") {
  Scene scene;
  exchange(scene, 1, 2);
  const std::string text = report(scene);
  CHECK(has(verdict(scene), "2 SAs, 4 ESP packets, sealed: no keys are loaded."));
  CHECK(has(text, "\n    sudo ip xfrm state > xfrm.txt\n"));
  CHECK(has(text, "esp.unknown-spi on #1, #2: 4 packets on 2 SPIs"));
  CHECK(has(table(scene).at(1), "unknown SPI"));
  CHECK_FALSE(has(table(scene).at(1), "failed"));
}

TEST_CASE("report: AH without keys is not sealed but not verified") {
  Scene scene;
  scene.frame(ethernet_frame(seal_ah({}, 0x77, 1, ipv4_packet("10.9.1.1", "10.9.1.2", 89, Octets(24)))));
  CHECK(has(verdict(scene), "1 SA, 1 AH packet, not verified: no keys are loaded."));
  CHECK(has(report(scene), "esp.unknown-spi on #1: 1 packet on 1 SPI, not verified: no keys are loaded"));
  scene.frame(sealed_frame(1, inner_ping(1)));
  CHECK(has(verdict(scene), "2 SAs, 2 ESP and AH packets, sealed: no keys are loaded."));
  CHECK(has(report(scene), "esp.unknown-spi on #1, #2: 2 packets on 2 SPIs, sealed: no keys are loaded"));
}

TEST_CASE("report: errors first, then warnings, then remarks") {
  Scene scene{both_states()};
  const Octets first = sealed_frame(1, inner_ping(1));
  scene.frame(first).frame(sealed_frame(2, inner_ping(2))).frame(spoiled(sealed_frame(3, inner_ping(3))));
  scene.frame(sealed_frame(7, inner_ping(7)))
      .frame(sealed_frame(6, inner_ping(6)))
      .frame(sealed_reply(1, inner_ping(1)));
  const std::string text = report(scene.wait(1'000'000'000).frame(first));
  const std::size_t errors = text.find("\nERRORS\n"), warnings = text.find("\nWARNINGS\n"),
                    remarks = text.find("\nINFO\n");
  CHECK(errors < warnings);
  CHECK(warnings < remarks);
  CHECK(remarks < text.find("\nSECURITY ASSOCIATIONS\n"));
  CHECK(text.find("  icv.bad on #1: ") > errors);
  CHECK(text.find("  replay.duplicate on #1: ") < warnings);
  CHECK(text.find("  seq.lost on #1: ") > warnings);
  CHECK(text.find("  seq.reordered on #1: ") > remarks);
  CHECK(has(verdict(scene), "1 bad, 1 replay; 3 lost"));
}

TEST_CASE("report: with remarks only it does not claim that there is nothing to report") {
  Scene scene{both_states()};
  exchange(scene, 1, 2).frame(sealed_frame(4, inner_ping(4))).frame(sealed_frame(3, inner_ping(3)));
  CHECK(has(report(scene), "\nINFO\n"));
  CHECK(has(verdict(scene), ", all opened. Nothing wrong."));
}

TEST_CASE("report: one is not several") {
  Scene one{both_states()}, two{both_states()};
  CHECK(verdict(one.frame(sealed_frame(1, inner_ping(1)))) ==
        "wire.pcap: 1 frame; 1 SA, 1 ESP packet, all opened. Nothing to report.");
  const Octets first = sealed_frame(1, inner_ping(1)), second = sealed_frame(2, inner_ping(2));
  two.frame(first).frame(second).wait(1'000'000'000).frame(first).frame(second);
  CHECK(has(verdict(two), "2 replays"));
  CHECK(has(report(two), "replay.duplicate on #1: 2 packets, frames 3-4"));
}

TEST_CASE("report: with verify-only packets are verified, not opened") {
  Scene scene{both_states()};
  scene.decoding.verify_only = true;
  CHECK(has(verdict(exchange(scene, 1, 2)), "4 ESP packets, all verified. Nothing to report."));
}

TEST_CASE("report: packets cut by the capture are neither good nor bad") {
  Scene scene{both_states()};
  const Octets frame = sealed_frame(1, inner_ping(1));
  scene.frame({frame.begin(), frame.begin() + 96}, frame.size());
  CHECK(has(verdict(scene), "1 ESP packet: 0 opened, 1 cut by the capture"));
  CHECK_FALSE(has(verdict(scene), "bad"));
}

TEST_CASE("report: several captures are counted, standard input is called so, and names are safe to print") {
  Scene several{both_states()}, piped{both_states()}, hostile{both_states()};
  several.files = {"a.pcap", "b.pcap"};
  CHECK(has(verdict(several.frame(plain()).in_file(1).frame(plain())), "2 captures: 2 frames"));
  piped.files = {"-"};
  CHECK(verdict(piped.frame(plain())).rfind("standard input: 1 frame", 0) == 0);
  hostile.files = {"\x1b[31m\n\xff.pcap"};
  CHECK(verdict(hostile.frame(plain())).rfind("\\x1b[31m\\x0a\xef\xbf\xbd.pcap: 1 frame", 0) == 0);
}

TEST_CASE("report: long lists of SAs are folded, in findings and in the table") {
  Scene scene;
  for (std::uint32_t spi = 0; spi < 250; ++spi) scene.frame(sealed_frame(1, inner_ping(1), 0x10000 + spi));
  const std::string text = report(scene);
  CHECK(has(text, "on #1, #2, #3, #4, #5, #6 … (+244): 250 packets on 250 SPIs"));
  CHECK(table(scene).size() == 202);
  CHECK(table(scene).back() == "  … and 50 more (--json has them all)");
}

TEST_CASE("report: flows beyond those told apart are still counted") {
  Scene scene{both_states()};
  for (std::uint32_t spi = 0; spi < 1030; ++spi) scene.frame(sealed_frame(1, inner_ping(1), 0x10000 + spi));
  CHECK(has(verdict(scene), "1024 SAs, 1030 ESP packets: 0 opened, 1030 on unknown SPIs"));
}

TEST_CASE("report: paragraphs keep to 100 columns and the table's columns to each other") {
  Scene scene{both_states()};
  const Octets first = sealed_frame(1, inner_ping(1));
  scene.frame(first).frame(sealed_frame(20000, inner_ping(2))).frame(spoiled(sealed_frame(20001, inner_ping(3))));
  scene.wait(1'000'000'000).frame(first).frame(sealed_reply(1, inner_ping(1)));
  const auto lines = lines_of(report(scene));
  const auto heading = std::find(lines.begin(), lines.end(), "SECURITY ASSOCIATIONS");
  for (auto line = lines.begin(); line != heading; ++line) {
    INFO(*line);
    CHECK(line->size() <= 104);  // bytes: an ellipsis has three
  }
  const auto rows = table(scene);
  REQUIRE(rows.size() == 3);
  const std::size_t spi = rows[0].find("spi "), kernel = rows[0].find("kernel would count"),
                    packets = rows[0].find("packets") + 7;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    CHECK(rows[i].substr(spi, 2) == "0x");
    CHECK(rows[i].substr(kernel, 13) == "replay-window");
    CHECK(rows[i].find_last_of("0123456789", packets) == packets - 1);
  }
}

TEST_CASE("report: the SA of a withheld key is in the table, marked") {
  StateRecord record;
  record.suite = "aead rfc4106(gcm(aes))  128";
  Scene scene{state_text(record)};
  scene.frame(sealed_frame(1, inner_ping(1)));
  CHECK(has(verdict(scene), "1 ESP packet: 0 opened, 1 without a usable key"));
  CHECK(has(table(scene).at(1), "(no key)"));
  CHECK_FALSE(has(table(scene).at(1), "failed"));
}

TEST_CASE("report: an SA whose cipher's key is withheld has verified packets, and none without a key") {
  const std::string integrity = "auth-trunc hmac(sha1) 0x3d9f1c7ae4405b86d2a17f0c95be68e3014c7d92 96";
  const std::string suite = "enc cbc(aes) 0xc4179be2605dfa38917fe3044ab86d15 / " + integrity;
  const Octets esp = seal_esp(seal_from_text(suite), 0x1001, 1, 4, inner_ping(1));
  const Octets frame = ethernet_frame(ipv4_packet("10.9.1.1", "10.9.1.2", 50, esp));
  StateRecord record;
  record.suite = integrity;
  Scene verified{state_text(record)};
  verified.frame(frame);
  CHECK(has(verdict(verified), "1 ESP packet, all verified, none decrypted. Nothing to report."));
  CHECK(has(report(verified), "\nOPENED IN PART\n  #1: verified, not decrypted: the key file names no cipher\n"));
  CHECK_FALSE(has(report(verified), "NOT OPENED"));
  CHECK(has(table(verified).at(1), "(not decrypted)"));
  CHECK(has(table(verified).at(1), "failed 0"));

  record.suite = "enc cbc(aes) 0xc4179be2605dfa38917fe3044ab86d15\n\tauth-trunc hmac(sha1) <<Keys hidden>> 96";
  Scene decrypted{state_text(record)};
  decrypted.frame(frame);
  CHECK(has(verdict(decrypted), "1 ESP packet: 1 opened, 1 of them not verified"));
  CHECK(has(report(decrypted), "\nOPENED IN PART\n  #1: decrypted, ICV not checked: the key file hides the key"));
  CHECK(has(table(decrypted).at(1), "(not verified)"));
  CHECK_FALSE(has(table(decrypted).at(1), "failed"));
  CHECK(has(decrypted.packet_lines().at(0), "NOT VERIFIED  192.168.1.2 > 192.168.2.2"));
}
