#include "analysis/kernel_check.hpp"

#include "support/catch.hpp"

using namespace espdump;

namespace {

SaStatistics received(const SecurityAssociation& keys) {
  SaStatistics out;
  out.number = 1;
  out.destination = *IpAddress::parse("10.9.1.2");
  out.spi = 0x1001;
  out.association = &keys;
  out.can_verify = true;
  out.packets = 129;
  out.icv_ok = 120;
  out.icv_bad = 9;
  out.replayed = 8;
  out.kernel = {3, 7, 8, 0};
  return out;
}

KernelSa counted(std::uint64_t packets, std::uint64_t window, std::uint64_t replay, std::uint64_t failed) {
  KernelSa out;
  out.destination = *IpAddress::parse("10.9.1.2");
  out.spi = 0x1001;
  out.packets = packets;
  out.replay_window = window;
  out.replay = replay;
  out.failed = failed;
  out.has_packets = out.has_stats = true;
  return out;
}

}  // namespace

TEST_CASE("kernel check: equal, and what a difference means") {
  const SecurityAssociation keys;
  const std::vector<SaStatistics> sas{received(keys)};
  KernelStats stats;
  stats.sas.push_back(counted(111, 3, 7, 8));
  CHECK(check_kernel(stats, sas, 0).equal());
  stats.sas.front() = counted(115, 3, 7, 6);
  const KernelCheck check = check_kernel(stats, sas, 0);
  CHECK_FALSE(check.equal());
  const auto& counts = check.comparisons.at(0).counts;
  CHECK(counts.at(0).meaning.find("the capture lacks 4 packets that the kernel took") == 0);
  CHECK(counts.at(1).equal());
  CHECK(counts.at(3).meaning.find("2 packets that should have been refused did not reach the kernel") == 0);
}

TEST_CASE("kernel check: an SA without integrity is compared, and what is refused for its form was not taken") {
  const SecurityAssociation keys;
  SaStatistics sa = received(keys);
  sa.can_verify = false;
  sa.icv_ok = sa.icv_bad = 0;
  sa.unauthenticated = 129;
  sa.kernel = {3, 7, 0, 2};
  KernelStats stats;
  stats.sas.push_back(counted(117, 3, 7, 0));
  stats.has_totals = true;
  stats.totals = {{"XfrmInStateProtoError", 2}, {"XfrmInStateSeqError", 10}};
  const KernelCheck check = check_kernel(stats, {sa}, 0);
  CHECK(check.comparisons.size() == 2);
  CHECK(check.equal());
}

TEST_CASE("kernel check: the sender counts each number once") {
  const SecurityAssociation keys;
  KernelStats stats;
  stats.sas.push_back(counted(112, 0, 0, 0));
  stats.sas.front().oseq = 112;
  const KernelCheck check = check_kernel(stats, {received(keys)}, 0);
  CHECK(check.equal());
  CHECK(check.comparisons.at(0).sends);
  CHECK(check.comparisons.at(0).counts.size() == 1);
}

TEST_CASE("kernel check: behind NAT by the SPI, if only one SA has it") {
  const SecurityAssociation keys;
  KernelStats stats;
  stats.sas.push_back(counted(111, 3, 7, 8));
  stats.sas.front().destination = *IpAddress::parse("192.168.5.5");
  CHECK(check_kernel(stats, {received(keys)}, 0).equal());
  const KernelCheck two = check_kernel(stats, {received(keys), received(keys)}, 0);
  CHECK(two.unseen.size() == 1);
}

TEST_CASE("kernel check: totals of a host, and counters that no packet explains") {
  const SecurityAssociation keys;
  SaStatistics unknown;
  unknown.number = 2;
  unknown.packets = 2;
  KernelStats stats;
  stats.has_totals = true;
  stats.totals = {
      {"XfrmInNoStates", 3}, {"XfrmInStateProtoError", 8}, {"XfrmInStateSeqError", 10}, {"XfrmInTmplMismatch", 4}};
  const KernelCheck check = check_kernel(stats, {received(keys), unknown}, 1);
  CHECK(check.equal());
  // Where it is known which SAs the host receives, unknown ones to other hosts are not its own.
  stats.sas.push_back(counted(111, 3, 7, 8));
  unknown.destination = *IpAddress::parse("10.9.1.1");
  stats.totals["XfrmInNoStates"] = 0;
  CHECK(check_kernel(stats, {received(keys), unknown}, 0).equal());
  unknown.destination = *IpAddress::parse("10.9.1.2");
  CHECK_FALSE(check_kernel(stats, {received(keys), unknown}, 0).equal());
  REQUIRE(check.others.size() == 1);
  CHECK(check.others.begin()->second.first == 4);
}
