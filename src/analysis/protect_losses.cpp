// A capture that lost packets shows it by the numbers of ESP (RFC 4303 section 2.2), which have no gaps at the sender.
#include "analysis/protect_losses.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <unordered_map>
#include <utility>

#include "analysis/selector_index.hpp"

namespace espdump {
namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::size_t most_looked_at = 64;
constexpr std::size_t largest_header = 60;  // that transport mode and BEET leave out of ESP

// Numbers missing between two packets of a flow.
struct Gap {
  std::int64_t from = 0, to = 0;
  std::uint64_t left = 0;
  std::uint32_t flow = 0;
};

// In the order of time. Those that were used up are passed over for good.
class GapList {
 public:
  void add(Gap& gap) { gaps_.push_back({&gap, 0}); }
  void order() {
    std::stable_sort(gaps_.begin(), gaps_.end(), [](const Place& a, const Place& b) { return a.gap->to < b.gap->to; });
  }
  // One number of a gap that reaches from `early` to `late` or into it, and is in a flow that fits.
  template <typename Fits>
  bool take(std::int64_t early, std::int64_t late, Fits fits) {
    const auto first =
        std::partition_point(gaps_.begin(), gaps_.end(), [&](const Place& it) { return it.gap->to < early; });
    std::size_t at = left_from(static_cast<std::size_t>(first - gaps_.begin()));
    for (std::size_t looked = 0; at < gaps_.size() && looked < most_looked_at; ++looked, at = left_from(at + 1)) {
      Gap& gap = *gaps_[at].gap;
      if (gap.from > late || !fits(gap.flow)) continue;
      --gap.left;
      return true;
    }
    return false;
  }

 private:
  struct Place {
    Gap* gap = nullptr;
    std::size_t next = 0;  // one of these or a later one is the next that is not used up
  };
  std::size_t left_from(std::size_t at) {
    std::size_t found = at;
    while (found < gaps_.size() && gaps_[found].gap->left == 0) found = std::max(gaps_[found].next, found + 1);
    while (at < found) at = std::max(std::exchange(gaps_[at].next, found), at + 1);
    return found;
  }

  std::vector<Place> gaps_;
};

// What an ICMP error told of a path.
struct ToldSize {
  std::int64_t time = 0;
  std::uint32_t mtu = 0;
  bool operator<(const ToldSize& other) const { return time != other.time ? time < other.time : mtu < other.mtu; }
};

struct Unopened {
  std::int64_t time = 0;
  std::uint16_t length = 0;
  bool used = false;
};

class Losses {
 public:
  Losses(const ProtectSide& plain, const ProtectSide& outer, const ProtectWays& ways, const ProtectPairs& pairs)
      : plain_(plain), outer_(outer), ways_(ways) {
    find_refusals();
    find_segments(pairs);
    find_gaps();
    find_unopened();
  }

  std::vector<ProtectDoubt> run(const std::vector<ProtectIndex>& missing) {
    find_silences(missing);
    std::vector<ProtectDoubt> out;
    out.reserve(missing.size());
    for (const ProtectIndex i : missing) out.push_back(doubt_about(plain_.clear()[i]));
    return out;
  }

 private:
  [[nodiscard]] std::int64_t there(const ProtectPacket& packet) const { return packet.time + ways_.offset(); }

  ProtectDoubt doubt_about(const ProtectPacket& packet) {
    if (packet.cut) return ProtectDoubt::cut;
    if (packet.piece) return ProtectDoubt::piece;
    if (is_refused(packet)) return ProtectDoubt::refused;
    if (!was_running(there(packet))) return ProtectDoubt::outside;
    if (is_segmented(packet)) return ProtectDoubt::segments;
    if (take_gap(packet)) return ProtectDoubt::lost;
    if (take_unopened(packet)) return ProtectDoubt::unopened;
    return is_silent(there(packet)) ? ProtectDoubt::silence : ProtectDoubt::none;
  }

  [[nodiscard]] bool was_running(std::int64_t time) const {
    return std::any_of(outer_.spans().begin(), outer_.spans().end(), [&](const ProtectSpan& span) {
      return span.used && time >= span.first && time + ways_.slowest() <= span.last;
    });
  }

  void find_refusals() {
    for (const ProtectRefusal& one : plain_.refusals()) {
      refusals_[one.quoted].push_back(one.time);
      if (one.mtu != 0) sizes_[{one.source, one.destination}].push_back({one.time, one.mtu});
    }
    for (auto& [quoted, times] : refusals_) std::sort(times.begin(), times.end());
    for (auto& [hosts, told] : sizes_) std::sort(told.begin(), told.end());
  }

  // Errors are sent at a limited rate (RFC 1812 section 4.3.2.8): where one told the size, it holds for other packets.
  [[nodiscard]] bool is_refused(const ProtectPacket& packet) const {
    const ClearHosts& hosts = plain_.hosts()[packet.hosts];
    const auto quoted = refusals_.find(quotation_key(hosts, packet));
    if (quoted != refusals_.end()) {
      const auto next = std::lower_bound(quoted->second.begin(), quoted->second.end(), packet.time);
      if (next != quoted->second.end() && *next - packet.time <= second) return true;
    }
    const auto sizes = sizes_.find({hosts.source, hosts.destination});
    if (sizes == sizes_.end() || !packet.dont_fragment) return false;
    const auto& told = sizes->second;
    // Nobody is told so many sizes of one path within seconds, but by a flood of errors.
    auto it = std::lower_bound(told.begin(), told.end(), ToldSize{packet.time - second, 0});
    for (std::size_t looked = 0; it != told.end() && it->time <= packet.time + second && looked < most_looked_at;
         ++it, ++looked)
      if (packet.length > it->mtu) return true;
    return false;
  }

  // Numbers of TCP segments out of ESP that the protected side does not have, by connection.
  void find_segments(const ProtectPairs& pairs) {
    for (ProtectIndex i = 0; i < outer_.opened().size(); ++i) {
      const ProtectPacket& packet = outer_.opened()[i];
      if (pairs.plain_of[i] == no_packet && packet.keys.stream != 0)
        segments_[connection(outer_, packet)].insert(packet.sequence);
    }
  }
  static std::uint64_t connection(const ProtectSide& side, ProtectPacket packet) {
    packet.sequence = packet.id = 0;
    return quotation_key(side.hosts()[packet.hosts], packet);
  }
  [[nodiscard]] bool is_segmented(const ProtectPacket& packet) const {
    if (packet.keys.stream == 0) return false;
    const auto found = segments_.find(connection(plain_, packet));
    if (found == segments_.end()) return false;
    const auto at = found->second.lower_bound(packet.sequence);
    return at != found->second.end() && *at - packet.sequence < packet.length;
  }

  void find_gaps() {
    struct Number {
      std::uint64_t sequence = 0;
      std::int64_t time = 0;
      bool operator<(const Number& other) const { return sequence < other.sequence; }
    };
    std::map<std::uint32_t, std::vector<Number>> flows;
    for (const ProtectEsp& esp : outer_.esp())
      if ((esp.icv == GatewayIcv::ok || esp.icv == GatewayIcv::none) && ways_.of_flow(esp.flow) != ProtectWay::enters)
        flows[esp.flow].push_back({esp.sequence, esp.time});
    for (auto& [flow, numbers] : flows) {
      std::stable_sort(numbers.begin(), numbers.end());
      for (std::size_t i = 1; i < numbers.size(); ++i) {
        const Number &a = numbers[i - 1], &b = numbers[i];
        if (b.sequence - a.sequence > 1)
          gaps_.push_back({std::min(a.time, b.time), std::max(a.time, b.time), b.sequence - a.sequence - 1, flow});
      }
    }
    for (Gap& gap : gaps_) list_gap(gap);
    gaps_anywhere_.order();
    gaps_for_.for_each([](GapList& list) { list.order(); });
  }

  // By each selector of its SA, where these say something and memory allows.
  void list_gap(Gap& gap) {
    constexpr std::size_t most = 4'194'304;
    const SecurityAssociation* sa = outer_.flows()[gap.flow].association;
    if (sa == nullptr || !names_traffic(*sa) || listed_ > most) return gaps_anywhere_.add(gap);
    const std::span selectors = sa->selector ? std::span{&*sa->selector, 1} : std::span{sa->policies};
    for (const Selector& selector : selectors) gaps_for_[selector].add(gap);
    listed_ += selectors.size();
  }

  bool take_gap(const ProtectPacket& packet) {
    const std::int64_t early = there(packet) - ways_.slowest(), late = there(packet) + ways_.slowest();
    const auto fits = [&](std::uint32_t flow) { return ways_.fits(flow, plain_, packet); };
    return gaps_anywhere_.take(early, late, fits) ||
           gaps_for_.any_covering(traffic_of(plain_, packet),
                                  [&](GapList& list) { return list.take(early, late, fits); });
  }

  // An ICV that does not verify leaves its number missing, which counts as a gap.
  void find_unopened() {
    for (const ProtectEsp& esp : outer_.esp())
      if (!esp.opened && !esp.dummy && esp.icv != GatewayIcv::bad && esp.icv != GatewayIcv::malformed &&
          ways_.of_flow(esp.flow) != ProtectWay::enters)
        unopened_.push_back({esp.time, esp.length, false});
    std::stable_sort(unopened_.begin(), unopened_.end(),
                     [](const Unopened& a, const Unopened& b) { return a.time < b.time; });
  }
  bool take_unopened(const ProtectPacket& packet) {
    const std::int64_t early = there(packet) - ways_.slowest(), late = there(packet) + 2 * ways_.slowest();
    auto it =
        std::partition_point(unopened_.begin(), unopened_.end(), [&](const Unopened& one) { return one.time < early; });
    for (std::size_t looked = 0; it != unopened_.end() && it->time <= late && looked < most_looked_at; ++it, ++looked) {
      if (it->used || it->length + largest_header < packet.length) continue;
      it->used = true;
      return true;
    }
    return false;
  }

  void find_silences(const std::vector<ProtectIndex>& missing) {
    std::map<const Silence*, std::set<std::uint32_t>> hosts;
    for (const ProtectIndex i : missing) {
      const Silence* silence = silence_at(there(plain_.clear()[i]));
      if (silence != nullptr && ways_.is_ours(plain_, plain_.clear()[i]))
        hosts[silence].insert(plain_.clear()[i].hosts);
    }
    for (const auto& [silence, of] : hosts)
      if (of.size() > 1) silent_.insert(silence);
  }
  [[nodiscard]] const Silence* silence_at(std::int64_t time) const {
    const auto& all = outer_.silences();
    const auto it = std::partition_point(all.begin(), all.end(), [&](const Silence& one) { return one.to < time; });
    return it != all.end() && it->from <= time ? &*it : nullptr;
  }
  [[nodiscard]] bool is_silent(std::int64_t time) const { return silent_.count(silence_at(time)) != 0; }

  const ProtectSide& plain_;
  const ProtectSide& outer_;
  const ProtectWays& ways_;
  std::unordered_map<std::uint64_t, std::vector<std::int64_t>> refusals_;
  std::map<std::pair<IpAddress, IpAddress>, std::vector<ToldSize>> sizes_;
  std::unordered_map<std::uint64_t, std::set<std::uint32_t>> segments_;
  std::vector<Gap> gaps_;
  std::size_t listed_ = 0;           // in gaps_for_
  GapList gaps_anywhere_;            // of SAs that may carry anything
  SelectorIndex<GapList> gaps_for_;  // of the others, by what they may carry
  std::vector<Unopened> unopened_;
  std::set<const Silence*> silent_;
};

}  // namespace

std::vector<ProtectDoubt> find_doubts(const ProtectSide& plain, const ProtectSide& outer, const ProtectWays& ways,
                                      const ProtectPairs& pairs, const std::vector<ProtectIndex>& missing) {
  return Losses{plain, outer, ways, pairs}.run(missing);
}

}  // namespace espdump
