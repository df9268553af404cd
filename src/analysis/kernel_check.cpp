#include "analysis/kernel_check.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <set>

namespace espdump {
namespace {

// Packets that the receiver took.
std::uint64_t taken(const SaStatistics& sa) {
  const KernelCounters& kernel = sa.kernel;
  const std::uint64_t refused = kernel.replay_window + kernel.replay + kernel.failed + kernel.errors;
  return sa.packets - std::min(sa.packets, refused);
}

// Packets that the sender made: each number once.
std::uint64_t made(const SaStatistics& sa) {
  const std::uint64_t good = sa.icv_ok + sa.unauthenticated;
  return good - std::min(good, sa.replayed);
}

std::string packets_text(std::uint64_t count) { return fmt::format("{} packet{}", count, count == 1 ? "" : "s"); }

KernelCount packets(const KernelSa& kernel, const SaStatistics& sa) {
  KernelCount out{"packets", kernel.packets, kernel.sends() ? made(sa) : taken(sa), {}};
  if (out.kernel > out.capture)
    out.meaning = fmt::format(
        "the capture lacks {} that the kernel {}: sent before it began or after it ended, or lost "
        "by the capture",
        packets_text(out.kernel - out.capture), kernel.sends() ? "sent" : "took");
  if (out.kernel < out.capture)
    out.meaning = fmt::format(
        "the capture has {} that the kernel had not {}: the counters were read before these, or "
        "they went no further than where they were captured",
        packets_text(out.capture - out.kernel), kernel.sends() ? "sent" : "taken");
  return out;
}

KernelCount refused(std::string_view name, std::uint64_t kernel, std::uint64_t capture) {
  KernelCount out{std::string{name}, kernel, capture, {}};
  if (kernel > capture)
    out.meaning = fmt::format("{} refused that the capture does not have", packets_text(kernel - capture));
  if (kernel < capture)
    out.meaning = fmt::format(
        "{} that should have been refused did not reach the kernel, or not yet when the counters "
        "were read",
        packets_text(capture - kernel));
  return out;
}

// By destination and SPI, as the kernel looks it up; where NAT changed the addresses on the way, by the SPI alone if
// only one SA has it.
const SaStatistics* sa_of(const KernelSa& kernel, const std::vector<SaStatistics>& sas) {
  const SaStatistics* by_spi = nullptr;
  std::size_t count = 0;
  for (const SaStatistics& sa : sas) {
    if (sa.protocol != kernel.protocol || sa.spi != kernel.spi) continue;
    if (sa.destination == kernel.destination) return &sa;
    by_spi = &sa;
    ++count;
  }
  return count == 1 ? by_spi : nullptr;
}

KernelComparison compare(const KernelSa& kernel, const SaStatistics& sa) {
  KernelComparison out{sa.number, kernel.sends(), {}};
  const bool judged = sa.association != nullptr && (sa.can_verify || sa.unauthenticated != 0);
  if (kernel.has_packets && judged) out.counts.push_back(packets(kernel, sa));
  if (!kernel.has_stats || kernel.sends() || !judged) return out;
  out.counts.push_back(refused("replay-window", kernel.replay_window, sa.kernel.replay_window));
  out.counts.push_back(refused("replay", kernel.replay, sa.kernel.replay));
  out.counts.push_back(refused("failed", kernel.failed, sa.kernel.failed));
  return out;
}

// Counters of a host that follow from packets: of those that came to it, where SAs tell which did.
void add_totals(const KernelStats& stats, const std::vector<SaStatistics>& sas, std::uint64_t untracked,
                const std::set<SaNumber>& received, KernelCheck& out) {
  std::set<IpAddress> own;
  for (const SaStatistics& sa : sas)
    if (received.count(sa.number) != 0) own.insert(sa.destination);
  std::uint64_t unknown = own.empty() ? untracked : 0, failed = 0, repeated = 0;
  for (const SaStatistics& sa : sas) {
    if (sa.association == nullptr && (own.empty() || own.count(sa.destination) != 0)) unknown += sa.packets;
    if (sa.association == nullptr || (!received.empty() && received.count(sa.number) == 0)) continue;
    failed += sa.kernel.failed + sa.kernel.errors;
    repeated += sa.kernel.replay_window + sa.kernel.replay;
  }
  const auto kernel = [&](const char* name) {
    const auto found = stats.totals.find(name);
    return found == stats.totals.end() ? std::uint64_t{0} : found->second;
  };
  KernelComparison host;
  host.counts.push_back(refused("XfrmInNoStates", kernel("XfrmInNoStates"), unknown));
  host.counts.push_back(refused("XfrmInStateProtoError", kernel("XfrmInStateProtoError"), failed));
  host.counts.push_back(refused("XfrmInStateSeqError", kernel("XfrmInStateSeqError"), repeated));
  out.comparisons.push_back(std::move(host));
}

struct Counter {
  std::string_view name, meaning;
};
constexpr Counter counters[] = {
    {"XfrmAcquireError", "an SA was asked of the daemon and did not come in time"},
    {"XfrmFwdHdrError", "packets could not be forwarded"},
    {"XfrmInBufferError", "more than six SAs one inside the other, or trouble with hardware that decrypts"},
    {"XfrmInError", "no memory, or no route back"},
    {"XfrmInHdrError", "too short to hold SPI and number"},
    {"XfrmInNoPols",
     "decrypted, and no policy lets it in: is there one for `in` and, where it is forwarded, for `fwd`?"},
    {"XfrmInPolBlock", "decrypted, and a policy blocks it"},
    {"XfrmInPolError", "decrypted, and the policy could not be looked up"},
    {"XfrmInStateDirError", "packets came in on an SA that is for sending"},
    {"XfrmInStateExpired", "the SA had reached the limit of its bytes or packets"},
    {"XfrmInStateInvalid", "the SA was being deleted, or not ready yet: a race of rekeying"},
    {"XfrmInStateMismatch",
     "ESP in UDP came for an SA without encapsulation, or the other way round: do both ends see the "
     "NAT?"},
    {"XfrmInStateModeError",
     "what came out has no header of the kind that the SA's mode asks for: do both ends have the "
     "same mode?"},
    {"XfrmInTmplMismatch", "decrypted, and the policy asks for another SA, mode or reqid"},
    {"XfrmOutBundleCheckError", "a way out went stale while a packet was on it"},
    {"XfrmOutBundleGenError", "SAs could not be put together to a way out"},
    {"XfrmOutError", "packets could not be sent"},
    {"XfrmOutNoStates", "a policy wants an SA that is not there: the tunnel is down"},
    {"XfrmOutPolBlock", "a policy blocks what should be sent"},
    {"XfrmOutStateExpired", "the SA had reached the limit of its bytes or packets"},
    {"XfrmOutStateModeError", "packets were too large for the tunnel, or of a kind that its mode does not carry"},
    {"XfrmOutStateProtoError", "encrypting failed"},
    {"XfrmOutStateSeqError", "the numbers are used up: the SA must be rekeyed"},
};

}  // namespace

bool KernelComparison::equal() const {
  return std::all_of(counts.begin(), counts.end(), [](const KernelCount& count) { return count.equal(); });
}

bool KernelCheck::equal() const {
  return std::all_of(comparisons.begin(), comparisons.end(), [](const KernelComparison& one) { return one.equal(); }) &&
         unseen.empty();
}

KernelCheck check_kernel(const KernelStats& stats, const std::vector<SaStatistics>& sas, std::uint64_t untracked) {
  KernelCheck out;
  std::set<SaNumber> received;
  for (const KernelSa& kernel : stats.sas) {
    const SaStatistics* sa = sa_of(kernel, sas);
    if (sa == nullptr) {
      if (kernel.packets + kernel.replay_window + kernel.replay + kernel.failed != 0) out.unseen.push_back(&kernel);
      continue;
    }
    if (!kernel.sends()) received.insert(sa->number);
    if (KernelComparison one = compare(kernel, *sa); !one.counts.empty()) out.comparisons.push_back(std::move(one));
  }
  std::stable_sort(out.comparisons.begin(), out.comparisons.end(),
                   [](const KernelComparison& a, const KernelComparison& b) { return a.sa < b.sa; });
  if (!stats.has_totals) return out;
  add_totals(stats, sas, untracked, received, out);
  for (const Counter& counter : counters)
    if (const auto found = stats.totals.find(std::string{counter.name}); found != stats.totals.end())
      out.others[found->first] = {found->second, counter.meaning};
  return out;
}

}  // namespace espdump
