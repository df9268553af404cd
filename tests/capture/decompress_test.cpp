#include "capture/decompress.hpp"

#include <set>

#include "support/catch.hpp"
#include "support/gzip_bytes.hpp"
#include "support/random.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;
using namespace std::literals;
using capture::Compression;

namespace {

const std::string plain_file = "captures/two-vlan-linktypes/wire-ng.pcapng";

// One file of each kind this build can unpack; all hold `plain_file`.
std::vector<std::string> packed_files() {
  std::vector<std::string> paths;
  for (const char* suffix : {"gz", "zst", "xz", "lz4", "bz2"}) {
    const std::string path = testdata("captures/compressed/wire-ng.pcapng.") + suffix;
    const Compression* compression = capture::find_compression(read_file(path));
    REQUIRE(compression != nullptr);
    if (compression->make() != nullptr) paths.push_back(path);
  }
  return paths;
}

std::vector<KeptFrame> plain_frames() {
  auto reader = CaptureReader::open(testdata(plain_file));
  REQUIRE(reader);
  return read_all(*reader);
}

bool same(const KeptFrame& a, const KeptFrame& b) {
  return a.bytes == b.bytes && a.frame.number == b.frame.number && a.frame.time == b.frame.time &&
         a.frame.interface == b.frame.interface && a.frame.link_type == b.frame.link_type &&
         a.frame.wire_length == b.frame.wire_length;
}

bool same(const std::vector<KeptFrame>& a, const std::vector<KeptFrame>& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](auto& x, auto& y) { return same(x, y); });
}

std::vector<KeptFrame> first_of(std::vector<KeptFrame> frames, std::size_t count) {
  frames.resize(std::min(count, frames.size()));
  return frames;
}

ByteVector joined(ByteVector a, const ByteVector& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::string refusal(const ByteVector& bytes) {
  auto reader = CaptureReader::over(bytes, "x");
  REQUIRE_FALSE(reader);
  CHECK(reader.error().file == "x");
  return reader.error().text;
}

struct Reading {
  std::vector<KeptFrame> frames;
  std::string damage;  // empty: none
};

Reading reading(const ByteVector& bytes) {
  auto reader = CaptureReader::over(bytes, "x");
  REQUIRE(reader);
  Reading out{read_all(*reader), {}};
  if (reader->damage()) out.damage = reader->damage()->text;
  return out;
}

}  // namespace

TEST_CASE("compressed captures: every kind gives the frames of the plain file") {
  const auto expected = plain_frames();
  REQUIRE(expected.size() == 26);
  for (const auto& path : packed_files()) {
    CAPTURE(path);
    auto reader = CaptureReader::open(path);
    REQUIRE(reader);
    CHECK(reader->name() == path);
    CHECK(same(read_all(*reader), expected));
    CHECK_FALSE(reader->damage());
    CHECK_FALSE(reader->would_block());
  }
}

TEST_CASE("compressed captures: members one behind the other are one file, padded with zeros or not") {
  const auto expected = plain_frames().size();
  for (const auto& path : packed_files()) {
    CAPTURE(path);
    const auto one = read_file(path);
    for (const std::size_t zeros : {0, 4, 4000}) {
      const auto padded = joined(one, ByteVector(zeros));
      const auto read = reading(joined(padded, padded));
      CHECK(read.frames.size() == 2 * expected);  // two sections of a pcapng file
      CHECK(read.damage.empty());
    }
  }
}

TEST_CASE("compressed captures: every prefix gives the frames that are in it, and says where it ends") {
  const auto expected = plain_frames();
  for (const auto& path : packed_files()) {
    const auto whole = read_file(path);
    std::set<std::size_t> counts;
    for (std::size_t size = 6; size < whole.size(); size += size < 100 ? 1 : 31) {
      CAPTURE(path, size);
      const ByteVector prefix(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      const auto ends_early = "ends early, at byte " + std::to_string(size);
      auto reader = CaptureReader::over(prefix, "x");
      if (!reader) {
        REQUIRE_THAT(reader.error().text, Catch::Contains(ends_early));
        continue;
      }
      const auto frames = read_all(*reader);
      counts.insert(frames.size());
      REQUIRE(same(frames, first_of(expected, frames.size())));
      REQUIRE(reader->damage());
      REQUIRE_THAT(reader->damage()->text, Catch::Contains(ends_early + "; what was read is reported"));
    }
    // The others have but one block in this file.
    if (path.find(".gz") != path.npos || path.find(".xz") != path.npos) CHECK(counts.size() > 20);
  }
}

TEST_CASE("compressed captures: a changed byte is noticed, or changes nothing") {
  Random random;
  INFO("seed " << random.seed());
  const auto expected = plain_frames();
  for (const auto& path : packed_files()) {
    const auto whole = read_file(path);
    for (int i = 0; i < 500; ++i) {
      auto changed = whole;
      const auto at = random.below(changed.size());
      changed[at] = static_cast<std::uint8_t>(changed[at] + 1 + random.below(255));
      CAPTURE(path, at, changed[at]);
      auto reader = CaptureReader::over(changed, "x");
      if (!reader) continue;
      const auto frames = read_all(*reader);
      if (!reader->damage()) REQUIRE(same(frames, expected));
    }
  }
}

TEST_CASE("compressed captures: a wrong checksum is told, and what was read is given") {
  const auto capture = Pcap().record(1, 2, {1, 2, 3}).bytes;
  auto packed = gzipped(capture);
  CHECK(reading(packed).damage.empty());
  packed[packed.size() - 5] ^= 1;
  const auto read = reading(packed);
  CHECK(read.frames.size() == 1);
  CHECK_THAT(read.damage, Catch::Contains("compressed stream (gzip) is corrupt at about byte") &&
                              Catch::Contains("what was read is reported"));
}

TEST_CASE("compressed captures: something else behind the stream is told") {
  for (const auto& path : packed_files()) {
    CAPTURE(path);
    const auto whole = read_file(path);
    const auto read = reading(joined(whole, byte_vector("and something else")));
    CHECK(read.frames.size() == 26);
    CHECK_THAT(read.damage, Catch::Contains("something else follows the compressed stream"));
  }
}

TEST_CASE("compressed captures: the capture inside may end early, too") {
  auto capture = Pcap().record(1, 2, {1, 2, 3}).record(3, 4, {5, 6}).bytes;
  capture.pop_back();
  const auto read = reading(gzipped(capture));
  CHECK(read.frames.size() == 1);
  CHECK_THAT(read.damage, Catch::Contains("in the middle of a record at unpacked byte 43: 17 of 18 bytes are there"));
  CHECK(refusal(gzipped({capture.begin(), capture.begin() + 20})) ==
        "ends in the middle of its file header: 20 of 24 bytes are there");
}

TEST_CASE("compressed captures: what is no capture inside is told what it is") {
  const auto inside = [](std::string_view text) { return refusal(gzipped(byte_vector(text))); };
  const std::string is = "is compressed (gzip), and what is in it ";
  CHECK(inside("") == is + "is empty");
  CHECK(inside("hello, world") == is + "is text, not a capture (pcap or pcapng)");
  CHECK(inside("hello\0world"sv) == is + "is not a capture (pcap or pcapng)");
  CHECK(inside("BZh91AY&SY") == is + "is compressed again (bzip2); unpack it first: gzip -dc x | espdump -");
  CHECK(inside("src 10.0.0.1 dst 10.0.0.2\n\tproto esp spi 0x1") ==
        is + "is a key file, not a capture; unpack it and give it with --keys");
  std::string tar(512, '\0');
  tar.replace(0, 6, "a.pcap").replace(257, 5, "ustar");
  CHECK(inside(tar) == is + "is a tar archive, not a capture; unpack it and name the captures in it");
  CHECK(refusal(byte_vector("\x1f\x8b\x08 hello"sv)) == "compressed stream (gzip) is corrupt at about byte 4");
}

TEST_CASE("compressed captures: a stream that would take too much memory is refused") {
  if (capture::make_zstd() != nullptr)  // a window of 2 GiB
    CHECK(refusal(byte_vector("\x28\xb5\x2f\xfd\0\xa8\0\0\0\0\0\0\0\0"sv)) ==
          "compressed stream (zstd) takes more than 128 MiB of memory to unpack; unpack it first: zstd -dc x | "
          "espdump -");
  if (capture::make_xz() == nullptr) return;
  auto xz = read_file(testdata("captures/compressed/wire-ng.pcapng.xz"));
  const auto block = xz.begin() + 12;  // size, flags, filter 0x21 with one property, padding, CRC
  REQUIRE((block[0] == 2 && block[2] == 0x21 && block[3] == 1));
  block[4] = 40;  // a dictionary of 4 GiB
  const auto crc = Spelling().u32(crc32({block, block + 8})).bytes;
  std::copy(crc.begin(), crc.end(), block + 8);
  CHECK_THAT(refusal(xz), Catch::Contains("compressed stream (xz) takes more than 128 MiB"));
}

TEST_CASE("compressed captures: one larger than a block comes whole") {
  Pcap capture;
  for (std::uint32_t i = 0; i < 500; ++i) capture.record(i, 0, ByteVector(i * 7 % 4001, static_cast<std::uint8_t>(i)));
  Gzip file;
  constexpr std::size_t piece = 65'000;
  for (std::size_t at = 0; at < capture.bytes.size(); at += piece) {
    const auto begin = capture.bytes.begin() + static_cast<std::ptrdiff_t>(at);
    file.block({begin, begin + static_cast<std::ptrdiff_t>(std::min(piece, capture.bytes.size() - at))});
  }
  const TemporaryDirectory directory;
  auto packed = CaptureReader::open(directory.file("packed", file.end().bytes));
  REQUIRE(packed);
  auto plain = CaptureReader::over(capture.bytes, "plain");
  REQUIRE(plain);
  CHECK(same(read_all(*packed), read_all(*plain)));
  CHECK_FALSE(packed->damage());
}

TEST_CASE("compressed captures: the table names every kind by the command that undoes it") {
  std::set<std::string_view> names;
  for (const Compression& compression : capture::all_compressions()) {
    names.insert(compression.name);
    CHECK(capture::find_compression(bytes_of(compression.magic)) == &compression);
    CHECK(capture::find_compression(bytes_of(compression.magic.substr(1))) == nullptr);
    CHECK(capture::unpack_command(compression, "a b").find(std::string{compression.name} + " -dc a b |") !=
          std::string::npos);
  }
  CHECK(names == std::set<std::string_view>{"gzip", "zstd", "xz", "lz4", "bzip2"});
}
