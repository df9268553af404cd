// A gateway in the path of ESP in TCP: RFC 9329. It takes messages out of the stream, and cuts the rest anew.
#include <string>

#include <espdump/codes.hpp>

#include "support/catch.hpp"
#include "support/gateway_frames.hpp"
#include "support/gateway_scene.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

constexpr std::uint8_t syn = 0x02;
constexpr std::size_t per_segment = 3, messages = 120;

SaText tcp_sa() {
  SaText sa;
  sa.line = "encap type espintcp sport 40000 dport 4500 addr 0.0.0.0";
  return sa;
}

// One direction of a connection, as one side sees it.
class Stream {
 public:
  Stream(std::uint32_t number, std::uint16_t id, std::uint8_t ttl) : number_(number), id_(id), ttl_(ttl) {}
  Octets segment(const Octets& payload, std::uint8_t flags = 0x18) {
    const SaText sa = tcp_sa();
    const Octets tcp = tcp_segment(sa.source, sa.destination, 40000, 4500, payload, {number_, 1, flags});
    number_ += static_cast<std::uint32_t>(payload.size()) + ((flags & syn) != 0 ? 1 : 0);
    return ethernet_frame(ipv4_packet(sa.source, sa.destination, 6, tcp, {.ttl = ttl_, .id = id_++, .df = true}));
  }

 private:
  std::uint32_t number_;
  std::uint16_t id_;
  std::uint8_t ttl_;
};

Octets message(std::uint64_t n) { return esp_of(tcp_sa(), n, inner_v4(static_cast<std::uint16_t>(n), 100)); }
void append_message(Octets& stream, const Octets& content) {
  const std::size_t size = content.size() + 2;
  stream.push_back(static_cast<std::uint8_t>(size >> 8));
  stream.push_back(static_cast<std::uint8_t>(size));
  stream.insert(stream.end(), content.begin(), content.end());
}

// Behind the marker that tells it from ESP.
Octets ike_message() {
  Octets out(4 + 28);
  for (std::size_t i = 4; i < 12; ++i) out[i] = static_cast<std::uint8_t>(i);
  out[21] = 0x20;
  out[22] = 34;
  out[23] = 0x08;
  out[31] = 28;
  return out;
}

struct Streams {
  Passage it;
  FrameNumbers bad_in, replay_in, lost_in, changed_in, bad_out, replay_out;
};

// Message 31 is followed by one with a bad ICV, 61 by a replay of 50, 62 by one of itself; 90 gets lost and 100 is
// changed where `faulty`. Segments of the far side have 500 bytes.
class Gateway {
 public:
  Gateway(bool faulty, std::uint8_t ttl_behind) : faulty_(faulty), behind_(77'000, 900, ttl_behind) {}

  Streams run() {
    out_.it.in(before_.segment({}, syn));
    out_.it.out(behind_.segment({}, syn));
    Octets stream = prefix;
    waiting_ = prefix;
    append_message(stream, ike_message());
    append_message(waiting_, ike_message());
    for (std::uint64_t n = 1; n <= messages; ++n) {
      take(stream, n);
      if (n % per_segment != 0) continue;
      settle(out_.it.in(before_.segment(stream)));
      stream.clear();
      send(500);
    }
    send(1);
    return std::move(out_);
  }

 private:
  // What a message is, and whether it leaves.
  struct Coming {
    Octets bytes;
    FrameNumbers *in, *out;
    bool passes;
  };

  void take(Octets& stream, std::uint64_t n) {
    const auto put = [&](const Octets& bytes, FrameNumbers* in, FrameNumbers* out, bool passes) {
      append_message(stream, bytes);
      coming_.push_back({bytes, in, out, passes});
    };
    Octets changed = message(n);
    changed[40] ^= 1;
    if (n == 90)
      put(message(n), faulty_ ? &out_.lost_in : nullptr, nullptr, !faulty_);
    else
      put(message(n), n == 100 ? &out_.changed_in : nullptr, nullptr, true);
    if (n == 100 && faulty_) coming_.back().bytes = changed;
    if (n == 31) put(changed, &out_.bad_in, &out_.bad_out, faulty_);
    if (n == 61 || n == 62) put(message(n == 61 ? 50 : n), &out_.replay_in, &out_.replay_out, faulty_);
  }

  void settle(std::uint64_t frame) {
    for (const Coming& one : coming_) {
      if (one.in != nullptr) one.in->push_back(frame);
      if (!one.passes) continue;
      append_message(waiting_, one.bytes);
      if (one.out != nullptr) ends_.push_back({sent_ + waiting_.size(), one.out});
    }
    coming_.clear();
  }

  void send(std::size_t least) {
    while (waiting_.size() >= least) {
      const std::size_t size = std::min<std::size_t>(waiting_.size(), 500);
      const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(size);
      const std::uint64_t frame = out_.it.out(behind_.segment(Octets(waiting_.begin(), end)));
      waiting_.erase(waiting_.begin(), end);
      sent_ += size;
      for (; !ends_.empty() && ends_.front().first <= sent_; ends_.erase(ends_.begin()))
        ends_.front().second->push_back(frame);
    }
  }

  static inline const Octets prefix{'I', 'K', 'E', 'T', 'C', 'P'};
  bool faulty_;
  Stream before_{1000, 100, 64}, behind_;
  Octets waiting_;
  std::size_t sent_ = 0;
  std::vector<Coming> coming_;
  std::vector<std::pair<std::size_t, FrameNumbers*>> ends_;  // of messages, in the stream behind the gateway
  Streams out_;
};

}  // namespace

TEST_CASE("gateway streams: one that takes bad messages out of TCP and cuts it anew passes") {
  const Keystore store = keystore_from(dump_text(tcp_sa()));
  for (const std::uint8_t ttl : {std::uint8_t{63}, std::uint8_t{128}}) {
    const Judged judged = Gateway{false, ttl}.run().it.judged(store);
    INFO(described(judged));
    CHECK(judged.report.verdict == GatewayVerdict::pass);
    CHECK(judged.report.violations.empty());
    CHECK(judged.report.forwarded == messages);
    CHECK(judged.report.ike_passed == 1);
    CHECK(notes(judged.report, "went in TCP"));
    CHECK(exercised(judged.report, GatewayClass::bad_icv) == 1);
    CHECK(exercised(judged.report, GatewayClass::replay) == 2);
  }
}

TEST_CASE("gateway streams: what one leaks, loses and changes in TCP is found at its frames") {
  const Streams streams = Gateway{true, 63}.run();
  for (const KeyForm form : {KeyForm::whole, KeyForm::null_cipher}) {
    const Keystore store = keystore_from(without_ciphers(dump_text(tcp_sa()), form));
    const Judged judged = streams.it.judged(store);
    INFO(described(judged));
    CHECK(judged.report.verdict == GatewayVerdict::fail);
    CHECK(judged.report.violations.size() == 5);
    CHECK(frames_of_code(judged, codes::gateway_leaked_bad_icv) == streams.bad_in);
    CHECK(egress_frames_of_code(judged, codes::gateway_leaked_bad_icv) == streams.bad_out);
    CHECK(frames_of_code(judged, codes::gateway_leaked_replay) == streams.replay_in);
    CHECK(egress_frames_of_code(judged, codes::gateway_leaked_replay) == streams.replay_out);
    CHECK(frames_of_code(judged, codes::gateway_dropped_valid) == streams.lost_in);
    CHECK(frames_of_code(judged, codes::gateway_modified) == streams.changed_in);
  }
}
