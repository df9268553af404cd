// What a gateway may do to headers, and what it may not, whatever stands around ESP.
#include <functional>
#include <string>

#include <espdump/codes.hpp>

#include "support/catch.hpp"
#include "support/gateway_frames.hpp"
#include "support/gateway_scene.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

constexpr std::uint8_t not_ect = 0, ect_1 = 1, ect_0 = 2, ce = 3;

const SaText sa4{};
const SaText sa6{"2001:db8::1", "2001:db8::2", 0x6006, "tunnel", cbc_sha256};
const Keystore& keys() {
  static const Keystore store = keystore_from(dump_of({sa4, sa6}));
  return store;
}

Octets esp(const SaText& sa, std::uint64_t n, std::size_t size = 200) {
  return esp_of(sa, n, inner_v4(static_cast<std::uint16_t>(n), size));
}
Octets v4(std::uint64_t n, const Ipv4Options& more = {}) {
  Ipv4Options options = more;
  if (options.id == 0 && !options.df) options.id = static_cast<std::uint16_t>(n * 3);
  return ethernet_frame(ipv4_packet(sa4.source, sa4.destination, 50, esp(sa4, n), options));
}
Octets v6(std::uint64_t n, const Ipv6Options& options = {}, bool extended = false) {
  Octets payload = esp(sa6, n);
  if (extended) {
    const Octets padding{50, 0, 1, 4, 0, 0, 0, 0};
    payload.insert(payload.begin(), padding.begin(), padding.end());
  }
  return ethernet_frame(ipv6_packet(sa6.source, sa6.destination, extended ? 60 : 50, payload, options));
}

using Alter = std::function<Octets(Octets)>;
using Make = std::function<Octets(std::uint64_t)>;

constexpr std::uint64_t packets = 60;
bool is_odd_one(std::uint64_t n) { return n == 20 || n == 41; }

// All packets through `usual`, two of them through `odd`.
Passage passage(const Make& make, const Alter& usual, const Alter& odd) {
  Passage out;
  for (std::uint64_t n = 1; n <= packets; ++n) {
    const Octets frame = make(n);
    out.in(frame);
    out.out(is_odd_one(n) ? odd(frame) : usual(frame));
  }
  return out;
}

Octets route(const Octets& frame) { return routed(frame); }
Alter then(const Alter& change) {
  return [change](const Octets& frame) { return change(routed(frame)); };
}

}  // namespace

TEST_CASE("gateway headers: what no router may do is found in the packets it was done to") {
  const Make plain = [](std::uint64_t n) { return v4(n); };
  const Make no_fragments = [](std::uint64_t n) { return v4(n, {.id = 9, .df = true}); };
  const Make ect = [](std::uint64_t n) { return v4(n, {.tos = ect_0}); };
  const Make six = [](std::uint64_t n) { return v6(n, {.flow_label = 0x12345}); };
  const Make six_extended = [](std::uint64_t n) { return v6(n, {.flow_label = 0x12345}, true); };
  const struct {
    const char* text;  // of the report
    Make make;
    Alter odd;
  } table[] = {
      {"ECN Not-ECT > CE", plain, then([](Octets frame) { return with_tos(frame, ce); })},
      {"ECN ECT(0) > Not-ECT", ect, then([](Octets frame) { return with_tos(frame, not_ect); })},
      {"ECN ECT(0) > ECT(1)", ect, then([](Octets frame) { return with_tos(frame, ect_1); })},
      {"DSCP 0 > 46 (0 in others)", plain, then([](Octets frame) { return with_tos(frame, 46 * 4); })},
      {"DF 1 > 0", no_fragments, then([](Octets frame) { return with_id(frame, 9, false); })},
      {"identification", plain, then([](Octets frame) { return with_id(frame, 0xbeef, false); })},
      {"TTL 64 > 65 (1 less in others)", plain, [](Octets frame) { return routed(frame, -1); }},
      {"TTL 64 > 62 (1 less in others)", plain, [](Octets frame) { return routed(frame, 2); }},
      {"TTL 64 > 64 (1 less in others)", plain, [](Octets frame) { return frame; }},
      {"addresses 192.0.2.1 > 192.0.2.2 become 192.0.2.1 > 192.0.2.77", plain,
       then([](Octets frame) { return with_destination(frame, "192.0.2.77"); })},
      {"addresses 192.0.2.1 > 192.0.2.2 become 192.0.2.88 > 192.0.2.2", plain,
       then([](Octets frame) { return with_source(frame, "192.0.2.88"); })},
      {"flow label 0x12345 > 0x54321", six, then([](Octets frame) { return with_flow_label(frame, 0x54321); })},
      {"flow label 0x12345 > 0x00000", six, then([](Octets frame) { return with_flow_label(frame, 0); })},
      {"hop limit 64 > 62 (1 less in others)", six_extended, [](Octets frame) { return routed(frame, 2); }},
      {"ECN Not-ECT > CE", six_extended, then([](Octets frame) { return with_tos(frame, ce); })},
      {"2001:db8::77", six_extended, then([](Octets frame) { return with_destination(frame, "2001:db8::77"); })},
  };
  for (const auto& one : table) {
    const Judged judged = passage(one.make, route, one.odd).judged(keys());
    INFO(one.text << "\n" << described(judged));
    CHECK(judged.report.verdict == GatewayVerdict::fail);
    CHECK(codes_of(judged.report) == std::set<std::string>{"gateway.modified"});
    CHECK(frames_of_code(judged, codes::gateway_modified) == FrameNumbers{20, 41});
    REQUIRE(judged.report.violations.size() == 2);
    CHECK_THAT(judged.report.violations.front().fields, Catch::StartsWith(one.text) || Catch::Contains("db8::77"));
  }
}

TEST_CASE("gateway headers: what a router may do passes, and is told") {
  const Alter mark = then([](Octets frame) { return with_tos(frame, ce); });
  const struct {
    const char* note;
    Make make;
    Alter usual, odd;
  } table[] = {
      {"TTL or hop limit 1 less", [](std::uint64_t n) { return v4(n, {.tos = ect_0}); }, route, mark},
      {"TTL or hop limit 1 less", [](std::uint64_t n) { return v4(n, {.tos = ect_1}); }, route, mark},
      {"TTL or hop limit 1 less", [](std::uint64_t n) { return v6(n, {.traffic_class = ect_0}, true); }, route, mark},
      {"TTL or hop limit 3 less", [](std::uint64_t n) { return v6(n); }, [](Octets frame) { return routed(frame, 3); },
       [](Octets frame) { return routed(frame, 3); }},
      {"2 packets got a flow label", [](std::uint64_t n) { return v6(n, {}, true); }, route,
       then([](Octets frame) { return with_flow_label(frame, 0x777); })},
      {"the IPv4 identification of 2 packets with DF was rewritten",
       [](std::uint64_t n) { return v4(n, {.df = true}); }, route,
       then([](Octets frame) { return with_id(frame, 0x1234, true); })},
      {"DSCP 46 becomes 34",
       [](std::uint64_t n) { return v4(n, {.tos = n % 3 == 0 ? std::uint8_t{46 * 4} : not_ect}); },
       then([](Octets frame) { return with_tos(frame, frame[15] == 46 * 4 ? 34 * 4 : frame[15]); }),
       then([](Octets frame) { return with_tos(frame, frame[15] == 46 * 4 ? 34 * 4 : frame[15]); })},
  };
  for (const auto& one : table) {
    const Judged judged = passage(one.make, one.usual, one.odd).judged(keys());
    INFO(one.note << "\n" << described(judged));
    CHECK(judged.report.verdict == GatewayVerdict::pass);
    CHECK(judged.report.violations.empty());
    CHECK(notes(judged.report, one.note));
  }
}

TEST_CASE("gateway headers: a NAT gives other addresses to packets in a row, or to a flow; others are astray") {
  const SaText other{sa4.source, sa4.destination, 0x7007, "tunnel", other_gcm};
  const Keystore store = keystore_from(dump_of({sa4, other}));
  const auto nat = [](const Octets& frame, bool second) {
    return with_source(routed(frame), second ? "203.0.113.2" : "203.0.113.1");
  };
  const auto run = [&](auto out, auto out_of_other) {
    Passage it;
    for (std::uint64_t n = 1; n <= 120; ++n) {
      it.in(v4(n));
      it.out(out(n, v4(n)));
      it.in(esp_frame(other, n));
      it.out(out_of_other(n, esp_frame(other, n)));
    }
    return it.judged(store);
  };
  const auto first = [&](std::uint64_t, const Octets& frame) { return nat(frame, false); };
  const auto late = [&](std::uint64_t n, const Octets& frame) { return nat(frame, n >= 119); };
  const auto back_and_forth = [&](std::uint64_t n, const Octets& frame) { return nat(frame, n / 40 == 1); };
  const auto always = [&](std::uint64_t, const Octets& frame) { return nat(frame, true); };
  for (const Judged& judged : {run(late, late), run(back_and_forth, back_and_forth), run(first, always)}) {
    INFO(described(judged));
    CHECK(judged.report.verdict == GatewayVerdict::pass);
    CHECK(notes(judged.report, "become 203.0.113.1 > 192.0.2.2 (NAT)"));
    CHECK(notes(judged.report, "become 203.0.113.2 > 192.0.2.2 (NAT)"));
  }
  const auto now_and_then = [&](std::uint64_t n, const Octets& frame) { return nat(frame, n % 10 == 5); };
  const auto astray = [&](std::uint64_t n, const Octets& frame) {
    return n % 10 == 5 ? with_destination(nat(frame, false), "192.0.2.99") : nat(frame, false);
  };
  for (const Judged& judged : {run(now_and_then, first), run(astray, first)}) {
    INFO(described(judged));
    CHECK(codes_of(judged.report) == std::set<std::string>{"gateway.modified"});
    FrameNumbers expected;
    for (std::uint64_t n = 5; n <= 120; n += 10) expected.push_back(2 * n - 1);
    CHECK(frames_of_code(judged, codes::gateway_modified) == expected);
  }
}

TEST_CASE("gateway headers: a bridge leaves the TTL, and VLAN tags come and go") {
  const Alter tag = [](const Octets& frame) { return tagged(frame, 5); };
  const Alter bridge = [](const Octets& frame) { return frame; };
  const Judged tags = passage([](std::uint64_t n) { return v4(n); }, tag, tag).judged(keys());
  INFO(described(tags));
  CHECK(tags.report.verdict == GatewayVerdict::pass);
  CHECK_FALSE(notes(tags.report, "routed"));
  Passage untags;
  for (std::uint64_t n = 1; n <= packets; ++n) {
    untags.in(tagged(v6(n), 7));
    untags.out(v6(n));
  }
  CHECK(untags.judged(keys()).report.verdict == GatewayVerdict::pass);
  const Judged routes = passage([](std::uint64_t n) { return v6(n); }, bridge, route).judged(keys());
  CHECK(frames_of_code(routes, codes::gateway_modified) == FrameNumbers{20, 41});
}

TEST_CASE("gateway headers: fragments are made and put together on the way") {
  for (const bool make : {true, false}) {
    Passage it;
    FrameNumbers leaked, dropped;
    const auto whole_or_not = [&](const Octets& frame, bool pieces, auto put) {
      if (!pieces) return put(frame);
      std::uint64_t last = 0;
      for (const Octets& piece : fragments_of(frame, 96, frame[19])) last = put(piece);
      return last;
    };
    for (std::uint64_t n = 1; n <= packets; ++n) {
      const bool bad = n % 10 == 3, leaks = n == 33, lost = n == 51;
      Octets frame = v4(n);
      if (bad) frame[100] ^= 1;
      const std::uint64_t number = whole_or_not(frame, !make, [&](const Octets& one) { return it.in(one); });
      if (leaks) leaked.push_back(number);
      if (lost) dropped.push_back(number);
      if (bad ? leaks : !lost) whole_or_not(routed(frame), make, [&](const Octets& one) { return it.out(one); });
    }
    const Judged judged = it.judged(keys());
    INFO(described(judged));
    CHECK(frames_of_code(judged, codes::gateway_leaked_bad_icv) == leaked);
    CHECK(frames_of_code(judged, codes::gateway_dropped_valid) == dropped);
    CHECK(judged.report.violations.size() == 2);
    CHECK(judged.report.stopped == 5);
    CHECK(notes(judged.report, "53 packets were fragmented or put together"));
  }
}

TEST_CASE("gateway headers: IPv6 fragments of a bad datagram are leaked though the whole is not") {
  Passage it;
  FrameNumbers culprits;
  for (std::uint64_t n = 1; n <= packets; ++n) {
    const bool bad = n % 10 == 3;
    Octets frame = v6(n, {}, n % 2 == 0);
    if (bad) frame[150] ^= 1;
    std::uint64_t number = 0;
    const auto pieces = fragments_of(frame, 96, static_cast<std::uint32_t>(0x11110000 + n));
    for (std::size_t at = 0; at < 2; ++at) {
      number = it.in(pieces[at]);
      // Of two bad ones the first fragment goes on.
      if (!bad || (at == 0 && (n == 13 || n == 43))) it.out(routed(pieces[at]));
    }
    if (n == 13 || n == 43) culprits.push_back(number);
  }
  const Judged judged = it.judged(keys());
  INFO(described(judged));
  CHECK(codes_of(judged.report) == std::set<std::string>{"gateway.leaked-bad-icv"});
  CHECK(frames_of_code(judged, codes::gateway_leaked_bad_icv) == culprits);
  CHECK(judged.report.fragmented == packets);
}

TEST_CASE("gateway headers: fragments that got lost behind the gateway are no leak of the replay that follows") {
  Passage it;
  std::uint64_t dropped = 0;
  for (std::uint64_t n = 1; n <= packets; ++n) {
    if (n != 30) {
      it.through(v4(n));
      continue;
    }
    const auto pieces = fragments_of(v4(n), 96, 0x4444), again = fragments_of(v4(n), 96, 0x4445);
    it.in(pieces[0]);
    it.out(routed(pieces[0]));
    dropped = it.in(pieces[1]);
    it.in(again[0]);
    it.in(again[1]);
  }
  const Judged judged = it.judged(keys());
  INFO(described(judged));
  CHECK(codes_of(judged.report) == std::set<std::string>{"gateway.dropped-valid"});
  CHECK(frames_of_code(judged, codes::gateway_dropped_valid) == FrameNumbers{dropped});
  CHECK(judged.report.stopped == 1);
}
