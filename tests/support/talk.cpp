#include "support/talk.hpp"

namespace espdump::test {
namespace {

Octets mss_option(std::uint16_t mss) {
  if (mss == 0) return {};
  return {2, 4, static_cast<std::uint8_t>(mss >> 8), static_cast<std::uint8_t>(mss)};
}

void put(Octets& out, std::uint32_t value) {
  for (const int shift : {24, 16, 8, 0}) out.push_back(static_cast<std::uint8_t>(value >> shift));
}

}  // namespace

OpenedTalk::OpenedTalk(bool with_keys, std::uint16_t mss, std::uint16_t mss_back) : Talk(with_keys) {
  say(1000, 0, 0x02, second / 10, false, mss);
  answer(1001, 0x12, 0, 0, mss_back);
  say(1001, 0, 0x10);
}

Talk& Talk::say(std::uint32_t number, std::size_t size, std::uint8_t flags, std::int64_t gap, bool lost,
                std::uint16_t mss) {
  ++sent;
  if (lost) return *this;
  const Octets tcp = tcp_segment("10.1.0.1", "10.2.0.1", client, 80, Octets(size, 0x55),
                                 {number, 5001, flags, 64240, mss_option(mss)});
  rig.feed(esp_frame(forth, sent, ipv4_packet("10.1.0.1", "10.2.0.1", 6, tcp)), {.gap = gap});
  return *this;
}

Talk& Talk::answer(std::uint32_t acknowledged, std::uint8_t flags, std::uint32_t left, std::uint32_t right,
                   std::uint16_t mss, std::int64_t gap) {
  Octets options = mss_option(mss);
  if (left != right) {
    options = {1, 1, 5, 10};
    put(options, left), put(options, right);
  }
  const std::uint32_t number = (flags & 2) != 0 ? 5000 : 5001;
  const Octets tcp = tcp_segment("10.2.0.1", "10.1.0.1", 80, client, {}, {number, acknowledged, flags, 64240, options});
  rig.feed(esp_frame(back, ++answered, ipv4_packet("10.2.0.1", "10.1.0.1", 6, tcp)), {.gap = gap});
  return *this;
}

Talk& Talk::again(std::uint32_t number, std::size_t size, int times) {
  for (int i = 0; i < times; ++i) say(number, size, 0x10, second << i);
  return *this;
}

std::size_t Talk::count(const FindingInfo& info) {
  rig.finish();
  return rig.found(info).size();
}

}  // namespace espdump::test
