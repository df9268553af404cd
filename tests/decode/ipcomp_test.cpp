#include "decode/ipcomp.hpp"

#include <espdump/codes.hpp>

#include "support/catch.hpp"
#include "support/deflate.hpp"
#include "support/layers.hpp"
#include "support/random.hpp"

using namespace espdump;
using namespace espdump::test;
using Outcome = Inflater::Outcome;

namespace {

// By Python's zlib with a window of 2 KiB, as Linux has it: ten times "compressible ".
const Octets ten_times = unhex("4bcecf2d284a2d2ece4cca4955481e080e00");

std::string text_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

struct Decompressed {
  std::optional<Unwrapped> out;  // its payload is gone already
  Octets payload{};
  Origin origin = Origin::capture;
  std::string findings;
};

Decompressed run(const std::string& header, const Octets& payload, bool authentic = false) {
  Octets bytes = unhex(header);
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  Dissected it = dissect_bytes(bytes, as_protocol(108));
  Inflater inflater;
  Decompressed out;
  const Layer layer = it.layer("ipcomp");
  out.out = decompress(it.packet, layer, authentic, inflater);
  if (out.out) {
    out.payload.assign(out.out->payload.begin(), out.out->payload.end());
    out.origin = it.packet.buffers()[out.out->buffer].origin;
  }
  out.findings = it.findings();
  CHECK(inflater.inflated().empty());
  return out;
}

}  // namespace

TEST_CASE("ipcomp: what another zlib deflated is inflated, as often as one likes") {
  Inflater inflater;
  for (int times = 0; times < 3; ++times) {
    CHECK(inflater.inflate(ten_times) == Outcome::whole);
    std::string expected;
    for (int i = 0; i < 10; ++i) expected += "compressible ";
    CHECK(text_of(inflater.inflated()) == expected);
  }
}

TEST_CASE("ipcomp: random data of any length, window and level comes back") {
  Random random;
  CAPTURE(random.seed());
  Inflater inflater;
  for (int round = 0; round < 300; ++round) {
    Octets data(random.below(random.chance(10) ? Inflater::largest + 1 : 2000));
    for (std::uint8_t& byte : data) byte = static_cast<std::uint8_t>(random.below(random.chance(3) ? 256 : 4));
    const int window = 9 + static_cast<int>(random.below(7)), level = static_cast<int>(random.below(10));
    CHECK(inflater.inflate(deflated(data, window, level)) == Outcome::whole);
    CHECK(Octets(inflater.inflated().begin(), inflater.inflated().end()) == data);
  }
}

TEST_CASE("ipcomp: 65535 bytes are the most, and a bomb ends there") {
  Inflater inflater;
  CHECK(inflater.inflate(deflated(Octets(65'535, 7))) == Outcome::whole);
  CHECK(inflater.inflated().size() == 65'535);
  CHECK(inflater.inflate(deflated(Octets(65'536, 7))) == Outcome::too_long);
  CHECK(inflater.inflate(deflated(Octets(50'000'000, 7))) == Outcome::too_long);
  CHECK(inflater.inflate(ten_times) == Outcome::whole);
}

TEST_CASE("ipcomp: a stream cut anywhere has no end, bytes behind the end do not matter") {
  Inflater inflater;
  for (std::size_t size = 0; size < ten_times.size(); ++size)
    CHECK(inflater.inflate(Bytes{ten_times}.first(size)) == Outcome::endless);
  Octets more = ten_times;
  more.insert(more.end(), {0, 1, 2, 3, 0xff});
  CHECK(inflater.inflate(more) == Outcome::whole);
  CHECK(inflater.inflated().size() == 130);
}

TEST_CASE("ipcomp: garbage is survived, and told from a stream") {
  Inflater inflater;
  CHECK(inflater.inflate(unhex("ffffffff")) == Outcome::damaged);
  Random random;
  CAPTURE(random.seed());
  std::size_t damaged = 0;
  for (int round = 0; round < 2000; ++round) {
    Octets data(1 + random.below(200));
    for (std::uint8_t& byte : data) byte = static_cast<std::uint8_t>(random.below(256));
    damaged += inflater.inflate(data) == Outcome::damaged ? 1 : 0;
    CHECK(inflater.inflated().size() <= Inflater::largest + 1);
  }
  CHECK(damaged > 1000);
}

TEST_CASE("ipcomp: the well-known CPI of DEFLATE and negotiated ones are inflated, others are not") {
  for (const char* cpi : {"0002", "0100", "1f02", "efff"}) {
    const Decompressed it = run(std::string{"1100"} + cpi, ten_times);
    REQUIRE(it.out);
    CHECK(it.out->next_header == 17);
    CHECK(it.origin == Origin::inflated);
    CHECK(it.findings.empty());
  }
  for (const char* cpi : {"0000", "0001", "0003", "0004", "0005", "00ff", "f000", "ffff"}) {
    const Decompressed it = run(std::string{"1100"} + cpi, ten_times);
    CHECK_FALSE(it.out);
    CHECK(it.findings.empty());
  }
}

TEST_CASE("ipcomp: what cannot be inflated is malformed, and under an ICV the sender's fault") {
  const Decompressed garbage = run("11000002", unhex("ffffffff"));
  CHECK_FALSE(garbage.out);
  CHECK(garbage.findings == "packet.malformed: IP Payload Compression: the compressed bytes are no DEFLATE stream");
  CHECK(run("11000002", unhex("4bce")).findings.find("has no end") != std::string::npos);
  CHECK(run("11000002", deflated(Octets(70'000, 1)), true).findings.find("65535 bytes") != std::string::npos);
  CHECK(run("11000002", unhex("ffffffff"), true).findings.find("its sender") != std::string::npos);
}

TEST_CASE("ipcomp: a packet that did not become smaller is shown, and said to be dropped by Linux") {
  const Decompressed it = run("11000002", deflated({1, 2, 3, 4}));
  REQUIRE(it.out);
  CHECK(it.payload == Octets{1, 2, 3, 4});
  CHECK(it.findings.find("not made the packet smaller") != std::string::npos);
  CHECK_FALSE(run("11000002", deflated({})).out);
}
