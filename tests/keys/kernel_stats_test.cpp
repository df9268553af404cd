#include "keys/kernel_stats.hpp"

#include "support/catch.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

constexpr std::string_view one_sa =
    "src 10.9.1.1 dst 10.9.1.2\n"
    "\tproto esp spi 0xdf8a6b4e(3750390606) reqid 2(0x00000002) mode tunnel\n"
    "\treplay-window 0 seq 0x00000000 flag esn (0x10000000)\n"
    "\tanti-replay esn context:\n"
    "\t seq-hi 0x1, seq 0xf2, oseq-hi 0x0, oseq 0x0\n"
    "\t replay_window 128, bitmap-length 4\n"
    "\tlifetime current:\n"
    "\t  4242(bytes), 231(packets)\n"
    "\t  add 2026-11-20 15:39:30 use 2026-11-20 15:39:37\n"
    "\tstats:\n"
    "\t  replay-window 3 replay 7 failed 11\n";

KernelStats read(std::string_view text) {
  KernelStats out;
  REQUIRE(add_kernel_stats(bytes_of(text), "stats.txt", out));
  return out;
}

void check_one(const KernelSa& sa) {
  CHECK(sa.destination.to_string() == "10.9.1.2");
  CHECK(sa.spi == 0xdf8a6b4e);
  CHECK(sa.seq == 0x1000000f2);
  CHECK(sa.packets == 231);
  CHECK(sa.replay_window == 3);
  CHECK(sa.replay == 7);
  CHECK(sa.failed == 11);
  CHECK_FALSE(sa.sends());
}

}  // namespace

TEST_CASE("kernel counters: an SA of `ip -s xfrm state`, and with -o in one line") {
  const KernelStats plain = read(one_sa);
  REQUIRE(plain.sas.size() == 1);
  check_one(plain.sas.front());
  std::string joined{one_sa.substr(0, one_sa.size() - 1)};
  for (std::size_t at = joined.find('\n'); at != std::string::npos; at = joined.find('\n', at)) joined[at] = '\\';
  const KernelStats one_line = read(joined + "\\\n");
  REQUIRE(one_line.sas.size() == 1);
  check_one(one_line.sas.front());
}

TEST_CASE("kernel counters: the sender numbers packets; numbers set when the SA was made do not count") {
  const auto sends = [](std::string_view context) {
    return read("src 10.9.1.1 dst 10.9.1.2\n\tproto esp spi 0x1 reqid 1 mode tunnel\n\tanti-replay context: " +
                std::string{context} + "\n\tlifetime current:\n\t  0(bytes), 5(packets)\n")
        .sas.front()
        .sends();
  };
  CHECK(sends("seq 0x0, oseq 0x5, bitmap 0x00000000"));
  CHECK_FALSE(sends("seq 0x5, oseq 0x0, bitmap 0x0000001f"));
  CHECK(sends("seq 0xfffffff0, oseq 0xfffffff5, bitmap 0x00000000"));
  CHECK_FALSE(sends("seq 0xfffffff5, oseq 0xfffffff0, bitmap 0x0000001f"));
}

TEST_CASE("kernel counters: those of a host") {
  const KernelStats stats = read("XfrmInError             \t0\nXfrmInNoStates          \t2\n");
  CHECK(stats.has_totals);
  CHECK(stats.totals.size() == 1);
  CHECK(stats.totals.at("XfrmInNoStates") == 2);
}

TEST_CASE("kernel counters: what has none is refused, what is broken is passed over") {
  KernelStats out;
  for (const std::string_view text :
       {"", "hello\n", "src 10.9.1.1 dst 10.9.1.2\n\tproto esp spi 0x1 reqid 1 mode tunnel\n",
        "src x dst y\n\tlifetime current:\n\t  1(bytes), 2(packets)\n",
        "src 10.9.1.1 dst 10.9.1.2\n\tproto comp spi 0x1\n\tlifetime current:\n\t  1(bytes), 2(packets)\n",
        "XfrmInNoStates many\n", "XfrmInNoStates 99999999999999999999999\n"}) {
    INFO(text);
    const Status added = add_kernel_stats(bytes_of(text), "stats.txt", out);
    REQUIRE_FALSE(added);
    CHECK(added.error().file == "stats.txt");
  }
}
