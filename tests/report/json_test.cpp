#include <rapidjson/document.h>

#include <deque>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/reporting.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

using Object = rapidjson::Document;

// Every line, parsed; a line that is no JSON object of its own fails the test.
std::deque<Object> objects_of(const std::string& text) {
  std::deque<Object> out;
  REQUIRE_FALSE(text.empty());
  REQUIRE(text.back() == '\n');
  for (const std::string& line : lines_of(text)) {
    INFO(line);
    out.emplace_back().Parse(line.data(), line.size());
    REQUIRE_FALSE(out.back().HasParseError());
    REQUIRE(out.back().IsObject());
    REQUIRE(out.back()["type"].IsString());
  }
  return out;
}

std::vector<const Object*> of_type(const std::deque<Object>& objects, std::string_view type) {
  std::vector<const Object*> out;
  for (const Object& object : objects)
    if (object["type"].GetString() == type) out.push_back(&object);
  return out;
}

std::string text(const rapidjson::Value& value) { return value.IsString() ? value.GetString() : "(no string)"; }
// Not by ==: of rapidjson 1.1 and an integer it calls itself without end in C++20.
std::uint64_t number(const rapidjson::Value& value) { return value.IsUint64() ? value.GetUint64() : ~std::uint64_t{0}; }
std::string list(const rapidjson::Value& value) {
  std::string out;
  for (const auto& element : value.GetArray()) out += (out.empty() ? "" : " ") + text(element);
  return out;
}

constexpr std::string_view encapsulated = "encap type espinudp sport 4500 dport 4500 addr 0.0.0.0";

}  // namespace

TEST_CASE("json: an opened ESP packet has the fields of the contract") {
  const auto all = objects_of(Scene{both_states()}.frame(sealed_frame(3, inner_ping(1))).json());
  const Object& packet = *of_type(all, "packet").at(0);
  CHECK(number(packet["frame"]) == 1);
  CHECK(text(packet["time"]) == "1700000000.000000000");
  CHECK(number(packet["length"]) == 154);
  CHECK(text(packet["src"]) == "10.9.1.1");
  CHECK(text(packet["dst"]) == "10.9.1.2");
  CHECK(list(packet["layers"]) == "ethernet ipv4 esp ipv4 icmp");
  CHECK_FALSE(packet.HasMember("file"));
  REQUIRE(packet["ipsec"].Size() == 1);
  const auto& record = packet["ipsec"][0];
  CHECK(text(record["protocol"]) == "esp");
  CHECK(text(record["src"]) == "10.9.1.1");
  CHECK(text(record["dst"]) == "10.9.1.2");
  CHECK(text(record["spi"]) == "0x00001001");
  CHECK(number(record["seq"]) == 3);
  CHECK(number(record["sa"]) == 1);
  CHECK(text(record["icv"]) == "ok");
  CHECK(record["decrypted"].IsTrue());
  CHECK(number(record["next_header"]) == 4);
  CHECK_FALSE(record.HasMember("encapsulation"));
  const auto& inner = packet["inner"];
  CHECK(text(inner["src"]) == "192.168.1.2");
  CHECK(text(inner["dst"]) == "192.168.2.2");
  CHECK(text(inner["protocol"]) == "icmp");
  CHECK(number(inner["length"]) == 84);
  CHECK_FALSE(inner.HasMember("sport"));
  CHECK(packet["findings"].Empty());
}

TEST_CASE("json: a packet without IPsec has neither ipsec nor inner") {
  Scene scene{both_states()};
  scene.frame(
      ethernet_frame(ipv4_packet("10.0.0.1", "10.0.0.2", 17, udp_datagram("10.0.0.1", "10.0.0.2", 9, 10, {1, 2}))));
  scene.frame(ethernet_frame(0x88b5, {1, 2, 3}));
  const auto all = objects_of(scene.json());
  const auto packets = of_type(all, "packet");
  REQUIRE(packets.size() == 2);
  for (const char* absent : {"ipsec", "inner", "ike"}) CHECK_FALSE(packets[0]->HasMember(absent));
  CHECK(list((*packets[0])["layers"]) == "ethernet ipv4 udp");
  CHECK_FALSE(packets[1]->HasMember("src"));
  CHECK(number((*packets[1])["frame"]) == 2);
  CHECK(text((*packets[1])["time"]) == "1700000000.010000000");
}

TEST_CASE("json: UDP encapsulation is named, and inner ports are numbers") {
  const Octets inner =
      ipv4_packet("192.168.1.2", "192.168.2.2", 6, tcp_segment("192.168.1.2", "192.168.2.2", 50000, 80, {}));
  const Octets esp = seal_esp(seal_from_text(gcm_suite), 0x1001, 1, 4, inner);
  const Octets udp = udp_datagram("", "", 4500, 4500, esp);
  StateRecord record;
  record.more = encapsulated;
  const auto all =
      objects_of(Scene{state_text(record)}.frame(ethernet_frame(ipv4_packet("10.9.1.1", "10.9.1.2", 17, udp))).json());
  const Object& packet = *of_type(all, "packet").at(0);
  REQUIRE(packet["ipsec"].Size() == 1);
  CHECK(text(packet["ipsec"][0]["encapsulation"]) == "udp");
  CHECK(number(packet["inner"]["sport"]) == 50000);
  CHECK(number(packet["inner"]["dport"]) == 80);
  CHECK(text(of_type(all, "sa").at(0)->FindMember("encapsulation")->value) == "udp");
}

TEST_CASE("json: nested packets have one record each, outermost first") {
  const Octets esp = seal_esp(seal_from_text(back_suite), 0x2002, 7, 4, inner_ping(1));
  const Octets middle = ipv4_packet("172.16.0.1", "172.16.0.2", 50, esp);
  const std::string keys = state_text({}) + state_text({"172.16.0.1", "172.16.0.2", 0x2002, "tunnel", back_suite});
  const auto all = objects_of(Scene{keys}.frame(sealed_frame(1, middle)).json());
  const Object& packet = *of_type(all, "packet").at(0);
  REQUIRE(packet["ipsec"].Size() == 2);
  CHECK(text(packet["ipsec"][0]["spi"]) == "0x00001001");
  CHECK(text(packet["ipsec"][1]["spi"]) == "0x00002002");
  CHECK(text(packet["ipsec"][1]["src"]) == "172.16.0.1");
  CHECK(number(packet["ipsec"][1]["seq"]) == 7);
  CHECK(text(packet["inner"]["src"]) == "192.168.1.2");
}

TEST_CASE("json: BEET shows the rebuilt addresses, transport mode those outside") {
  StateRecord beet;
  beet.mode = "beet";
  beet.more = "sel src 192.168.7.1/32 dst 192.168.7.2/32 ";
  const auto ping = sealed_frame(1, icmp_echo(1, 1, Octets(8)), 0x1001, 1);
  const auto rebuilt = objects_of(Scene{state_text(beet)}.frame(ping).json());
  const Object& packet = *of_type(rebuilt, "packet").at(0);
  CHECK(text(packet["inner"]["src"]) == "192.168.7.1");
  CHECK(text(packet["inner"]["dst"]) == "192.168.7.2");
  CHECK(number(packet["inner"]["length"]) == 36);
  CHECK(text(of_type(rebuilt, "sa").at(0)->FindMember("mode")->value) == "beet");
  StateRecord transport;
  transport.mode = "transport";
  const auto carried = objects_of(Scene{state_text(transport)}.frame(ping).json());
  const auto& inner = (*of_type(carried, "packet").at(0))["inner"];
  CHECK(text(inner["src"]) == "10.9.1.1");
  CHECK(text(inner["protocol"]) == "icmp");
  CHECK(number(inner["length"]) == 36);
}

TEST_CASE("json: what could not be opened says why") {
  Scene scene{both_states()};
  scene.frame(sealed_frame(1, inner_ping(1))).frame(spoiled(sealed_frame(2, inner_ping(2))));
  Octets cut = sealed_frame(3, inner_ping(3));
  const std::size_t whole = cut.size();
  cut.resize(80);
  scene.frame(cut, whole).frame(sealed_frame(4, inner_ping(4), 0xbad5b1));
  const auto all = objects_of(scene.json());
  const auto packets = of_type(all, "packet");
  REQUIRE(packets.size() == 4);
  const auto record = [&](std::size_t i) -> const rapidjson::Value& { return (*packets[i])["ipsec"][0]; };
  CHECK(text(record(1)["icv"]) == "bad");
  CHECK(text(record(2)["icv"]) == "unchecked");
  CHECK(text(record(3)["icv"]) == "unchecked");
  CHECK(text(record(3)["spi"]) == "0x00bad5b1");
  for (std::size_t i = 1; i < 4; ++i) {
    CHECK(record(i)["decrypted"].IsFalse());
    CHECK_FALSE(record(i).HasMember("next_header"));
    CHECK_FALSE(packets[i]->HasMember("inner"));
  }
  CHECK(list((*packets[1])["findings"]) == "icv.bad");
  CHECK(number((*packets[2])["length"]) == whole);
}

TEST_CASE("json: a finding follows the packet that completed it") {
  Scene scene{both_states()};
  const Octets first = sealed_frame(1, inner_ping(1));
  scene.frame(first).frame(sealed_frame(2, inner_ping(2))).wait(1'000'000'000).frame(first);
  const auto all = objects_of(scene.json());
  REQUIRE(all.size() > 4);
  CHECK(text(all[2]["type"]) == "packet");
  CHECK(text(all[3]["type"]) == "finding");
  CHECK(text(all[3]["code"]) == "replay.duplicate");
  CHECK(text(all[3]["severity"]) == "error");
  CHECK(number(all[3]["frame"]) == 3);
  CHECK(number(all[3]["sa"]) == 1);
  CHECK_FALSE(text(all[3]["message"]).empty());
  CHECK_FALSE(text(all[3]["remedy"]).empty());
}

TEST_CASE("json: an SA line has the numbers of the contract") {
  Scene scene{both_states()};
  const Octets first = sealed_frame(1, inner_ping(1));
  scene.frame(first).frame(sealed_frame(4, inner_ping(4))).frame(spoiled(sealed_frame(5, inner_ping(5))));
  scene.wait(1'000'000'000).frame(first);
  const auto all = objects_of(scene.json());
  const auto sas = of_type(all, "sa");
  REQUIRE(sas.size() == 2);
  const Object& sa = *sas[0];
  CHECK(number(sa["id"]) == 1);
  CHECK(text(sa["spi"]) == "0x00001001");
  CHECK(text(sa["protocol"]) == "esp");
  CHECK(text(sa["mode"]) == "tunnel");
  CHECK(text(sa["encryption"]) == "rfc4106(gcm(aes))");
  CHECK(sa["esn"].IsFalse());
  CHECK(number(sa["replay_window"]) == 32);
  const std::vector<std::pair<const char*, std::uint64_t>> numbers = {
      {"packets", 4},   {"decrypted", 3},   {"icv_ok", 3},     {"icv_bad", 1},   {"replayed", 1}, {"lost", 2},
      {"reordered", 0}, {"first_frame", 1}, {"last_frame", 4}, {"first_seq", 1}, {"last_seq", 4}, {"bytes", 480}};
  for (const auto& [name, value] : numbers) {
    INFO(name);
    CHECK(number(sa[name]) == value);
  }
  CHECK(number(sa["kernel"]["replay_window"]) == 0);
  CHECK(number(sa["kernel"]["replay"]) == 1);
  CHECK(number(sa["kernel"]["failed"]) == 1);
}

TEST_CASE("json: a loaded SA without traffic stands behind the others") {
  const auto all = objects_of(Scene{both_states()}.frame(sealed_frame(1, inner_ping(1))).json());
  const auto sas = of_type(all, "sa");
  REQUIRE(sas.size() == 2);
  CHECK(number((*sas[1])["id"]) == 2);
  CHECK(text((*sas[1])["src"]) == "10.9.1.2");
  CHECK(number((*sas[1])["packets"]) == 0);
}

TEST_CASE("json: the summary is the last line") {
  Scene scene{both_states()};
  scene.frame(sealed_frame(1, inner_ping(1)))
      .frame(spoiled(sealed_frame(2, inner_ping(2))))
      .frame(spoiled(sealed_frame(3, inner_ping(3))));
  const auto all = objects_of(scene.json());
  CHECK(of_type(all, "summary").size() == 1);
  const Object& summary = all.back();
  CHECK(text(summary["type"]) == "summary");
  CHECK(list(summary["files"]) == "wire.pcap");
  CHECK(number(summary["frames"]) == 3);
  CHECK(number(summary["esp"]) == 3);
  CHECK(number(summary["ike"]) == 0);
  CHECK(number(summary["decrypted"]) == 1);
  CHECK(number(summary["findings"]["icv.bad"]) == 2);
  CHECK(summary["truncated"].IsFalse());
}

TEST_CASE("json: an empty capture still has a summary") {
  const auto all = objects_of(Scene{}.json());
  REQUIRE(all.size() == 1);
  CHECK(number(all[0]["frames"]) == 0);
  CHECK(all[0]["findings"].ObjectEmpty());
}

TEST_CASE("json: quiet leaves out packets and nothing else") {
  Scene scene{both_states()};
  scene.frame(sealed_frame(1, inner_ping(1))).frame(spoiled(sealed_frame(2, inner_ping(2))));
  std::string without;
  for (const std::string& line : lines_of(scene.json()))
    if (line.find("\"type\":\"packet\"") == std::string::npos) without += line + "\n";
  CHECK(scene.json(true) == without);
}

TEST_CASE("json: hostile file names stay inside their string") {
  const std::string names[] = {"a\"b\\c.pcap", std::string("nul\0\x01\x1b[31m\n.pcap", 17), "not utf-8 \xff\xc3.pcap",
                               "\xed\xa0\x80"};
  for (const std::string& name : names) {
    Scene scene{both_states()};
    scene.files = {name, "other.pcap"};
    scene.frame(sealed_frame(1, inner_ping(1))).frame(spoiled(sealed_frame(2, inner_ping(2))));
    const std::string out = scene.json();
    for (const char byte : out) CHECK((byte == '\n' || static_cast<unsigned char>(byte) >= 0x20));
    const auto all = objects_of(out);
    const auto& file = (*of_type(all, "packet").at(0))["file"];
    CHECK(file.IsString());
    CHECK(text(all.back()["files"][0]) == text(file));
  }
}

TEST_CASE("json: with several captures packets and findings name theirs") {
  Scene scene{both_states()};
  scene.files = {"a.pcap", "b.pcap"};
  scene.frame(sealed_frame(1, inner_ping(1))).in_file(1).frame(spoiled(sealed_frame(2, inner_ping(2))));
  const auto all = objects_of(scene.json());
  const auto packets = of_type(all, "packet");
  CHECK(text((*packets[0])["file"]) == "a.pcap");
  CHECK(text((*packets[1])["file"]) == "b.pcap");
  CHECK(number((*packets[1])["frame"]) == 1);
  CHECK(text((*of_type(all, "finding").at(0))["file"]) == "b.pcap");
}

TEST_CASE("json: no key is ever printed") {
  Scene scene{both_states()};
  scene.frame(sealed_frame(1, inner_ping(1))).frame(spoiled(sealed_frame(2, inner_ping(2))));
  const std::string out = scene.json() + scene.text({}) + scene.text({false, 2, true, false, false});
  // Half of each key, as hexadecimal with and without the gaps of a dump.
  for (const char* part : {"7c1f0e9a", "d2493ab0", "7c1f 0e9a", "d249 3ab0", "4e6a91d3", "09fe4b17"})
    CHECK(out.find(part) == std::string::npos);
}

TEST_CASE("json: an IKE message has its header as an object") {
  Octets ike(28);
  for (std::size_t i = 0; i < 8; ++i) ike[i] = static_cast<std::uint8_t>(0xa0 + i);
  ike[17] = 0x20;
  ike[18] = 34;
  ike[19] = 0x08;
  ike[27] = 28;
  const Octets udp = udp_datagram("10.9.1.1", "10.9.1.2", 500, 500, ike);
  const auto all = objects_of(Scene{}.frame(ethernet_frame(ipv4_packet("10.9.1.1", "10.9.1.2", 17, udp))).json());
  const Object& packet = *of_type(all, "packet").at(0);
  REQUIRE(packet.HasMember("ike"));
  CHECK(text(packet["ike"]["initiator_spi"]) == "a0a1a2a3a4a5a6a7");
  CHECK(text(packet["ike"]["responder_spi"]) == "0000000000000000");
  CHECK(text(packet["ike"]["exchange"]) == "IKE_SA_INIT");
  CHECK(number(packet["ike"]["message_id"]) == 0);
  CHECK(packet["ike"]["response"].IsFalse());
  CHECK(packet["ike"]["decrypted"].IsFalse());
  CHECK(number(all.back()["ike"]) == 1);
}
