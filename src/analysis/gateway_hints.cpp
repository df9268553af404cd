// Patterns in what went wrong that tell a design error: a window that bad packets move, a cycle of numbers that is not
// inferred, a check that is left out under load, keys that come late, packets that do not fit.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "analysis/gateway_judge.hpp"

namespace espdump {
namespace {

constexpr std::size_t enough = 4;             // packets that make a pattern
constexpr std::size_t most_watched = 32;      // good packets behind one that is far ahead
constexpr std::int64_t shortly = 10'000'000;  // nanoseconds before a packet that its rate is taken from
constexpr std::size_t most_rates = 4096;

std::string name_of(const GatewaySa& sa, const GatewayFlow& flow) {
  return sa.number != 0 ? fmt::format("#{}", sa.number) : fmt::format("SPI 0x{:08x}", flow.spi);
}

class Hints {
 public:
  Hints(const GatewayCase& it, GatewayReport& report) : it_(it), report_(report) {}

  void run() {
    find_moved_window();
    find_missing_cycle();
    find_open_under_load();
    find_late_keys();
    find_size();
  }

 private:
  [[nodiscard]] std::uint32_t sa_of(RecordIndex i) const {
    return it_.classes.sa_of_flow[it_.ingress.records()[i].flow];
  }
  [[nodiscard]] bool passed(RecordIndex i) const { return it_.partner(i) != no_record; }
  [[nodiscard]] std::string name(std::uint32_t sa) const {
    return name_of(report_.sas[sa], it_.ingress.flows()[report_.sas[sa].flow]);
  }
  [[nodiscard]] FrameNumber frame(RecordIndex i) const { return it_.ingress.records()[i].frame; }
  void add(std::string_view name, std::string_view rule, std::string text) {
    report_.hints.push_back({name, rule, std::move(text)});
  }

  // What follows a bad packet that was far ahead.
  struct Watch {
    RecordIndex bad = no_record;
    std::size_t good = 0, dropped = 0, before = 0, dropped_before = 0;
  };

  // A gateway that moves its window before it has checked the ICV takes all that follows for old.
  void find_moved_window() {
    std::map<std::uint32_t, Watch> watches;
    std::size_t cases = 0, lost = 0;
    RecordIndex first = no_record;
    const auto close = [&](Watch& watch) {
      const bool quiet_before = watch.before == 0 || watch.dropped_before * 4 <= watch.before;
      if (watch.bad != no_record && watch.good >= enough && watch.dropped * 4 >= watch.good * 3 && quiet_before) {
        ++cases;
        lost += watch.dropped;
        if (first == no_record) first = watch.bad;
      }
      watch.bad = no_record;
    };
    for (RecordIndex i = 0; i < it_.pairs.out_of.size(); ++i) {
      const GatewayClass is = it_.classes.of[i];
      if (is != GatewayClass::good && is != GatewayClass::far_ahead) continue;
      Watch& watch = watches[sa_of(i)];
      if (is == GatewayClass::far_ahead && watch.bad == no_record) {
        watch.bad = i;
        watch.good = watch.dropped = 0;
      } else if (is == GatewayClass::good && watch.bad == no_record) {
        ++watch.before;
        watch.dropped_before += it_.dropped[i] ? 1 : 0;
      } else if (is == GatewayClass::good) {
        ++watch.good;
        watch.dropped += it_.dropped[i] ? 1 : 0;
        if (watch.good == most_watched) close(watch);
      }
    }
    for (auto& [sa, watch] : watches) close(watch);
    if (cases == 0) return;
    add("advance-before-verify", "G17",
        fmt::format("Behind {} with a bad ICV and a number far ahead, first frame {}, {} authentic packets vanish: the "
                    "gateway seems to move its window before it has checked the ICV.",
                    cases == 1 ? "a packet" : fmt::format("{} packets", cases), frame(first), lost));
  }

  // Under ESN the high half of the number is not sent; who does not infer it fails once it changes.
  void find_missing_cycle() {
    struct Cycle {
      std::size_t passed = 0, dropped = 0;
    };
    std::map<std::uint32_t, std::map<std::uint64_t, Cycle>> sas;
    for (RecordIndex i = 0; i < it_.pairs.out_of.size(); ++i) {
      const auto* association = report_.sas.empty() ? nullptr : report_.sas[sa_of(i)].association;
      if (it_.classes.of[i] != GatewayClass::good || association == nullptr || !association->esn) continue;
      Cycle& cycle = sas[sa_of(i)][it_.ingress.records()[i].sequence >> 32];
      cycle.passed += passed(i) ? 1 : 0;
      cycle.dropped += it_.dropped[i] ? 1 : 0;
    }
    for (const auto& [sa, cycles] : sas) {
      Cycle later;
      for (auto at = std::next(cycles.begin()); at != cycles.end(); ++at) {
        later.passed += at->second.passed;
        later.dropped += at->second.dropped;
      }
      const Cycle& first = cycles.begin()->second;
      const bool fails = later.dropped >= enough && later.dropped >= later.passed * 9;
      if (fails && first.passed >= enough && first.passed >= first.dropped * 9)
        add("esn-not-inferred", "G16",
            fmt::format("{}: {} packets pass before the number reaches a multiple of 2^32, and {} are dropped behind "
                        "it: the gateway seems not to infer the high half of extended sequence numbers.",
                        name(sa), first.passed, later.dropped));
    }
  }

  // How many packets had come when this one came, within the last milliseconds: what a gateway had to do by then.
  [[nodiscard]] std::size_t rate_at(RecordIndex i) const {
    const auto& records = it_.ingress.records();
    std::size_t count = 1;
    for (RecordIndex at = i; at-- > 0 && count < most_rates && records[i].time - records[at].time <= shortly;) ++count;
    return count;
  }

  // Leaks that come when there is much to do: the chance that one came at a higher rate than a packet that was stopped.
  void find_open_under_load() {
    std::vector<std::size_t> leaked, stopped;
    for (RecordIndex i = 0; i < it_.pairs.out_of.size(); ++i) {
      const GatewayClass is = it_.classes.of[i];
      if (is == GatewayClass::open || is == GatewayClass::good || !it_.in_range(i)) continue;
      std::vector<std::size_t>& list = passed(i) ? leaked : stopped;
      if (list.size() < most_rates) list.push_back(rate_at(i));
    }
    if (leaked.size() < enough || stopped.size() < enough) return;
    std::sort(stopped.begin(), stopped.end());
    double above = 0;
    for (const std::size_t rate : leaked) {
      const auto [from, to] = std::equal_range(stopped.begin(), stopped.end(), rate);
      above += static_cast<double>(from - stopped.begin()) + static_cast<double>(to - from) / 2;
    }
    const double chance = above / static_cast<double>(leaked.size()) / static_cast<double>(stopped.size());
    std::sort(leaked.begin(), leaked.end());
    const std::size_t busy = leaked[leaked.size() / 2], calm = stopped[stopped.size() / 2];
    if (chance < 0.9 || busy < 2 * calm) return;
    add("open-under-load", "G18",
        fmt::format(
            "The {} packets that leaked came at a rate of {} within 10 ms, the {} that were stopped at {} (both "
            "in the middle): the gateway seems to let packets through unchecked under load.",
            leaked.size(), busy, stopped.size(), calm));
  }

  // What became of the packets of an SA whose first one came: before any passed, and from then on.
  struct Start {
    std::size_t dropped = 0, passed = 0, dropped_later = 0;
  };
  [[nodiscard]] std::map<std::uint32_t, Start> starts() const {
    std::map<std::uint32_t, Start> out;
    for (RecordIndex i = 0; i < it_.pairs.out_of.size(); ++i) {
      if (it_.classes.of[i] != GatewayClass::good || !it_.classes.began[sa_of(i)]) continue;
      Start& start = out[sa_of(i)];
      if (passed(i))
        ++start.passed;
      else if (it_.dropped[i])
        ++(start.passed == 0 ? start.dropped : start.dropped_later);
    }
    return out;
  }

  // The first packets of an SA are lost where its key arrives behind them.
  void find_late_keys() {
    std::size_t sas = 0, lost = 0;
    std::string names;
    std::size_t later = 0, lost_later = 0, begun = 0;
    for (const auto& [sa, start] : starts()) {
      later += start.passed + start.dropped_later;
      lost_later += start.dropped_later;
      if (start.passed < enough) continue;
      ++begun;
      if (start.dropped == 0 || start.dropped_later > start.dropped / 2) continue;
      ++sas;
      lost += start.dropped;
      if (sas <= 6) names += (names.empty() ? "" : ", ") + name(sa);
    }
    // Where packets get lost everywhere, a first one does now and then.
    const double rate = static_cast<double>(lost_later + 1) / static_cast<double>(later + 1);
    const double chance = std::pow(rate, static_cast<double>(lost)) * std::pow(2, static_cast<double>(begun));
    if (sas == 0 || chance > 0.001) return;
    add("keys-come-late", "G4",
        fmt::format("The first {} of {} were dropped and those behind them passed: the gateway seems to learn new SAs "
                    "too late.",
                    lost == 1 ? "packet" : fmt::format("{} packets", lost), names));
  }

  void find_size() {
    const GatewayLoss& loss = report_.loss;
    std::uint64_t dropped = 0;
    for (const GatewayLoss::Size& size : loss.sizes) dropped += size.dropped;
    if (dropped < enough || loss.smallest_dropped <= loss.largest_passed || loss.largest_passed == 0) return;
    add("too-large", "G4",
        fmt::format("All {} packets dropped have {} bytes of ESP or more, all that passed {} or less: look for an MTU.",
                    dropped, loss.smallest_dropped, loss.largest_passed));
  }

  const GatewayCase& it_;
  GatewayReport& report_;
};

}  // namespace

void find_hints(const GatewayCase& it, GatewayReport& report) { Hints{it, report}.run(); }

}  // namespace espdump
