#include <algorithm>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/reporting.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

// The lines below the first packet line: tree, dump or both.
std::vector<std::string> detail(const Scene& scene, bool tree, bool hex = false) {
  std::vector<std::string> lines = scene.packet_lines({false, tree ? 2 : 0, hex, false, false});
  REQUIRE_FALSE(lines.empty());
  lines.erase(lines.begin());
  return lines;
}

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// Index of the first line from `start` that begins with `text`; the number of lines when there is none.
std::size_t find_line(const std::vector<std::string>& lines, std::string_view text, std::size_t start = 0) {
  for (std::size_t i = start; i < lines.size(); ++i)
    if (lines[i].substr(0, text.size()) == text) return i;
  return lines.size();
}

// Value behind a field name, from `start` on.
std::string value(const std::vector<std::string>& lines, const std::string& name, std::size_t start = 0) {
  const std::size_t line = find_line(lines, "    " + name + " ", start);
  return line == lines.size() ? "-" : lines[line].substr(std::min<std::size_t>(lines[line].size(), 24));
}

std::string beet_state() {
  StateRecord record;
  record.mode = "beet";
  record.more = "sel src 192.168.7.1/32 dst 192.168.7.2/32 ";
  return state_text(record);
}

}  // namespace

TEST_CASE("tree: frame, layers and verdict of a tunnel packet") {
  const auto lines = detail(Scene{both_states()}.frame(sealed_frame(5, inner_ping(2))), true);
  CHECK(lines.at(0) == "  Frame");
  CHECK(value(lines, "time") == "1700000000.000000000");
  CHECK(value(lines, "length") == "154 on the wire, 154 captured");
  const std::size_t esp = find_line(lines, "  Encapsulating Security Payload"),
                    opened = find_line(lines, "  -- decrypted --");
  REQUIRE(esp < opened);
  REQUIRE(opened < lines.size());
  CHECK(value(lines, "spi", esp) == "0x00001001");
  CHECK(value(lines, "seq", esp) == "5");
  CHECK(value(lines, "sa", esp) == "#1 (tunnel mode)");
  CHECK(value(lines, "icv", esp) == "ok");
  CHECK(value(lines, "next_header", esp) == "4");
  CHECK(value(lines, "pad_length", esp) == "2");
  CHECK(value(lines, "source", opened) == "192.168.1.2");
  CHECK(find_line(lines, "  ICMP", opened) < lines.size());
  CHECK(value(lines, "length", find_line(lines, "  Payload")) == "56 bytes");
}

TEST_CASE("tree: of a BEET packet exactly the rebuilt header's fields are marked") {
  const auto lines = detail(Scene{beet_state()}.frame(sealed_frame(1, icmp_echo(9, 3, Octets(56)), 0x1001, 1)), true);
  const std::size_t banner = find_line(lines, "  -- rebuilt"), icmp = find_line(lines, "  ICMP");
  REQUIRE(banner < icmp);
  REQUIRE(icmp < lines.size());
  CHECK(lines.at(banner + 1) == "  IPv4");
  for (std::size_t i = 0; i < lines.size(); ++i) {
    INFO(lines[i]);
    CHECK(ends_with(lines[i], "[rebuilt]") == (i > banner + 1 && i < icmp));
  }
  CHECK(value(lines, "source", banner) == "192.168.7.1  [rebuilt]");
}

TEST_CASE("tree: of a tunnel packet nothing is marked rebuilt") {
  for (const std::string& line : detail(Scene{both_states()}.frame(sealed_frame(1, inner_ping(1))), true))
    CHECK(line.find("rebuilt") == std::string::npos);
}

TEST_CASE("tree: a reassembled packet says where its bytes come from") {
  const Octets esp = seal_esp(seal_from_text(gcm_suite), 0x1001, 1, 4, inner_ping(1));
  Ipv4Options first, second;
  first.id = second.id = 5;
  first.mf = true;
  second.offset = 80;
  Scene scene{both_states()};
  scene.frame(ethernet_frame(ipv4_packet("10.9.1.1", "10.9.1.2", 50, {esp.begin(), esp.begin() + 80}, first)));
  scene.frame(ethernet_frame(ipv4_packet("10.9.1.1", "10.9.1.2", 50, {esp.begin() + 80, esp.end()}, second)));
  const std::string text = scene.text({false, 2, true, false, false});
  const std::size_t joined = text.find("  -- reassembled from fragments --"), opened = text.find("  -- decrypted --");
  CHECK(joined != std::string::npos);
  CHECK(joined < opened);
  CHECK(opened != std::string::npos);
  CHECK(text.find("  140 bytes reassembled from fragments\n") != std::string::npos);
}

TEST_CASE("tree: a malformed layer is marked, and what is wrong said") {
  Octets tcp = tcp_segment("10.0.0.1", "10.0.0.2", 1, 2, {});
  tcp[12] = 0x10;  // a header of 4 bytes
  const auto lines = detail(Scene{}.frame(ethernet_frame(ipv4_packet("10.0.0.1", "10.0.0.2", 6, tcp))), true);
  CHECK(
      std::any_of(lines.begin(), lines.end(), [](const std::string& line) { return ends_with(line, "(malformed)"); }));
  const std::size_t finding = find_line(lines, "  packet.malformed: ");
  REQUIRE(finding < lines.size());
  CHECK(lines[finding].find("TCP") != std::string::npos);
}

TEST_CASE("tree: what cannot be opened says which verdict it got") {
  Scene bad{both_states()}, unknown, cut{both_states()};
  const Octets frame = sealed_frame(1, inner_ping(1));
  const auto of_bad = detail(bad.frame(spoiled(frame)), true);
  CHECK(value(of_bad, "icv") == "bad");
  CHECK(find_line(of_bad, "  icv.bad: ") < of_bad.size());
  CHECK(find_line(of_bad, "  --") == of_bad.size());
  const auto of_unknown = detail(unknown.frame(frame), true);
  CHECK(value(of_unknown, "sa") == "#1, no keys for it");
  CHECK(value(of_unknown, "icv") == "unchecked: no SA is loaded for this destination and SPI");
  const auto of_cut = detail(cut.frame(Octets(frame.begin(), frame.begin() + 90), frame.size()), true);
  CHECK(value(of_cut, "length") == "154 on the wire, 90 captured");
  CHECK(value(of_cut, "icv") == "unchecked: cut by the capture");
}

TEST_CASE("tree: a quoted packet is marked as quoted") {
  Octets icmp{3, 3, 0, 0, 0, 0, 0, 0};
  const Octets quoted = ipv4_packet("10.0.0.1", "10.0.0.2", 17, udp_datagram("10.0.0.1", "10.0.0.2", 1, 2, {}));
  icmp.insert(icmp.end(), quoted.begin(), quoted.end());
  const auto lines = detail(Scene{}.frame(ethernet_frame(ipv4_packet("10.0.0.2", "10.0.0.1", 1, icmp))), true);
  CHECK(find_line(lines, "  IPv4 (quoted)") < lines.size());
  CHECK(find_line(lines, "  UDP (quoted)") < lines.size());
}

TEST_CASE("tree: values of all fields stand in one column") {
  const auto lines = detail(Scene{both_states()}.frame(sealed_frame(1, inner_ping(1))), true);
  for (const std::string& line : lines) {
    if (line.substr(0, 4) != "    ") continue;
    INFO(line);
    REQUIRE(line.size() > 24);
    CHECK(line[23] == ' ');
    CHECK(line[24] != ' ');
  }
}

TEST_CASE("hex: every buffer once, sixteen bytes a line") {
  const auto lines = detail(Scene{both_states()}.frame(sealed_frame(1, inner_ping(1))), false, true);
  CHECK(lines.at(0) == "  154 bytes as captured");
  CHECK(lines.at(1) == "    0x0000:  0200 0000 0002 0200 0000 0001 0800 4500  ..............E.");
  const std::size_t opened = find_line(lines, "  84 bytes decrypted");
  REQUIRE(opened == 11);
  CHECK(lines.size() == 18);
  CHECK(lines.at(13) == "    0x0010:  c0a8 0202 0800 5137 0021 0001 6161 6161  ......Q7.!..aaaa");
  CHECK(lines.back() == "    0x0050:  6161 6161                                aaaa");
}

TEST_CASE("hex: an empty frame has a heading and no rows") {
  const auto lines = detail(Scene{}.frame({}), false, true);
  CHECK(lines == std::vector<std::string>{"  0 bytes as captured"});
}

TEST_CASE("tree: traffic flow confidentiality padding is told with its length") {
  Octets padded = inner_ping(1);
  padded.resize(padded.size() + 100);
  CHECK(value(detail(Scene{both_states()}.frame(sealed_frame(1, padded)), true), "tfc_padding") == "100 bytes");
  Octets udp = udp_datagram("10.9.1.1", "10.9.1.2", 1, 2, Octets(10));
  udp.resize(udp.size() + 30);
  StateRecord record;
  record.mode = "transport";
  const auto lines = detail(Scene{state_text(record)}.frame(sealed_frame(1, udp, 0x1001, 17)), true);
  CHECK(value(lines, "tfc_padding") == "30 bytes");
  CHECK(value(detail(Scene{both_states()}.frame(sealed_frame(1, inner_ping(1))), true), "tfc_padding") == "-");
}

TEST_CASE("tree: packets side by side stand with their payloads, each with where its bytes come from") {
  const Octets whole = inner_ping(3);
  const auto frame = [&](std::uint64_t sequence, std::uint8_t offset, std::size_t from, std::size_t to, bool more) {
    Octets payload{0, 0, 0, offset};
    payload.insert(payload.end(), whole.begin() + static_cast<std::ptrdiff_t>(from),
                   whole.begin() + static_cast<std::ptrdiff_t>(to));
    if (more) payload.insert(payload.end(), whole.begin(), whole.end());
    return sealed_frame(sequence, payload, 0x1001, 144);
  };
  Scene scene{both_states()};
  scene.frame(frame(1, 0, 0, 30, false)).frame(frame(2, static_cast<std::uint8_t>(whole.size() - 30), 30, 84, true));
  const auto lines = lines_of(scene.text({false, 2, false, false, false}));
  const std::size_t joined = find_line(lines, "  -- decrypted, reassembled from several ESP packets --");
  REQUIRE(joined < lines.size());
  const std::size_t second = find_line(lines, "  -- decrypted --", joined);
  CHECK(second < lines.size());
  CHECK(find_line(lines, "  Payload", joined) < second);
  CHECK(find_line(lines, "  Payload", second) < lines.size());
}
