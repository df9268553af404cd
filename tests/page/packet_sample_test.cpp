#include "page/packet_sample.hpp"

#include <espdump/codes.hpp>

#include <algorithm>
#include <array>
#include <set>

#include "support/catch.hpp"

using namespace espdump;

namespace {

// Feeds packets without layers; those whose numbers are in `found` have a finding.
struct Feeder {
  void feed(std::uint64_t count, const std::set<std::uint64_t>& found = {}) {
    for (std::uint64_t i = 0; i < count; ++i) {
      packet.reset();
      packet.frame = ++frames;
      packet.add_buffer(bytes, Origin::capture);
      if (found.count(frames) != 0) packet.add_finding(codes::icv_bad, "bad");
      sample.add(packet);
    }
    sample.finish();
  }
  [[nodiscard]] std::vector<FrameNumber> shown() const {
    std::vector<FrameNumber> out;
    Packet one;
    for (const auto& kept : sample.packets()) {
      kept->restore(one);
      out.push_back(one.frame);
    }
    return out;
  }

  PacketSample sample;
  std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(60);
  Packet packet{};
  FrameNumber frames = 0;
};

bool has(const std::vector<FrameNumber>& list, FrameNumber frame) {
  return std::find(list.begin(), list.end(), frame) != list.end();
}

}  // namespace

TEST_CASE("sample: all of a small capture") {
  Feeder feeder{PacketSample{100}};
  feeder.feed(100);
  CHECK(feeder.shown().size() == 100);
  CHECK(feeder.sample.stride() == 1);
}

TEST_CASE("sample: of a large one, what was found with its neighbours, and the rest evenly") {
  Feeder feeder{PacketSample{100}};
  feeder.feed(100'000, {40'003, 77'777});
  const std::vector<FrameNumber> shown = feeder.shown();
  CHECK(shown.size() <= 100);
  CHECK(shown.size() >= 40);
  CHECK(std::is_sorted(shown.begin(), shown.end()));
  CHECK(shown.front() == 1);
  for (const FrameNumber found : {40'003, 77'777})
    for (const FrameNumber frame : {found - 2, found - 1, found, found + 1, found + 2}) {
      INFO(frame);
      CHECK(has(shown, frame));
    }
  for (FrameNumber frame = 1; frame <= 100'000; frame += feeder.sample.stride()) {
    INFO(frame);
    CHECK(has(shown, frame));
  }
}

TEST_CASE("sample: findings everywhere leave room for the rest") {
  std::set<std::uint64_t> all;
  for (std::uint64_t i = 1; i <= 5000; ++i) all.insert(i);
  Feeder feeder{PacketSample{64}};
  feeder.feed(5000, all);
  const std::vector<FrameNumber> shown = feeder.shown();
  CHECK(shown.size() <= 64);
  CHECK(shown.back() > 4000);
}

TEST_CASE("sample: never more than was asked for, however few") {
  for (const std::size_t most : {0, 1, 2, 3, 7}) {
    INFO(most);
    Feeder feeder{PacketSample{most}};
    feeder.feed(3000, {5, 6, 7, 2000});
    CHECK(feeder.shown().size() <= most);
    CHECK(feeder.sample.seen() == 3000);
  }
}

TEST_CASE("sample: packets that are too large for its memory are left out and counted") {
  Feeder feeder{PacketSample{200}};
  feeder.bytes.resize(1024 * 1024);
  feeder.feed(50);
  CHECK(feeder.shown().size() == 15);
  CHECK(feeder.sample.too_large() == 35);
}
