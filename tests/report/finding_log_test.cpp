#include <espdump/codes.hpp>
#include <espdump/report.hpp>

#include "support/catch.hpp"

using namespace espdump;

TEST_CASE("finding log: an empty one counts nothing") {
  const FindingLog log;
  CHECK(log.counts().empty());
  for (const Severity severity : {Severity::info, Severity::warning, Severity::error}) CHECK(log.count(severity) == 0);
}

TEST_CASE("finding log: counts per code and per severity") {
  FindingLog log;
  for (int i = 0; i < 3; ++i) log.add({&codes::icv_bad, 1, 0, 1, "text", {}});
  log.add({&codes::replay_duplicate, 2, 0, 1, "text", {}});
  log.add({&codes::seq_lost, 0, 0, 1, "text", {}});
  log.add({&codes::capture_duplicate, 4, 0, 0, "text", {}});
  CHECK(log.counts().size() == 4);
  CHECK(log.counts().at("icv.bad") == 3);
  CHECK(log.counts().at("replay.duplicate") == 1);
  CHECK(log.count(Severity::error) == 4);
  CHECK(log.count(Severity::warning) == 1);
  CHECK(log.count(Severity::info) == 1);
}
