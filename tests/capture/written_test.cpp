#include "capture/written.hpp"

#include "support/capture_bytes.hpp"
#include "support/catch.hpp"

using namespace espdump;
using namespace espdump::test;
using capture::Spelled;
using capture::Written;

namespace {

Spelled spelled(const Written& packet) {
  Spelled out;
  capture::add_to_pcapng(out, packet);
  return out;
}

// The same block, spelled by the tests.
ByteVector block(const ByteVector& frame, std::uint64_t time, const std::string& comment, std::size_t wire = 0) {
  Pcapng file;
  file.bytes.clear();
  ByteVector options;
  if (!comment.empty()) {
    options = file.option(1, byte_vector(comment));
    options.insert(options.end(), 4, 0);
  }
  return file.enhanced(0, time, frame, wire, options).bytes;
}

}  // namespace

TEST_CASE("written pcapng: a section that names espdump and one interface with nanoseconds") {
  Spelled out;
  capture::begin_pcapng(out);
  REQUIRE(out.size() > 28);
  const std::string text(out.begin(), out.end());
  CHECK(text.find("espdump ") != text.npos);
  Pcapng interface;
  interface.bytes.clear();
  ByteVector options = interface.option(9, {9});
  options.insert(options.end(), 4, 0);
  interface.interface(link_type_raw, 262144, options);
  REQUIRE(out.size() > interface.bytes.size());
  CHECK(ByteVector(out.end() - static_cast<std::ptrdiff_t>(interface.bytes.size()), out.end()) == interface.bytes);
}

TEST_CASE("written pcapng: an enhanced packet block for each packet, with its comment if it has one") {
  for (std::size_t size = 0; size < 9; ++size) {
    const ByteVector frame(size, 0x45);
    CHECK(spelled({{1700000000123456789}, frame, 0}) == block(frame, 1700000000123456789, ""));
    const std::string comment(size + 1, 'c');
    CHECK(spelled({{5}, frame, 70, comment}) == block(frame, 5, comment, 70));
  }
}

TEST_CASE("written pcapng: what was before 1970 is written as 1970") {
  CHECK(spelled({{-5}, ByteVector{1}, 1}) == block({1}, 0, ""));
}

TEST_CASE("written pcapng: a packet longer than the snap length is cut") {
  const ByteVector frame(300'000, 7);
  CHECK(spelled({{5}, frame, 0}) == block(ByteVector(262144, 7), 5, "", 300'000));
  CHECK(spelled({{5}, frame, 0, std::string(100'000, 'c')}).size() < capture::most_written);
}

TEST_CASE("written pcapng: a comment that is too long ends between two characters") {
  for (std::size_t shift = 0; shift < 3; ++shift) {
    std::string comment(shift, 'c');
    while (comment.size() < 70'000) comment += "\u20ac";  // three bytes
    const std::size_t kept = shift + (65'000 - shift) / 3 * 3;
    CHECK(spelled({{5}, ByteVector{1}, 1, comment}) == block({1}, 5, comment.substr(0, kept)));
  }
}
