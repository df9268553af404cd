#include <espdump/wire/ikev2_payloads.hpp>

#include <fmt/core.h>

#include "support/catch.hpp"
#include "support/random.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::wire;
using namespace espdump::test;

namespace {

// "type@offset:size" of each payload, then the error and where it is.
std::string walk(std::uint8_t first, const std::vector<std::uint8_t>& bytes) {
  IkePayloadChain chain{first, bytes};
  std::string out;
  while (const auto payload = chain.next())
    out += fmt::format("{}@{}:{} ", payload->type, payload->offset, payload->body.size());
  return chain.error().empty() ? out : fmt::format("{}| {} at {}", out, chain.error(), chain.offset());
}
std::string walk(std::uint8_t first, const std::string& hex) { return walk(first, unhex(hex)); }

std::string proposals(const std::string& hex) {
  const auto bytes = unhex(hex);
  const auto read = read_ike_proposals(bytes);
  std::string out;
  for (const IkeProposal& proposal : read.list) {
    out += fmt::format("{} protocol {} spi {} at {}+{}:", proposal.number, proposal.protocol, proposal.spi.size(),
                       proposal.offset, proposal.size);
    for (const IkeTransform& it : proposal.transforms) out += fmt::format(" {}/{}/{}", it.type, it.id, it.key_bits);
    out += '\n';
  }
  return out + read.error;
}

std::string selectors(const std::string& hex) {
  const auto read = read_traffic_selectors(unhex(hex));
  if (!read) return "none";
  std::string out;
  for (const TrafficSelector& ts : *read) out += (out.empty() ? "" : " ") + to_string(ts);
  return out;
}

std::string identity(std::uint8_t type, std::string_view text) { return identity_text({type, bytes_of(text)}); }

const std::string gcm = "0300000c 01000014 800e0100", prf = "03000008 02000006", group = "00000008 04000014";
const std::string esn = "00000008 05000000";

}  // namespace

TEST_CASE("ike chain: payloads come one by one with their places") {
  CHECK(walk(33, "22000008 aabbccdd 28000006 1122 00000004") == "33@0:4 34@8:2 40@14:0 ");
}

TEST_CASE("ike chain: nothing is in an empty one, or behind the last") {
  CHECK(walk(0, "") == "");
  CHECK(walk(0, "22000004") == "");
  const auto bytes = unhex("00000004 ffffffff");
  IkePayloadChain chain{41, bytes};
  REQUIRE(chain.next());
  CHECK_FALSE(chain.next());
  CHECK(chain.error().empty());
  CHECK(chain.offset() == 4);
}

TEST_CASE("ike chain: the critical bit is that bit alone") {
  for (const auto& [flags, critical] : {std::pair{"00", false}, {"80", true}, {"7f", false}, {"ff", true}}) {
    const auto bytes = unhex(std::string{"00"} + flags + "0004");
    CHECK(IkePayloadChain(41, bytes).next()->critical == critical);
  }
}

TEST_CASE("ike chain: an encrypted payload ends it and names the first payload inside") {
  for (const std::uint8_t type : {ike_payload::encrypted, ike_payload::encrypted_fragment}) {
    const auto bytes = unhex("23000008 01020304 00000004");
    IkePayloadChain chain{type, bytes};
    CHECK(chain.next_type() == type);
    const auto payload = chain.next();
    REQUIRE(payload);
    CHECK(payload->next == 35);
    CHECK_FALSE(chain.next());
    CHECK(chain.error().empty());
    CHECK(chain.offset() == 8);
  }
}

TEST_CASE("ike chain: a payload of length 0 to 3 ends it with an error") {
  for (int length = 0; length < 4; ++length)
    CHECK(walk(41, fmt::format("21000004 0000000{}", length)) ==
          fmt::format("41@0:0 | payload of type 33 has length {}, less than its header's 4 at 4", length));
}

TEST_CASE("ike chain: a payload longer than what is there ends it with an error") {
  CHECK(walk(41, "00000004") == "41@0:0 ");
  CHECK(walk(41, "00000005") == "| payload of type 41 has length 5, 4 bytes are there at 0");
  CHECK(walk(41, "0000ffff 00") == "| payload of type 41 has length 65535, 5 bytes are there at 0");
}

TEST_CASE("ike chain: a header of less than 4 bytes ends it with an error") {
  CHECK(walk(41, "") == "| payload of type 41: its header needs 4 bytes, 0 are there at 0");
  CHECK(walk(41, "29000004 290000") == "41@0:0 | payload of type 41: its header needs 4 bytes, 3 are there at 4");
}

TEST_CASE("ike chain: once broken it stays so") {
  const auto bytes = unhex("29000003 00000004");
  IkePayloadChain chain{41, bytes};
  CHECK_FALSE(chain.next());
  const std::string error = chain.error();
  CHECK_FALSE(chain.next());
  CHECK(chain.error() == error);
  CHECK(chain.offset() == 0);
}

TEST_CASE("ike chain: as many payloads as fit are read, each once") {
  std::vector<std::uint8_t> bytes;
  for (int i = 0; i < 20000; ++i) bytes.insert(bytes.end(), {41, 0, 0, 4});
  IkePayloadChain chain{41, bytes};
  std::size_t count = 0;
  while (chain.next()) ++count;
  CHECK(count == 20000);
  CHECK(chain.offset() == bytes.size());
}

TEST_CASE("ike proposals: transforms and key lengths are read, with and without an SPI") {
  CHECK(proposals("02000024 01010003" + gcm + prf + group + "0000001c 02030401 c1234567" + "00000010 0100000c" +
                  "800e0080 800e0100") ==
        "1 protocol 1 spi 0 at 0+36: 1/20/256 2/6/0 4/20/0\n2 protocol 3 spi 4 at 36+28: 1/12/256\n");
}

TEST_CASE("ike proposals: other attributes are passed over, of both forms") {
  CHECK(proposals("0000001a 01010001 00000012 0100000c 0001 0002 aabb 800e 0080") ==
        "1 protocol 1 spi 0 at 0+26: 1/12/128\n");
  // The key length has the short form only.
  CHECK(proposals("00000016 01010001 0000000e 0100000c 000e 0002 0080") == "1 protocol 1 spi 0 at 0+22: 1/12/0\n");
}

TEST_CASE("ike proposals: a proposal without transforms is one") {
  CHECK(proposals("00000008 01030000") == "1 protocol 3 spi 0 at 0+8:\n");
}

TEST_CASE("ike proposals: those before one that is broken are kept") {
  const std::string good = "02000010 01010001" + esn;
  const std::string read = "1 protocol 1 spi 0 at 0+16: 5/0/0\n";
  CHECK(proposals(good + "00000010 02010001" + esn) == read + "2 protocol 1 spi 0 at 16+16: 5/0/0\n");
  CHECK(proposals(good + "00000010 020100") == read + "a proposal needs 8 bytes, 7 are there");
  CHECK(proposals(good + "00000007 02010001") == read + "a proposal has length 7, 8 bytes are there");
  CHECK(proposals(good + "00000011 02010001" + esn) == read + "a proposal has length 17, 16 bytes are there");
  CHECK(proposals(good + "00000010 02010901" + esn) == read + "a proposal's SPI has 9 bytes, 8 are there");
  CHECK(proposals(good) == "the last proposal says that another one follows");
  CHECK(proposals("00000010 01010001" + esn + "00") == "1 bytes stand behind the last proposal");
}

TEST_CASE("ike proposals: transforms must fit, and be as many as the proposal says") {
  CHECK(proposals("00000010 01010002" + esn) == "a proposal says that it has 2 transforms, it has 1");
  CHECK(proposals("00000010 01010000" + esn) == "a proposal says that it has 0 transforms, it has more");
  CHECK(proposals("00000018 01010001" + prf + esn) == "a proposal says that it has 1 transforms, it has more");
  CHECK(proposals("00000010 01010001" + prf) == "the last transform says that another one follows");
  CHECK(proposals("00000018 01010002" + esn + esn) == "8 bytes stand behind the last transform");
  CHECK(proposals("0000000f 01010001 00000008 050000") == "a transform needs 8 bytes, 7 are there");
  CHECK(proposals("00000010 01010001 00000007 05000000") == "a transform has length 7, 8 bytes are there");
  CHECK(proposals("00000010 01010001 00000009 05000000") == "a transform has length 9, 8 bytes are there");
}

TEST_CASE("ike proposals: an attribute must fit into its transform") {
  for (const char* attributes : {"80", "800e", "800e01", "000e0001"})
    CHECK(proposals(fmt::format("000000{:02x} 01010001 000000{:02x} 0100000c", 16 + unhex(attributes).size(),
                                8 + unhex(attributes).size()) +
                    attributes) == "an attribute of a transform does not fit into it");
}

TEST_CASE("ike proposals: no more than wanted are read") {
  std::string many;
  for (int i = 0; i < 200; ++i) many += "02000008 01010000";
  const auto bytes = unhex(many + "00000008 01010000");
  const auto read = read_ike_proposals(bytes);
  CHECK(read.list.size() == 128);
  CHECK(read.error == "there are more than 128 proposals");
  CHECK(read_ike_proposals(bytes, 201).error.empty());
  CHECK(read_ike_proposals(unhex("00000010 01010001" + esn), 128, 0).error ==
        "a proposal has 1 transforms, more than 0");
  CHECK(proposals("") == "there is no proposal");
}

TEST_CASE("ike bodies: each needs its fixed bytes") {
  const auto bytes = unhex("0014 0000 aabb");
  for (std::size_t size = 0; size < 4; ++size) {
    CHECK_FALSE(read_ike_key_exchange(Bytes{bytes}.first(size)));
    CHECK_FALSE(read_ike_identity(Bytes{bytes}.first(size)));
    CHECK_FALSE(read_ike_auth(Bytes{bytes}.first(size)));
    CHECK_FALSE(read_ike_notify(Bytes{bytes}.first(size)));
    CHECK_FALSE(read_ike_delete(Bytes{bytes}.first(size)));
    CHECK_FALSE(read_traffic_selectors(Bytes{bytes}.first(size)));
    CHECK_FALSE(read_ike_configuration(Bytes{bytes}.first(size)));
    CHECK_FALSE(read_ike_eap(Bytes{bytes}.first(size)));
  }
  CHECK_FALSE(read_ike_certificate({}));
  const auto ke = read_ike_key_exchange(bytes);
  REQUIRE(ke);
  CHECK(ke->group == 20);
  CHECK(ke->data.size() == 2);
  CHECK(read_ike_key_exchange(Bytes{bytes}.first(4))->data.empty());
  CHECK(read_ike_certificate(Bytes{bytes}.first(1))->data.empty());
  CHECK(read_ike_certificate(bytes)->data.size() == 5);
  CHECK(read_ike_auth(bytes)->data.size() == 2);
  CHECK(read_ike_identity(bytes)->data.size() == 2);
}

TEST_CASE("ike notify: the SPI is as long as it says, and must fit") {
  const auto bytes = unhex("03 04 4009 c1234567 aabb");
  const auto it = read_ike_notify(bytes);
  REQUIRE(it);
  CHECK(it->protocol == ike_protocol::esp);
  CHECK(it->type == ike_notify::rekey_sa);
  CHECK(read_u32(it->spi, 0) == 0xc1234567);
  CHECK(it->data.size() == 2);
  CHECK(read_ike_notify(Bytes{bytes}.first(8))->data.empty());
  CHECK_FALSE(read_ike_notify(Bytes{bytes}.first(7)));
}

TEST_CASE("ike delete: SPIs are counted out, and the numbers must agree with the length") {
  const auto two = unhex("03 04 0002 c1234567 c1234568");
  const auto it = read_ike_delete(two);
  REQUIRE(it);
  CHECK(it->protocol == ike_protocol::esp);
  REQUIRE(it->spis.size() == 2);
  CHECK(read_u32(it->spis[1], 0) == 0xc1234568);
  CHECK(read_ike_delete(two, 1)->spis.size() == 1);
  CHECK_FALSE(read_ike_delete(unhex("03 04 0003 c1234567 c1234568")));
  CHECK_FALSE(read_ike_delete(unhex("03 04 0001 c1234567 c1234568")));
  CHECK_FALSE(read_ike_delete(unhex("03 00 0001 c1234567")));
  CHECK(read_ike_delete(unhex("01 00 0000"))->spis.empty());
  CHECK(read_ike_delete(unhex("01 00 ffff"))->spis.empty());
}

TEST_CASE("ike configuration: attributes of any length are read, without their reserved bit") {
  const auto bytes = unhex("02000000 0001 0004 0a000005 8003 0000");
  const auto it = read_ike_configuration(bytes);
  REQUIRE(it);
  CHECK(it->type == 2);
  REQUIRE(it->attributes.size() == 2);
  CHECK(it->attributes[0].type == 1);
  CHECK(it->attributes[0].value.size() == 4);
  CHECK(it->attributes[1].type == 3);
  CHECK(it->attributes[1].value.empty());
  CHECK(read_ike_configuration(bytes, 1)->attributes.size() == 1);
  CHECK(read_ike_configuration(unhex("01000000"))->attributes.empty());
  for (std::size_t size = 5; size < bytes.size(); ++size)
    CHECK(read_ike_configuration(Bytes{bytes}.first(size)).has_value() == (size == 12));
}

TEST_CASE("ike eap: requests and responses have a type, and what stands behind the message is not its") {
  const auto bytes = unhex("01 2a 0008 01 616263 ff");
  const auto it = read_ike_eap(bytes);
  REQUIRE(it);
  CHECK(it->code == 1);
  CHECK(it->identifier == 0x2a);
  CHECK(it->type == 1);
  CHECK(it->data.size() == 3);
  CHECK_FALSE(read_ike_eap(Bytes{bytes}.first(7)));
  CHECK_FALSE(read_ike_eap(unhex("01 2a 0004")));
  CHECK_FALSE(read_ike_eap(unhex("03 2a 0003")));
  const auto success = read_ike_eap(unhex("03 2a 0004"));
  REQUIRE(success);
  CHECK_FALSE(success->type);
}

TEST_CASE("ike selectors: ranges are written as prefixes where they are one") {
  CHECK(selectors("01000000 07000010 0000ffff 0a010000 0a01ffff") == "10.1.0.0/16");
  CHECK(selectors("01000000 07000010 0000ffff 0a010203 0a010203") == "10.1.2.3/32");
  CHECK(selectors("01000000 07000010 0000ffff 00000000 ffffffff") == "0.0.0.0/0");
  CHECK(selectors("01000000 07000010 0000ffff 0a000001 0a000009") == "10.0.0.1..10.0.0.9");
  CHECK(selectors("01000000 07000010 0000ffff 0a000002 0a000005") == "10.0.0.2..10.0.0.5");
  CHECK(selectors("01000000 07000010 0000ffff 0a000009 0a000001") == "10.0.0.9..10.0.0.1");
  CHECK(selectors("01000000 08000028 0000ffff 20010db8000000000000000000000000 20010db8ffffffffffffffffffffffff") ==
        "2001:db8::/32");
  CHECK(selectors("02000000 07000010 0000ffff 0a010000 0a01ffff 07000010 0000ffff 0a030000 0a0300ff") ==
        "10.1.0.0/16 10.3.0.0/24");
}

TEST_CASE("ike selectors: protocols and ports stand in brackets") {
  const auto with = [](const std::string& protocol, const std::string& ports) {
    return selectors("01000000 07" + protocol + "0010" + ports + "0a010203 0a010203").substr(11);
  };
  CHECK(with("06", "0000ffff") == "[tcp]");
  CHECK(with("06", "00500050") == "[tcp/80]");
  CHECK(with("11", "04000800") == "[udp/1024-2048]");
  CHECK(with("00", "00500050") == "[0/80]");
  CHECK(with("11", "ffff0000") == "[udp/OPAQUE]");
  CHECK(with("01", "08000800") == "[icmp/8(0)]");
  CHECK(with("01", "080008ff") == "[icmp/8]");
  CHECK(with("01", "030003ff") == "[icmp/3]");
  CHECK(with("01", "03010304") == "[icmp/3(1)-3(4)]");
  CHECK(with("3a", "80008000") == "[ipv6-icmp/128(0)]");
  CHECK(with("fd", "0000ffff") == "[253]");
}

TEST_CASE("ike selectors: a count or a length that lies makes them none") {
  const std::string one = "07000010 0000ffff 0a010203 0a010203";
  CHECK(selectors("00000000") == "");
  CHECK(selectors("01000000" + one) == "10.1.2.3/32");
  CHECK(selectors("02000000" + one) == "none");
  CHECK(selectors("00000000" + one) == "none");
  CHECK(selectors("01000000" + one + "00") == "none");
  CHECK(selectors("01000000 0700000f 0000ffff 0a010203 0a0102") == "none");
  CHECK(selectors("01000000 07000011 0000ffff 0a010203 0a010203 00") == "none");
  CHECK(selectors("01000000 08000010 0000ffff 0a010203 0a010203") == "none");
  CHECK(selectors("01000000 0a000003") == "none");
}

TEST_CASE("ike selectors: of other types only the type is known") {
  CHECK(selectors("01000000 0a000006 6162") == "TS type 10");
  const auto read = read_traffic_selectors(unhex("01000000 0a000006 6162"));
  REQUIRE(read);
  CHECK_FALSE((*read)[0].is_host());
  CHECK_FALSE((*read)[0].prefix());
  const auto hosts = read_traffic_selectors(unhex("01000000 07000010 0000ffff 0a010203 0a010203"));
  CHECK((*hosts)[0].is_host());
}

TEST_CASE("ike selectors: no more than wanted are kept") {
  std::string many = "ff000000";
  for (int i = 0; i < 255; ++i) many += "07000010 0000ffff 0a010203 0a010203";
  CHECK(read_traffic_selectors(unhex(many))->size() == 64);
  CHECK(read_traffic_selectors(unhex(many), 255)->size() == 255);
}

TEST_CASE("ike identities: each type has its text") {
  CHECK(identity(1, std::string_view{"\x0a\x01\x02\x03", 4}) == "10.1.2.3");
  CHECK(identity(2, "g1.lab.example") == "g1.lab.example");
  CHECK(identity(3, "carol@lab.example") == "carol@lab.example");
  CHECK(identity_text({5, unhex("20010db8000000000000000000000001")}) == "2001:db8::1");
  CHECK(identity_text({9, unhex("300d 310b 3009 0603 550406 1302 4348")}) == "C=CH");
  CHECK(identity(11, "key 1") == "key 1");
  CHECK(identity_text({11, unhex("0001ff")}) == "0x0001ff");
  CHECK(identity(13, "") == "NULL");
}

TEST_CASE("ike identities: what is not of its type is shown as bytes") {
  CHECK(identity_text({1, unhex("0a0102")}) == "0x0a0102");
  CHECK(identity_text({5, unhex("0a010203")}) == "0x0a010203");
  CHECK(identity_text({9, unhex("3001")}) == "0x3001");
  CHECK(identity_text({99, unhex("41")}) == "0x41");
  CHECK(identity(11, "") == "0x");
}

TEST_CASE("ike identities: their text is safe to print and bounded") {
  CHECK(identity(2, "a\x1b[31m\xff\\") == "a\\x1b[31m\\xff\\x5c");
  CHECK(identity(2, std::string(300, 'a')) == std::string(256, 'a') + "...");
  CHECK(identity(99, std::string(300, 'a')).size() == 2 + 256 + 3);
}

TEST_CASE("ike readers: no bytes upset them, and what they find lies inside what they were given") {
  Random random;
  INFO("ESPDUMP_SEED=" << random.seed());
  const auto inside = [](Bytes part, Bytes whole) {
    return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
  };
  bool sound = true;
  for (int round = 0; round < 20000; ++round) {
    std::vector<std::uint8_t> bytes(random.below(200));
    // Mostly small numbers, so that lengths and types often fit.
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random.below(random.chance(3) ? 256 : 16));
    IkePayloadChain chain{static_cast<std::uint8_t>(random.below(64)), bytes};
    std::size_t count = 0;
    while (const auto payload = chain.next()) {
      sound = sound && inside(payload->body, bytes);
      ++count;
    }
    sound = sound && count <= bytes.size() / 4 && chain.offset() <= bytes.size();
    for (const IkeProposal& it : read_ike_proposals(bytes).list)
      sound = sound && inside(it.spi, bytes) && it.offset + it.size <= bytes.size();
    if (const auto it = read_ike_notify(bytes)) sound = sound && inside(it->spi, bytes) && inside(it->data, bytes);
    if (const auto it = read_ike_delete(bytes))
      for (const Bytes spi : it->spis) sound = sound && inside(spi, bytes);
    if (const auto it = read_ike_configuration(bytes))
      for (const auto& attribute : it->attributes) sound = sound && inside(attribute.value, bytes);
    if (const auto it = read_ike_eap(bytes)) sound = sound && inside(it->data, bytes);
    if (const auto it = read_traffic_selectors(bytes))
      for (const TrafficSelector& ts : *it) sound = sound && !to_string(ts).empty();
    if (const auto it = read_ike_identity(bytes)) sound = sound && identity_text(*it).size() <= 4 * 256 + 3;
  }
  CHECK(sound);
}
