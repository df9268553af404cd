#include "capture/source.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "support/capture_bytes.hpp"
#include "support/catch.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;
using capture::Source;

namespace {

ByteVector counted(std::size_t size) {
  ByteVector out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(i * 131 >> 3);
  return out;
}

}  // namespace

TEST_CASE("source: memory is all here at once, and has ended") {
  const auto bytes = counted(10);
  Source source = Source::over(bytes, "memory");
  CHECK(source.ended());
  CHECK_FALSE(source.is_stream());
  CHECK(source.name() == "memory");
  CHECK(source.need(10));
  CHECK_FALSE(source.need(11));
  CHECK(source.here().data() == bytes.data());
  source.skip(4);
  CHECK(source.offset() == 4);
  CHECK(source.here().size() == 6);
  CHECK(source.need(6));
  CHECK_FALSE(source.need(7));
}

TEST_CASE("source: a file larger than a block comes whole, in pieces of any size") {
  const TemporaryDirectory directory;
  const auto bytes = counted(1'000'003);
  for (const std::size_t piece : {std::size_t{4099}, std::size_t{300'000}, bytes.size()}) {
    auto source = Source::open(directory.file("large", bytes));
    REQUIRE(source);
    CHECK_FALSE(source->is_stream());
    std::size_t at = 0;
    while (at < bytes.size()) {
      const std::size_t wanted = std::min(piece, bytes.size() - at);
      REQUIRE(source->offset() == at);
      REQUIRE(source->need(wanted));
      REQUIRE(std::equal(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                         bytes.begin() + static_cast<std::ptrdiff_t>(at + wanted), source->here().begin()));
      source->skip(wanted);
      at += wanted;
    }
    CHECK_FALSE(source->need(1));
    CHECK(source->ended());
    CHECK_FALSE(source->cut(1));
    CHECK(source->offset() == bytes.size());
  }
}

TEST_CASE("source: what cannot be opened has a reason") {
  const TemporaryDirectory directory;
  CHECK(Source::open(directory.path("none")).error().to_string() == directory.path("none") + ": no such file");
  CHECK(Source::open(directory.path("")).error().text == "is a directory; name the capture files in it");
}

TEST_CASE("source: an end in the middle of a record tells its place") {
  const TemporaryDirectory directory;
  auto source = Source::open(directory.file("x", counted(100)));
  REQUIRE(source);
  REQUIRE(source->need(90));
  source->skip(90);
  CHECK_FALSE(source->need(16));
  REQUIRE(source->cut(16));
  CHECK(source->cut(16)->text ==
        "ends in the middle of a record at byte 90: 10 of 16 bytes are there; what was read is reported");
  CHECK(source->cut(16)->file == directory.path("x"));
}

TEST_CASE("source: damage tells its place") {
  const Source source = Source::over({}, "-");
  CHECK(source.damaged("claims 5 bytes").to_string() ==
        "standard input: record at byte 0 claims 5 bytes: the file is damaged from here on; what was read is reported");
}

TEST_CASE("source: what cannot be read is told with the system's reason") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("x", counted(10));
  const int closed = dup(STDIN_FILENO), unreadable = open(path.c_str(), O_WRONLY);
  dup2(unreadable, STDIN_FILENO);
  auto source = Source::open("-");
  REQUIRE(source);
  CHECK_FALSE(source->need(1));
  REQUIRE(source->cut(1));
  CHECK_THAT(source->cut(1)->text, Catch::Contains("cannot be read at byte 0: Bad file descriptor"));
  dup2(closed, STDIN_FILENO);
  close(closed);
  close(unreadable);
}

TEST_CASE("source: forgetting overwrites what has arrived and ends the input") {
  const TemporaryDirectory directory;
  auto source = Source::open(directory.file("keys", counted(50)));
  REQUIRE(source);
  REQUIRE(source->need(50));
  const Bytes seen = source->here();
  source->forget();
  CHECK(std::count(seen.begin(), seen.end(), 0) == 50);  // the buffer lives as long as the source
  CHECK(source->ended());
  CHECK(source->here().empty());
  CHECK_FALSE(source->need(1));
}

TEST_CASE("source: moving keeps place and bytes") {
  const TemporaryDirectory directory;
  auto opened = Source::open(directory.file("x", counted(1000)));
  REQUIRE(opened);
  REQUIRE(opened->need(300));
  opened->skip(200);
  Source moved = std::move(*opened);
  CHECK(moved.offset() == 200);
  REQUIRE(moved.need(800));
  CHECK(moved.here()[0] == counted(1000)[200]);
  Source other = Source::over({}, "empty");
  other = std::move(moved);
  CHECK(other.here().size() == 800);
}
