#include <espdump/capture.hpp>

#include <fcntl.h>

#include "support/capture_bytes.hpp"
#include "support/catch.hpp"

using namespace espdump;
using namespace espdump::test;
using Catch::Contains;

namespace {

std::string refusal(const ByteVector& bytes, const std::string& name = "x") {
  auto reader = CaptureReader::over(bytes, name);
  REQUIRE_FALSE(reader);
  CHECK(reader.error().file == name);
  return reader.error().text;
}

std::string refusal(std::string_view text) { return refusal(byte_vector(text)); }

using namespace std::literals;

}  // namespace

TEST_CASE("opening a capture: what cannot be opened is named with a reason") {
  const TemporaryDirectory directory;
  const auto missing = CaptureReader::open(directory.path("missing.pcap"));
  REQUIRE_FALSE(missing);
  CHECK(missing.error().to_string() == directory.path("missing.pcap") + ": no such file");
  CHECK_THAT(CaptureReader::open(directory.path("")).error().text, Contains("is a directory"));
  CHECK(CaptureReader::open(directory.file("empty", {})).error().text == "is empty");
  CHECK(CaptureReader::open("/dev/null").error().text == "is empty");
}

TEST_CASE("opening a capture: text is told from captures, and key files from other text") {
  CHECK(refusal("src 192.0.2.1 dst 192.0.2.2\n\tproto esp spi 0x00000001 reqid 1 mode tunnel\n") ==
        "is a key file, not a capture; give it with --keys");
  CHECK_THAT(refusal("ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x1"), Contains("--keys"));
  CHECK_THAT(refusal(R"("IPv4","*","*","0x1","NULL","","NULL","")"), Contains("--keys"));
  CHECK_THAT(refusal("src 10.0.0.0/8 dst 10.1.0.0/16 \n\tdir out priority 1\n\ttmpl src 1.1.1.1"),
             Contains("--policy"));
  CHECK(refusal("hello world") == "is text, not a capture (pcap or pcapng)");
}

TEST_CASE("opening a capture: other binary files are refused, known ones by name") {
  CHECK(refusal("\x7f"
                "ELF\1\1\1"sv) == "is not a capture (pcap or pcapng)");
  CHECK_THAT(refusal("snoop\0\0\0\0\0\0\2"sv), Contains("Solaris snoop") && Contains("editcap"));
}

TEST_CASE("opening a capture: headers cut short and unknown versions are errors") {
  ByteVector pcap = Pcap().bytes;
  pcap.pop_back();
  CHECK(refusal(pcap) == "ends in the middle of its file header: 23 of 24 bytes are there");
  ByteVector version = Pcap().bytes;
  version[4] = 3;
  CHECK(refusal(version) == "has pcap version 3.4; only 2.0 to 2.4 can be read");
  ByteVector pcapng = Pcapng().bytes;
  pcapng.pop_back();
  CHECK_THAT(refusal(pcapng), Contains("ends in the middle of its file header: 27 of 28 bytes are there"));
  ByteVector later = Pcapng().bytes;
  later[12] = 2;
  CHECK_THAT(refusal(later), Contains("has pcapng version 2.0"));
}

TEST_CASE("opening a capture: standard input is named so in messages") {
  const TemporaryDirectory directory;
  const int before = dup(STDIN_FILENO);
  const auto open_as_input = [](const std::string& path) {
    const int fd = open(path.c_str(), O_RDONLY);
    dup2(fd, STDIN_FILENO);
    close(fd);
    return CaptureReader::open("-");
  };
  auto good = open_as_input(directory.file("good", Pcap().record(1, 0, {1}).bytes));
  REQUIRE(good);
  CHECK(good->name() == "-");
  CHECK_FALSE(good->is_stream());
  CHECK(read_all(*good).size() == 1);
  CHECK(open_as_input("/dev/null").error().to_string() == "standard input: is empty");
  CHECK_THAT(open_as_input(directory.file("gz", {0x1f, 0x8b, 8, 0})).error().text, Contains("compressed"));
  dup2(before, STDIN_FILENO);
  close(before);
}

TEST_CASE("a capture larger than a block is read whole, with records over block borders") {
  const TemporaryDirectory directory;
  Pcap file;
  std::vector<ByteVector> expected;
  for (std::size_t i = 0; i < 600; ++i) {
    expected.emplace_back(i == 300 ? 700'001 : i * 7 % 1999, static_cast<std::uint8_t>(i));
    file.record(static_cast<std::uint32_t>(i), 0, expected.back());
  }
  auto reader = CaptureReader::open(directory.file("large.pcap", file.bytes));
  REQUIRE(reader);
  CHECK_FALSE(reader->is_stream());
  CHECK_FALSE(reader->would_block());  // the first block came with the header
  const auto frames = read_all(*reader);
  REQUIRE(frames.size() == expected.size());
  for (std::size_t i = 0; i < frames.size(); ++i) CHECK(frames[i].bytes == expected[i]);
  CHECK_FALSE(reader->damage());
  CHECK_FALSE(reader->would_block());
}

TEST_CASE("frames stay valid as long as the reader need not fetch bytes") {
  const TemporaryDirectory directory;
  Pcap a;
  Pcapng b(true);
  b.interface(101);
  for (std::uint32_t i = 0; i < 3000; ++i) {
    a.record(i, 0, ByteVector(i % 1400, static_cast<std::uint8_t>(i)), i + 1400);
    b.enhanced(0, i * 1'000'000, ByteVector(i % 1300, static_cast<std::uint8_t>(i)), i + 1400);
  }
  auto set = CaptureSet::open({directory.file("a", a.bytes), directory.file("b", b.bytes)});
  REQUIRE(set);
  std::vector<Frame> batch;
  std::size_t largest = 0, total = 0;
  const auto check_batch = [&] {
    for (const Frame& frame : batch) {
      const auto expected = static_cast<std::uint8_t>(frame.number - 1);
      REQUIRE(std::count(frame.bytes.begin(), frame.bytes.end(), expected) ==
              static_cast<std::ptrdiff_t>(frame.bytes.size()));
    }
    largest = std::max(largest, batch.size());
    total += batch.size();
    batch.clear();
  };
  for (;;) {
    if (set->would_block()) check_batch();
    const auto frame = set->next();
    if (!frame) break;
    batch.push_back(*frame);
  }
  check_batch();
  CHECK(total == 6000);
  CHECK(largest > 50);
}
