// A capture that lost packets shows it by the numbers of ESP (RFC 4303 section 2.2), which have no gaps at the sender.
#include "analysis/protect_losses.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

namespace espdump {
namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::size_t most_looked_at = 64;
constexpr std::size_t largest_header = 60;  // that transport mode and BEET leave out of ESP

// Numbers missing between two packets of a flow.
struct Gap {
  std::int64_t from = 0, to = 0;
  std::uint64_t left = 0;
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
      if (one.mtu != 0) sizes_[{one.source, one.destination}].push_back(&one);
    }
  }

  // Errors are sent at a limited rate (RFC 1812 section 4.3.2.8): where one told the size, it holds for other packets.
  [[nodiscard]] bool is_refused(const ProtectPacket& packet) const {
    const ClearHosts& hosts = plain_.hosts()[packet.hosts];
    const auto quoted = refusals_.find(quotation_key(hosts, packet));
    if (quoted != refusals_.end() && std::any_of(quoted->second.begin(), quoted->second.end(), [&](std::int64_t time) {
          return time >= packet.time && time - packet.time <= second;
        }))
      return true;
    const auto sizes = sizes_.find({hosts.source, hosts.destination});
    return sizes != sizes_.end() && packet.dont_fragment &&
           std::any_of(sizes->second.begin(), sizes->second.end(), [&](const ProtectRefusal* one) {
             return packet.length > one->mtu && one->time - packet.time <= second && packet.time - one->time <= second;
           });
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
          gaps_[flow].push_back({std::min(a.time, b.time), std::max(a.time, b.time), b.sequence - a.sequence - 1});
      }
    }
  }

  bool take_gap(const ProtectPacket& packet) {
    for (auto& [flow, gaps] : gaps_) {
      if (!ways_.fits(flow, plain_, packet)) continue;
      const std::int64_t early = there(packet) - ways_.slowest(), late = there(packet) + ways_.slowest();
      // Later numbers are later, but for some disorder.
      auto it = std::partition_point(gaps.begin(), gaps.end(), [&](const Gap& gap) { return gap.to < early; });
      for (std::size_t looked = 0; it != gaps.end() && looked < most_looked_at; ++it, ++looked) {
        if (it->left == 0 || it->from > late || it->to < early) continue;
        --it->left;
        return true;
      }
    }
    return false;
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
  std::map<std::pair<IpAddress, IpAddress>, std::vector<const ProtectRefusal*>> sizes_;
  std::unordered_map<std::uint64_t, std::set<std::uint32_t>> segments_;
  std::map<std::uint32_t, std::vector<Gap>> gaps_;
  std::vector<Unopened> unopened_;
  std::set<const Silence*> silent_;
};

}  // namespace

std::vector<ProtectDoubt> find_doubts(const ProtectSide& plain, const ProtectSide& outer, const ProtectWays& ways,
                                      const ProtectPairs& pairs, const std::vector<ProtectIndex>& missing) {
  return Losses{plain, outer, ways, pairs}.run(missing);
}

}  // namespace espdump
