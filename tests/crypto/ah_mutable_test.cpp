#include "crypto/ah_mutable.hpp"

#include <algorithm>

#include "support/catch.hpp"
#include "support/craft.hpp"
#include "support/random.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

std::string hex_of(Bytes bytes) {
  std::string out;
  for (const std::uint8_t byte : bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

std::string zeroed(const std::string& hex) {
  Octets headers = unhex(hex);
  zero_mutable_fields(headers);
  return hex_of(headers);
}

// An IPv4 header around options, and what it becomes; the options' length is a multiple of 4.
std::string v4(const std::string& options, const std::string& variable = "b8 0054 1234 6007 3f33 9abc") {
  const std::string length = std::to_string(5 + unhex(options).size() / 4);
  const Octets fields = unhex(variable);
  return "4" + (length == "10" ? "a" : length) + hex_of(fields) + "0a000001 0a000002" + options;
}
std::string still_v4(const std::string& options) { return hex_of(unhex(v4(options, "00 0054 1234 0000 0033 0000"))); }

constexpr const char* addresses = "20010db8000000000000000000000001 20010db8000000000000000000000002";
std::string v6(const std::string& next, const std::string& extensions, const std::string& pair = addresses,
               const std::string& variable = "6b8abcde", const std::string& hops = "3f") {
  return variable + "0040" + next + hops + pair + extensions;
}
std::string still_v6(const std::string& next, const std::string& extensions, const std::string& pair = addresses) {
  return hex_of(unhex(v6(next, extensions, pair, "60000000", "00")));
}

}  // namespace

TEST_CASE("ah_mutable: of IPv4, TOS, flags and offset, TTL and checksum are zeroed") {
  CHECK(zeroed(v4("")) == still_v4(""));
}

TEST_CASE("ah_mutable: IPv4 options of RFC 4302 appendix A keep or lose their bytes") {
  for (const char* kept : {"01010101", "01010100", "8203aa01", "8504aabb", "8604aabb", "94040000", "95040a01"})
    CHECK(zeroed(v4(kept)) == still_v4(kept));
  for (const char* lost : {"0704aabb", "4404aabb", "4904aabb", "8804aabb", "5204aabb", "9904aabb"})
    CHECK(zeroed(v4(lost)) == still_v4("00000000"));
  CHECK(zeroed(v4("0704aabb 94040000 4404ccdd 01010101")) == still_v4("00000000 94040000 00000000 01010101"));
}

TEST_CASE("ah_mutable: what follows the end of the IPv4 options, or one that does not fit, is left alone") {
  CHECK(zeroed(v4("0007aabb")) == still_v4("0007aabb"));
  CHECK(zeroed(v4("0704aabb 4409ccdd")) == still_v4("00000000 4409ccdd"));
  CHECK(zeroed(v4("44010000")) == still_v4("44010000"));
}

TEST_CASE("ah_mutable: a source route under way has its last address as destination, one that is done has not") {
  const auto arrived = [](std::string still) { return still.replace(16 * 2, 8, "0a0000fe"); };
  for (const char* kind : {"83", "89"}) {
    const std::string route = std::string{kind} + "0b04 0a0000fd 0a0000fe 00";
    CHECK(zeroed(v4(route)) == arrived(still_v4("0000000000000000000000 00")));
    const std::string late = std::string{kind} + "0b08 0a0000fd 0a0000fe 00";
    CHECK(zeroed(v4(late)) == arrived(still_v4("0000000000000000000000 00")));
    const std::string done = std::string{kind} + "0b0c 0a0000fd 0a0000fe 00";
    CHECK(zeroed(v4(done)) == still_v4("0000000000000000000000 00"));
  }
  CHECK(zeroed(v4("83030400")) == still_v4("00000000"));
}

TEST_CASE("ah_mutable: of IPv6, traffic class, flow label and hop limit are zeroed") {
  CHECK(zeroed(v6("33", "")) == still_v6("33", ""));
}

TEST_CASE("ah_mutable: IPv6 options that may change en route lose their data, not kind and length") {
  for (const char* kind : {"00", "3c"}) {
    CHECK(zeroed(v6(kind, "33003e0411223344")) == still_v6(kind, "33003e0400000000"));
    CHECK(zeroed(v6(kind, "33001e0411223344")) == still_v6(kind, "33001e0411223344"));
    CHECK(zeroed(v6(kind, "330000003e021122")) == still_v6(kind, "330000003e020000"));
  }
  CHECK(zeroed(v6("00", "3c003e0411223344 33003e0455667788")) == still_v6("00", "3c003e0400000000 33003e0400000000"));
  CHECK(zeroed(v6("00", "33003e0811223344")) == still_v6("00", "33003e0811223344"));
}

TEST_CASE("ah_mutable: IPv6 extension headers end at the first that is none") {
  CHECK(zeroed(v6("11", "33003e0411223344")) == still_v6("11", "33003e0411223344"));
  CHECK(zeroed(v6("00", "33013e0411223344")) == still_v6("00", "33013e0411223344"));
}

TEST_CASE("ah_mutable: an IPv6 routing header takes the form that it arrives in") {
  const std::string source = "20010db8000000000000000000000001", first = "20010db8000000000000000000000002",
                    second = "20010db8000000000000000000000003", third = "20010db8000000000000000000000004";
  const auto header = [](const char* type, const char* left, const std::string& list) {
    return std::string{list.size() == 64 ? "3304" : "3302"} + type + left + "00000000" + list;
  };
  for (const char* type : {"00", "02"}) {
    CHECK(zeroed(v6("2b", header(type, "02", second + third), source + first)) ==
          still_v6("2b", header(type, "00", first + second), source + third));
    CHECK(zeroed(v6("2b", header(type, "01", first + third), source + second)) ==
          still_v6("2b", header(type, "00", first + second), source + third));
    CHECK(zeroed(v6("2b", header(type, "01", third), source + first)) ==
          still_v6("2b", header(type, "00", first), source + third));
  }
  const std::string done = header("00", "00", first + second), impossible = header("00", "03", second + third),
                    segments = header("04", "01", second + third);
  for (const std::string& as_is : {done, impossible, segments})
    CHECK(zeroed(v6("2b", as_is, source + third)) == still_v6("2b", as_is, source + third));
}

TEST_CASE("ah_mutable: the home address of a mobile node is its source") {
  const std::string home = "20010db80000000000000000000000aa", care_of = "20010db80000000000000000000000bb",
                    peer = "20010db8000000000000000000000002";
  CHECK(zeroed(v6("3c", "3302 01020000 c910" + home, care_of + peer)) ==
        still_v6("3c", "3302 01020000 c910" + care_of, home + peer));
}

TEST_CASE("ah_mutable: any bytes are survived, and lengths and immutable fields stay") {
  Random random;
  CAPTURE(random.seed());
  constexpr std::uint8_t first[] = {0x60, 0x4f, 0x45, 0xff}, next[] = {0, 43, 60, 51};
  for (int round = 0; round < 20'000; ++round) {
    Octets bytes(random.below(120));
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.below(random.chance(2) ? 256 : 8));
    if (!bytes.empty()) bytes[0] = first[random.below(4)];
    if (bytes.size() > 6 && bytes[0] == 0x60) bytes[6] = next[random.below(4)];
    const Octets before = bytes;
    zero_mutable_fields(bytes);
    const bool v4 = bytes.size() >= 20 && (bytes[0] == 0x45 || (bytes[0] == 0x4f && bytes.size() >= 60));
    const bool v6 = bytes.size() >= 40 && bytes[0] == 0x60;
    if (!v4 && !v6) CHECK(bytes == before);
    if (v4) CHECK(std::equal(bytes.begin() + 2, bytes.begin() + 6, before.begin() + 2));
    if (v6) CHECK(std::equal(bytes.begin() + 4, bytes.begin() + 7, before.begin() + 4));
  }
}
