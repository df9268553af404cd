#include <espdump/capture.hpp>

#include <algorithm>
#include <random>

#include "support/capture_bytes.hpp"
#include "support/catch.hpp"

using namespace espdump;
using namespace espdump::test;

TEST_CASE("capture set: frames of several files come in order of time") {
  const TemporaryDirectory directory;
  Pcap a;
  Pcapng b;
  a.record(1, 0, {1}).record(3, 0, {3}).record(5, 0, {5});
  b.interface(101).enhanced(0, 2'000'000, {2}).enhanced(0, 4'000'000, {4});
  auto set = CaptureSet::open({directory.file("a", a.bytes), directory.file("b", b.bytes)});
  REQUIRE(set);
  CHECK(set->files() == 2);
  CHECK(set->name(1) == directory.path("b"));
  const auto frames = read_all(*set);
  REQUIRE(frames.size() == 5);
  for (std::uint8_t i = 0; i < 5; ++i) CHECK(frames[i].bytes == ByteVector{static_cast<std::uint8_t>(i + 1)});
  CHECK(frames[1].frame.file == 1);
  CHECK(frames[1].frame.number == 1);
  CHECK(frames[1].frame.link_type == 101);
  CHECK(frames[2].frame.file == 0);
  CHECK(frames[2].frame.number == 2);
  CHECK_FALSE(set->next());
  CHECK(set->damages().empty());
}

TEST_CASE("capture set: of equal times the file given first comes first, and no file is reordered in itself") {
  const TemporaryDirectory directory;
  const auto a = directory.file("a", Pcap().record(5, 0, {1}).record(1, 0, {2}).bytes);
  const auto b = directory.file("b", Pcap().record(5, 0, {3}).record(6, 0, {4}).bytes);
  const auto order = [](std::vector<std::string> paths) {
    auto set = CaptureSet::open(paths);
    REQUIRE(set);
    ByteVector order;
    for (const auto& frame : read_all(*set)) order.push_back(frame.bytes[0]);
    return order;
  };
  CHECK(order({a, b}) == ByteVector{1, 2, 3, 4});
  CHECK(order({b, a}) == ByteVector{3, 1, 2, 4});
}

TEST_CASE("capture set: many files merge as a stable sort would") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  const TemporaryDirectory directory;
  std::vector<std::string> paths;
  std::vector<std::pair<std::uint32_t, ByteVector>> expected;
  for (std::uint8_t file = 0; file < 20; ++file) {
    Pcap pcap;
    std::uint32_t time = 0;
    for (std::uint8_t i = 0; i < 50; ++i) {
      time += static_cast<std::uint32_t>(random() % 4);
      pcap.record(time, 0, {file, i});
      expected.push_back({time, {file, i}});
    }
    paths.push_back(directory.file(std::to_string(file), pcap.bytes));
  }
  std::stable_sort(expected.begin(), expected.end(), [](auto& a, auto& b) { return a.first < b.first; });
  auto set = CaptureSet::open(paths);
  REQUIRE(set);
  const auto frames = read_all(*set);
  REQUIRE(frames.size() == expected.size());
  for (std::size_t i = 0; i < frames.size(); ++i) REQUIRE(frames[i].bytes == expected[i].second);
}

TEST_CASE("capture set: the damage of each file is told, and the others are read on") {
  const TemporaryDirectory directory;
  auto cut = Pcap().record(1, 0, {1}).record(2, 0, {2}).bytes;
  cut.pop_back();
  auto set =
      CaptureSet::open({directory.file("a", cut), directory.file("b", Pcap().record(1, 0, {3}).record(9, 0, {4}).bytes),
                        directory.file("c", cut)});
  REQUIRE(set);
  CHECK(read_all(*set).size() == 4);
  const auto damages = set->damages();
  REQUIRE(damages.size() == 2);
  CHECK(damages[0].file == directory.path("a"));
  CHECK(damages[1].file == directory.path("c"));
}

TEST_CASE("capture set: the first file that cannot be opened is the error") {
  const TemporaryDirectory directory;
  const auto good = directory.file("good", Pcap().bytes);
  CHECK(CaptureSet::open({good, directory.path("none"), directory.path("other")}).error().file ==
        directory.path("none"));
  CHECK(CaptureSet::open({}).error().text == "no capture given");
  CHECK(CaptureSet::open({"-", "-"}).error().text == "can be read only once");
}
