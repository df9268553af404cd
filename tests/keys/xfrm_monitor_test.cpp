// How SAs end, and when, as a monitor tells it.
#include "keys/xfrm_monitor.hpp"

#include <cstdlib>
#include <ctime>

#include "keys/xfrm_text.hpp"

using namespace espdump;
using namespace espdump::test;
using keys::monitor_time;

namespace {

// Times of a monitor are local; the tests say where.
struct InTimeZone {
  explicit InTimeZone(const char* zone) {
    if (const char* before = std::getenv("TZ")) before_ = before;
    setenv("TZ", zone, 1);
    tzset();
  }
  InTimeZone(const InTimeZone&) = delete;
  InTimeZone& operator=(const InTimeZone&) = delete;
  ~InTimeZone() {
    if (before_.empty())
      unsetenv("TZ");
    else
      setenv("TZ", before_.c_str(), 1);
    tzset();
  }

 private:
  std::string before_;
};

std::string sa(std::string_view event, int spi = 1) {
  return std::string{event} + "src 10.0.0.1 dst 10.0.0.2\n\tproto esp spi 0x0000100" + std::to_string(spi) +
         " reqid 1 mode tunnel\n\treplay-window 0 \n\taead rfc4106(gcm(aes)) "
         "0x000102030405060708090a0b0c0d0e0f10111213 128\n";
}
std::string expired(int hard) {
  return "Expired src 10.0.0.1 dst 10.0.0.2\n\tproto esp spi 0x00001001 reqid 1 mode tunnel\n\treplay-window 0 "
         "\n\thard " +
         std::to_string(hard) + "\n";
}
std::string at(int second) { return "[2026-11-20T14:58:" + std::to_string(second) + ".000001] "; }

constexpr std::int64_t fifty = 1795186730'000001000;  // 2026-11-20 14:58:50.000001 UTC

}  // namespace

TEST_CASE("xfrm monitor: both forms of time, in the time zone of the process") {
  const InTimeZone utc("UTC");
  CHECK(monitor_time("2026-11-20T14:58:50.000001") == Timestamp{fifty});
  CHECK(monitor_time("Fri Nov 20 14:58:50 2026 1 usec") == Timestamp{fifty});
  CHECK(monitor_time("1970-01-01T00:00:00.0") == Timestamp{0});
  const InTimeZone tokyo("JST-9");
  CHECK(monitor_time("2026-11-20T23:58:50.000001") == Timestamp{fifty});
}

TEST_CASE("xfrm monitor: what is no time is none") {
  for (const char* text :
       {"", "nsid current", "2026", "2026-13-01T00:00:00.0", "2026-11-20T24:00:00.0", "2026-11-20 14:58:43",
        "1969-11-20T14:00:00.0", "9999-01-01T00:00:00.0", "Fri Foo 20 14:58:43 2026 1 usec", "Fri Nov 20 14:58 2026",
        "Fri Nov 0 14:58:43 2026 1 usec", "2026-11-20T::."})
    CHECK_FALSE(monitor_time(text));
}

TEST_CASE("xfrm monitor: deleted and expired SAs stay, with their end") {
  const InTimeZone utc("UTC");
  const Loaded gone = load(sa("") + sa(at(50) + "Deleted "));
  CHECK((gone.report.format == "ip xfrm monitor" && gone.sa().ending == Ending::deleted));
  CHECK(gone.sa().ended == Timestamp{fifty});
  CHECK(gone.sa().usable());
  const Loaded late = load(sa("") + "Timestamp: Fri Nov 20 14:58:50 2026 1 usec\n" + expired(1));
  CHECK((late.sa().ending == Ending::expired && late.sa().ended == Timestamp{fifty}));
  CHECK(load(sa("") + expired(1)).sa().ending == Ending::expired);
  CHECK_FALSE(load(sa("") + expired(1)).sa().ended);
  CHECK(load(sa("")).sa().ending == Ending::none);
}

TEST_CASE("xfrm monitor: a soft limit is no end") {
  const Loaded out = load(sa("") + expired(0));
  CHECK(out.sa().ending == Ending::none);
  CHECK((out.report.problems.size() == 1 && !out.report.problems[0].serious));
}

TEST_CASE("xfrm monitor: the earliest end counts, and an SA added again lives") {
  const InTimeZone utc("UTC");
  const Loaded both = load(sa("") + at(50) + expired(1) + sa(at(55) + "Deleted "));
  CHECK((both.sa().ending == Ending::expired && both.sa().ended == Timestamp{fifty}));
  const Loaded again = load(sa("") + sa(at(50) + "Deleted ") + sa("Updated "));
  CHECK((again.sa().ending == Ending::none && !again.sa().ended));
  CHECK(load(sa("") + sa("Deleted ") + sa("") + sa(at(50) + "Deleted ")).sa().ended == Timestamp{fifty});
}

TEST_CASE("xfrm monitor: a dump loaded after a monitor does not revive") {
  Keystore store;
  REQUIRE(store.import_text("monitor", bytes_of(sa("") + sa("Deleted "))));
  REQUIRE(store.import_text("dump", bytes_of(sa(""))));
  CHECK(store.associations()[0].ending == Ending::deleted);
}

TEST_CASE("xfrm monitor: a flush ends what was seen") {
  const InTimeZone utc("UTC");
  const Loaded out = load(sa("", 1) + sa("", 2) + sa("Deleted ", 2) + at(50) + "Flushed state proto 0\n" + sa("", 3));
  CHECK((out.sa(0).ending == Ending::deleted && out.sa(0).ended == Timestamp{fifty}));
  CHECK_FALSE(out.sa(1).ended);
  CHECK(out.sa(2).ending == Ending::none);
  CHECK(load(sa("") + "Flushed state proto ah\n").sa().ending == Ending::none);
}

TEST_CASE("xfrm monitor: a mapping change tells another port of encapsulation") {
  const Loaded out = load(
      replace_all(sa(""), "\taead", "\tencap type espinudp sport 4500 dport 1024 addr 0.0.0.0\n\taead") +
      "Mapping change 203.0.113.5:1024 -> 203.0.113.9:40001\n\tdst 10.0.0.2  reqid 0x1 protocol esp  SPI "
      "0x1001\nMapping change 203.0.113.5:1 -> 203.0.113.9:2\n\tdst 10.0.0.3  reqid 0x1 protocol esp  SPI 0x1001\n");
  CHECK(out.store.udp_encapsulation_ports() == std::vector<std::uint16_t>{1024, 4500, 40001});
}
