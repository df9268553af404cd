#include <algorithm>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/decoding.hpp"
#include "support/reporting.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

const std::string tunnel = "10.9.1.1 > 10.9.1.2";
const std::string ping = "192.168.1.2 > 192.168.2.2  ICMP echo request id 33 seq ";

// The line without frame number and time, which all lines have alike; how far columns are padded has its own test.
std::string rest(const std::string& line) {
  std::string out = line.size() > 17 ? line.substr(17) : line;
  for (std::size_t at = out.find("   "); at != std::string::npos; at = out.find("   ")) out.erase(at, 1);
  return out;
}

std::string only_line(const Scene& scene) {
  const auto lines = scene.packet_lines();
  REQUIRE(lines.size() == 1);
  return rest(lines[0]);
}
// That of the last packet.
std::string last_line(const Scene& scene) { return rest(scene.packet_lines().back()); }

Octets plain_udp() {
  return ethernet_frame(
      ipv4_packet("10.0.0.1", "10.0.0.2", 17, udp_datagram("10.0.0.1", "10.0.0.2", 1000, 2000, Octets(9))));
}
Octets arp() {
  return ethernet_frame(0x0806, unhex("0001 0800 0604 0001 020000000001 0a000002 000000000000 0a000001"));
}

// An ICMP error about `packet`, of which it quotes header and 8 bytes.
Octets too_big(Octets packet, std::uint16_t mtu) {
  packet.resize(28);
  Octets icmp{3, 4, 0, 0, 0, 0, static_cast<std::uint8_t>(mtu >> 8), static_cast<std::uint8_t>(mtu)};
  icmp.insert(icmp.end(), packet.begin(), packet.end());
  return ethernet_frame(ipv4_packet("10.9.1.254", "10.9.1.1", 1, icmp));
}

Octets packet_in(const Octets& frame) { return {frame.begin() + 14, frame.end()}; }

}  // namespace

TEST_CASE("lines: frame number and time since the first frame stand in front") {
  const auto lines = Scene{}.frame(plain_udp()).wait(1'490'000'123).frame(plain_udp()).packet_lines();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].substr(0, 17) == "    1  0.000000  ");
  CHECK(lines[1].substr(0, 17) == "    2  1.500000  ");
}

TEST_CASE("lines: plain packets show ports, protocol and length") {
  CHECK(only_line(Scene{}.frame(plain_udp())) == "10.0.0.1.1000 > 10.0.0.2.2000  UDP, 37 B");
  CHECK(only_line(Scene{}.frame(arp())) == "ARP who-has 10.0.0.1 tell 10.0.0.2, 60 B");
  CHECK(only_line(Scene{}.frame(ethernet_frame(ipv4_packet("10.0.0.1", "10.0.0.2", 253, {1, 2, 3, 4})))) ==
        "10.0.0.1 > 10.0.0.2  IPv4 protocol 253, 24 B");
}

TEST_CASE("lines: a frame of which nothing can be read has a line, too") {
  CHECK(only_line(Scene{}.frame({1, 2, 3})).find("3 B") != std::string::npos);
  CHECK(only_line(Scene{}.link_type(147).frame({1, 2, 3})) == "unreadable, 3 B");
}

TEST_CASE("lines: an opened packet shows SA, number and what was inside") {
  CHECK(only_line(Scene{both_states()}.frame(sealed_frame(1, inner_ping(1)))) ==
        tunnel + "  #1 1  " + ping + "1, 84 B");
}

TEST_CASE("lines: a bad ICV is said, and nothing of the inside") {
  CHECK(only_line(Scene{both_states()}.frame(spoiled(sealed_frame(1, inner_ping(1))))) ==
        tunnel + "  #1 1  BAD ICV  sealed, 120 B");
}

TEST_CASE("lines: a replay names the frame it repeats") {
  Scene scene{both_states()};
  const Octets first = sealed_frame(1, inner_ping(1));
  scene.frame(first).wait(1'000'000'000).frame(first);
  CHECK(last_line(scene) == tunnel + "  #1 1  REPLAY of frame 1  " + ping + "1, 84 B");
}

TEST_CASE("lines: a frame captured twice is no replay") {
  Scene scene{both_states()};
  const Octets first = sealed_frame(1, inner_ping(1));
  scene.frame(first).wait(-9'999'000).frame(first);
  CHECK(last_line(scene).rfind(tunnel + "  #1 1  SEEN ALREADY in frame 1", 0) == 0);
}

TEST_CASE("lines: a packet left of the window is too late") {
  Scene scene{both_states()};
  scene.frame(sealed_frame(1, inner_ping(1)))
      .frame(sealed_frame(100, inner_ping(100)))
      .frame(sealed_frame(2, inner_ping(2)));
  CHECK(last_line(scene) == tunnel + "  #1 2  TOO LATE  " + ping + "2, 84 B");
}

TEST_CASE("lines: an unknown SPI is shown in full, unless without keys all are unknown") {
  const Octets stranger = sealed_frame(44, inner_ping(1), 0xbad5b1);
  const std::string expected = tunnel + "  #1 44  UNKNOWN SPI 0x00bad5b1  sealed, 120 B";
  CHECK(only_line(Scene{both_states()}.frame(stranger)) == expected);
  CHECK(only_line(Scene{}.frame(stranger)) == tunnel + "  #1 44  sealed, 120 B");
}

TEST_CASE("lines: an SA whose key is withheld says NO KEY") {
  StateRecord record;
  record.suite = "aead rfc4106(gcm(aes))  128";
  const std::string line = only_line(Scene{state_text(record)}.frame(sealed_frame(1, inner_ping(1))));
  CHECK(line == tunnel + "  #1 1  NO KEY  sealed, 120 B");
}

TEST_CASE("lines: what the snap length cut says CUT and its length on the wire") {
  Octets frame = sealed_frame(1, inner_ping(1));
  const std::size_t whole = frame.size();
  frame.resize(96);
  CHECK(only_line(Scene{both_states()}.frame(frame, whole)) == tunnel + "  #1 1  CUT  sealed, 120 B");
}

TEST_CASE("lines: BEET is marked, with the addresses inside") {
  StateRecord record;
  record.mode = "beet";
  record.more = "sel src 192.168.7.1/32 dst 192.168.7.2/32 ";
  Scene scene{state_text(record)};
  scene.frame(sealed_frame(7, icmp_echo(9, 3, Octets(56)), 0x1001, 1));
  CHECK(only_line(scene) == tunnel + "  #1 7  BEET  192.168.7.1 > 192.168.7.2  ICMP echo request id 9 seq 3, 84 B");
}

TEST_CASE("lines: verify-only verifies and opens nothing") {
  Scene scene{both_states()};
  scene.decoding.verify_only = true;
  CHECK(only_line(scene.frame(sealed_frame(1, inner_ping(1)))) == tunnel + "  #1 1  verified, 120 B");
}

TEST_CASE("lines: a dummy packet is called one") {
  CHECK(only_line(Scene{both_states()}.frame(sealed_frame(1, Octets(40), 0x1001, 59))) ==
        tunnel + "  #1 1  dummy packet, 76 B");
}

TEST_CASE("lines: IKE shows exchange, direction and message number") {
  Octets ike(28);
  ike[17] = 0x20;
  ike[18] = 35;
  ike[19] = 0x08;
  ike[23] = 1;
  ike[27] = 28;
  const Octets udp = udp_datagram("10.9.1.1", "10.9.1.2", 500, 500, ike);
  CHECK(only_line(Scene{}.frame(ethernet_frame(ipv4_packet("10.9.1.1", "10.9.1.2", 17, udp)))) ==
        "10.9.1.1.500 > 10.9.1.2.500  IKE_AUTH request 1, 56 B");
}

TEST_CASE("lines: IKE that is malformed is called so") {
  Octets ike(32);
  ike[16] = 41;
  ike[17] = 0x20;
  ike[18] = 35;
  ike[19] = 0x08;
  ike[27] = 32;
  ike[31] = 3;
  const Octets udp = udp_datagram("10.9.1.1", "10.9.1.2", 500, 500, ike);
  CHECK(
      only_line(Scene{}.frame(ethernet_frame(ipv4_packet("10.9.1.1", "10.9.1.2", 17, udp)))) ==
      "10.9.1.1.500 > 10.9.1.2.500  IKE_AUTH request 0 [ ], 60 B  MALFORMED: IKE payloads at byte 70: payload of type "
      "41 has length 3, less than its header's 4");
}

TEST_CASE("lines: an ICMP error about a tunnel packet names SA and number") {
  const Octets first = sealed_frame(12, inner_ping(1));
  Scene scene{both_states()};
  scene.frame(first).frame(too_big(packet_in(first), 1400));
  const std::string line = last_line(scene);
  INFO(line);
  CHECK(line.rfind("10.9.1.254 > 10.9.1.1", 0) == 0);
  CHECK(line.find("ICMP fragmentation needed, MTU 1400, about #1 seq 12, frame 1, 56 B") != std::string::npos);
}

TEST_CASE("lines: nested ESP shows both SAs and the innermost packet") {
  const Octets esp = seal_esp(seal_from_text(back_suite), 0x2002, 7, 4, inner_ping(1));
  const Octets middle = ipv4_packet("172.16.0.1", "172.16.0.2", 50, esp);
  const std::string inner_state = state_text({"172.16.0.1", "172.16.0.2", 0x2002, "tunnel", back_suite});
  CHECK(only_line(Scene{state_text({}) + inner_state}.frame(sealed_frame(3, middle))) ==
        tunnel + "  #1 3 #2 7  " + ping + "1, 84 B");
  CHECK(only_line(Scene{state_text({})}.frame(sealed_frame(3, middle))) ==
        tunnel + "  #1 3 #2 7  UNKNOWN SPI 0x00002002  172.16.0.1 > 172.16.0.2  sealed, 120 B");
}

TEST_CASE("lines: on a terminal long addresses of one line do not widen the column of all") {
  const auto long_one = ethernet_frame(
      ipv6_packet("2001:db8:1111:2222::1", "2001:db8:3333:4444::1", 17,
                  udp_datagram("2001:db8:1111:2222::1", "2001:db8:3333:4444::1", 1000, 2000, Octets(9))));
  Scene scene;
  scene.frame(long_one).frame(plain_udp());
  TextOptions options;
  CHECK(scene.packet_lines(options)[1].find("10.0.0.2.2000                    ") != std::string::npos);
  options.columns = 80;
  options.rows = 24;
  CHECK(scene.packet_lines(options)[1].substr(17) == "10.0.0.1.1000 > 10.0.0.2.2000  UDP, 37 B");
  CHECK(scene.packet_lines(options)[0].find("…") != std::string::npos);
}

TEST_CASE("lines: in transport mode a narrow terminal has addresses once") {
  Scene scene{dump_text({"10.9.1.1", "10.9.1.2", 0x1001, "transport"})};
  const auto inner = udp_datagram("10.9.1.1", "10.9.1.2", 1000, 2000, Octets(9));
  scene.frame(esp_frame({"10.9.1.1", "10.9.1.2", 0x1001, "transport"}, 1, inner, 17));
  scene.frame(esp_frame({"10.9.1.1", "10.9.1.2", 0x1001, "transport"}, 2, icmp_echo(33, 1, Octets(9)), 1));
  const auto shown = [&](std::size_t columns, int verbosity = 0) {
    TextOptions options;
    options.columns = columns;
    options.rows = 24;
    options.verbosity = verbosity;
    return scene.packet_lines(options);
  };
  CHECK(rest(shown(80)[0]) == tunnel + "  #1 1  1000 > 2000  UDP, 37 B");
  CHECK(rest(shown(80)[1]).find(tunnel + "  #1 2  ICMP echo request") == 0);
  CHECK(rest(shown(120)[0]) == tunnel + "  #1 1  10.9.1.1.1000 > 10.9.1.2.2000  UDP, 37 B");
  CHECK(rest(shown(80, 1)[0]).find("10.9.1.1.1000 > 10.9.1.2.2000") != std::string::npos);
}

TEST_CASE("lines: columns stay aligned once they have grown") {
  Scene scene{both_states()};
  scene.frame(ethernet_frame(
      ipv4_packet("192.168.100.100", "192.168.200.200", 17, udp_datagram("", "", 40000, 50000, Octets(4)))));
  scene.frame(sealed_frame(1000, inner_ping(1)))
      .frame(sealed_reply(2, inner_ping(2)))
      .frame(sealed_frame(1001, inner_ping(3)));
  const auto lines = scene.packet_lines();
  const std::size_t protocol = lines[0].find("UDP");
  CHECK(lines[1].find("#1 1000") == protocol);
  CHECK(lines[2].find("#2 2") == protocol);
  CHECK(lines[1].find("192.168.1.2") == lines[2].find("192.168.1.2"));
  CHECK(lines[1].find("192.168.1.2") == lines[3].find("192.168.1.2"));
}

TEST_CASE("lines: -v adds SPI, verdict and padding, and each finding") {
  Scene scene{both_states()};
  TextOptions options;
  options.verbosity = 1;
  const auto opened = scene.frame(sealed_frame(1, inner_ping(1))).packet_lines(options);
  CHECK(opened.at(0).find("[esp spi 0x00001001, icv ok, next header 4, pad 2, 120 B]") != std::string::npos);
  const auto bad = scene.frame(spoiled(sealed_frame(2, inner_ping(2)))).packet_lines(options);
  CHECK(bad.at(2).rfind("        icv.bad: ", 0) == 0);
}

TEST_CASE("lines: with several captures each says which it is of") {
  Scene scene{both_states()};
  scene.files = {"a.pcap", "b.pcap"};
  TextOptions options;
  options.many_files = true;
  const auto lines = scene.frame(plain_udp()).in_file(1).frame(plain_udp()).packet_lines(options);
  CHECK(lines.at(0).rfind("    1     1  0.000000  ", 0) == 0);
  CHECK(lines.at(1).rfind("    2     1  0.010000  ", 0) == 0);
}

TEST_CASE("lines: times as -t to -tttt of tcpdump give them") {
  Scene scene{both_states()};
  scene.frame(plain_udp()).frame(plain_udp()).frame(plain_udp());
  const auto beginnings = [&](TimeFormat times) {
    TextOptions options;
    options.times = times;
    std::vector<std::string> out;
    for (const std::string& line : scene.packet_lines(options)) out.push_back(line.substr(0, line.find("10.0.0.1")));
    return out;
  };
  using Lines = std::vector<std::string>;
  CHECK(beginnings(TimeFormat::since_first) == Lines{"    1  0.000000  ", "    2  0.010000  ", "    3  0.020000  "});
  CHECK(beginnings(TimeFormat::none) == Lines{"    1  ", "    2  ", "    3  "});
  // 1,700,000,000 is 2023-11-14 22:13:20.
  CHECK(beginnings(TimeFormat::since_1970) ==
        Lines{"    1 1700000000.000000  ", "    2 1700000000.010000  ", "    3 1700000000.020000  "});
  CHECK(beginnings(TimeFormat::date) == Lines{"    1  2023-11-14 22:13:20.000000  ",
                                              "    2  2023-11-14 22:13:20.010000  ",
                                              "    3  2023-11-14 22:13:20.020000  "});
  CHECK(beginnings(TimeFormat::since_last) == Lines{"    1  0.000000  ", "    2  0.010000  ", "    3  0.010000  "});
}

TEST_CASE("lines: times as far apart as there are") {
  Scene scene{both_states()};
  scene.wait(-Timestamp::furthest - 1'700'000'000'000'000'000).frame(plain_udp());
  scene.wait(2 * Timestamp::furthest - 10'000'000).frame(plain_udp());
  const auto second = [&](TimeFormat times) {
    TextOptions options;
    options.times = times;
    const std::string line = scene.packet_lines(options).at(1);
    return line.substr(0, line.find("10.0.0.1"));
  };
  CHECK(second(TimeFormat::since_first) == "    2 9223372036.854776  ");
  CHECK(second(TimeFormat::since_last) == "    2 9223372036.854776  ");
  CHECK(second(TimeFormat::date) == "    2  2116-02-20 23:53:38.427388  ");
}

TEST_CASE("text: quiet prints the report only") {
  TextOptions quiet;
  quiet.quiet = true;
  const std::string text = Scene{both_states()}.frame(sealed_frame(1, inner_ping(1))).text(quiet);
  CHECK(text.rfind("wire.pcap: 1 frame", 0) == 0);
}

TEST_CASE("text: clean lines, and colour only where it was asked for") {
  Scene scene{both_states()};
  const Octets first = sealed_frame(1, inner_ping(1));
  scene.frame(arp()).frame(plain_udp()).frame(first).frame(spoiled(sealed_frame(2, inner_ping(2))));
  scene.frame(sealed_frame(3, inner_ping(3), 0xbad)).wait(1'000'000'000).frame(first).frame({1, 2, 3});
  scene.frame(sealed_frame(100, inner_ping(1)))
      .frame(sealed_frame(5, inner_ping(2)))
      .frame(sealed_reply(1, inner_ping(3)));
  for (const int verbosity : {0, 1, 2})
    for (const bool hex : {false, true}) {
      const std::string text = scene.text({false, verbosity, hex, false, false});
      REQUIRE_FALSE(text.empty());
      CHECK(text.back() == '\n');
      CHECK(text.find('\x1b') == std::string::npos);
      CHECK(text.find(" \n") == std::string::npos);
      CHECK(text.find("\n\n\n") == std::string::npos);
      const std::string colored = scene.text({false, verbosity, hex, true, false});
      CHECK(colored.find("\x1b[31;1mBAD ICV\x1b[0m") != std::string::npos);
    }
}

TEST_CASE("text: colour says nothing that words do not") {
  Scene scene{both_states()};
  const Octets first = sealed_frame(1, inner_ping(1));
  scene.frame(first).frame(spoiled(sealed_frame(2, inner_ping(2)))).wait(1'000'000'000).frame(first);
  std::string colored = scene.text({false, 2, true, true, false});
  for (std::size_t at = colored.find('\x1b'); at != std::string::npos; at = colored.find('\x1b'))
    colored.erase(at, colored.find('m', at) + 1 - at);
  CHECK(colored == scene.text({false, 2, true, false, false}));
}

namespace {

// A segment of a TCP connection with all these ESP packets in it, whose frames are given.
Octets in_one_segment(const std::vector<Octets>& frames) {
  Octets payload{'I', 'K', 'E', 'T', 'C', 'P'};
  for (const Octets& frame : frames) {
    const Octets esp{frame.begin() + 34, frame.end()};
    payload.insert(payload.end(), {static_cast<std::uint8_t>((esp.size() + 2) >> 8),
                                   static_cast<std::uint8_t>((esp.size() + 2) & 0xff)});
    payload.insert(payload.end(), esp.begin(), esp.end());
  }
  return ethernet_frame(
      ipv4_packet("10.9.1.1", "10.9.1.2", 6, tcp_segment("10.9.1.1", "10.9.1.2", 40000, 4500, payload)));
}
const std::string tcp_tunnel = "10.9.1.1.40000 > 10.9.1.2.4500";

Octets aggfrag_frame(std::uint64_t sequence, const std::vector<Octets>& blocks) {
  Octets payload(4);
  for (const Octets& block : blocks) payload.insert(payload.end(), block.begin(), block.end());
  return sealed_frame(sequence, payload, 0x1001, 144);
}

}  // namespace

TEST_CASE("lines: of several messages in a TCP segment the last one's, and how many more there are") {
  const Octets one = sealed_frame(1, inner_ping(1)), two = sealed_frame(2, inner_ping(2)),
               three = sealed_frame(3, inner_ping(3));
  CHECK(only_line(Scene{both_states()}.frame(in_one_segment({one, two, three}))) ==
        tcp_tunnel + "  #1 3  " + ping + "3, 84 B  (+3 more)");
  CHECK(only_line(Scene{both_states()}.frame(in_one_segment({spoiled(one), one, one, two}))) ==
        tcp_tunnel + "  #1 2  " + ping + "2, 84 B  (+4 more, 1 BAD ICV, 1 REPLAY or LATE)");
  CHECK(only_line(Scene{both_states()}.frame(in_one_segment({one, spoiled(two)}))) ==
        tcp_tunnel + "  #1 2  BAD ICV  sealed, 120 B  (+2 more)");
}

TEST_CASE("lines: of several packets in an AGGFRAG payload the last one's, and how many more there are") {
  CHECK(only_line(Scene{both_states()}.frame(aggfrag_frame(1, {inner_ping(1), inner_ping(2)}))) ==
        tunnel + "  #1 1  " + ping + "2, 84 B  (+1 more)");
  const Octets whole = inner_ping(3);
  const Octets first{whole.begin(), whole.begin() + 30};
  CHECK(only_line(Scene{both_states()}.frame(aggfrag_frame(1, {first}))) ==
        tunnel + "  #1 1  AGGFRAG block offset 0, no packet completed, 68 B");
}
