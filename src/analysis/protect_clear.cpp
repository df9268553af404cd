// What may be in the clear there: what no policy is for, IKE (RFC 4301 section 5.1), and what a host shows decrypted.
#include "analysis/protect_clear.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include <espdump/codes.hpp>

#include "analysis/protect_pairs.hpp"

namespace espdump {
namespace {

constexpr std::int64_t to_decrypt = 50'000'000;  // nanoseconds from an ESP packet to what was in it

class ClearSide {
 public:
  ClearSide(const ProtectSide& plain, const ProtectSide& outer, const ProtectWays& ways,
            const std::vector<ProtectIndex>& left)
      : plain_(plain), outer_(outer), ways_(ways), left_(left) {}

  ProtectClear run() {
    if (outer_.clear().empty()) return {};
    index();
    find_altered_ones();
    for (ProtectIndex i = 0; i < outer_.clear().size(); ++i)
      if (is_unit(outer_, i)) judge(i);
    return std::move(out_);
  }

 private:
  void index() {
    for (const ProtectPacket& packet : outer_.clear())
      if (packet.keys.whole != 0) wanted_.emplace(packet.keys.whole, no_packet);
    for (ProtectIndex i = 0; i < plain_.clear().size(); ++i)
      if (const auto found = wanted_.find(plain_.clear()[i].keys.whole);
          found != wanted_.end() && found->second == no_packet)
        found->second = i;
    for (const ProtectPacket& packet : outer_.opened())
      if (wanted_.count(packet.keys.whole) != 0 && ways_.of_opened(packet) != ProtectWay::leaves)
        opened_[packet.keys.whole].insert({outer_.esp()[packet.esp].file, outer_.esp()[packet.esp].time});
  }

  // Packets whose source NAT changed are outside of every selector, and leave in the clear.
  void find_altered_ones() {
    AlteredSearch search;
    search.in_clear = true;
    for (const ProtectIndex i : left_)
      if (!plain_.clear()[i].piece && ways_.is_ours(plain_, plain_.clear()[i])) search.plain.push_back(i);
    for (ProtectIndex i = 0; i < outer_.clear().size(); ++i) {
      const ProtectPacket& packet = outer_.clear()[i];
      if (is_unit(outer_, i) && !packet.piece && plain_of(packet) == no_packet &&
          ways_.of(outer_, packet) != ProtectWay::enters && !packet.any_device)
        search.other.push_back(i);
    }
    for (const AlteredPair& pair : find_altered(plain_, outer_, ways_, search)) altered_[pair.other] = pair.plain;
  }

  [[nodiscard]] ProtectIndex plain_of(const ProtectPacket& packet) const {
    const auto found = wanted_.find(packet.keys.whole);
    return found == wanted_.end() ? no_packet : found->second;
  }

  void judge(ProtectIndex index) {
    const ProtectPacket& packet = outer_.clear()[index];
    ProtectIndex plain = plain_of(packet);
    const bool known = plain != no_packet;
    if (!known && packet.piece) return;  // of ESP, mostly
    if (is_decrypted(packet)) {
      ++out_.decrypted;
      return;
    }
    const auto altered = altered_.find(index);
    if (altered != altered_.end()) plain = altered->second;
    const ProtectSide& side = plain != no_packet ? plain_ : outer_;
    const ProtectPacket& there = plain != no_packet ? plain_.clear()[plain] : packet;
    if (ways_.of(side, there) == ProtectWay::enters) {
      if (known || ways_.is_for_us(outer_, packet)) ++out_.entered;
    } else if (!ways_.is_ours(side, there)) {
      ++out_.allowed;
    } else if (packet.any_device) {
      ++out_.on_all_devices;
    } else if (plain != no_packet || !is_exempt(packet)) {
      add(packet, plain, altered != altered_.end());
    }
  }

  // Not what a packet of the protected side is, and by its looks the gateway's own.
  [[nodiscard]] bool is_exempt(const ProtectPacket& packet) const {
    const std::uint8_t protocol = outer_.hosts()[packet.hosts].protocol;
    if (packet.error || protocol == 50) return true;
    return protocol == 17 && packet.has_ports && is_ike_port(packet.source_port) &&
           is_ike_port(packet.destination_port);
  }

  // Its ESP packet is in the same capture just before it, and is not known to leave.
  [[nodiscard]] bool is_decrypted(const ProtectPacket& packet) const {
    const auto found = opened_.find(packet.keys.whole);
    if (found == opened_.end()) return false;
    const auto at = found->second.lower_bound({packet.file, packet.time - to_decrypt});
    return at != found->second.end() && at->first == packet.file && at->second <= packet.time;
  }

  void add(const ProtectPacket& packet, ProtectIndex plain, bool altered) {
    ProtectViolation out;
    out.info = &codes::gateway_leaked_plaintext;
    out.kind = ProtectViolation::Kind::leaked;
    out.outer_frame = packet.frame;
    out.outer_file = packet.file;
    out.hosts = outer_.hosts()[packet.hosts];
    if (plain != no_packet) {
      const ProtectPacket& before = plain_.clear()[plain];
      out_.leaked.insert(plain);
      out.plain_frame = before.frame;
      out.plain_file = before.file;
      out.hosts = plain_.hosts()[before.hosts];
      if (altered) {
        out.change = changes_between(plain_, before, outer_, packet);
        out.plain_key = before.keys.whole;
        out.outer_key = packet.keys.whole;
      }
    }
    out_.leaks.push_back(std::move(out));
  }

  const ProtectSide& plain_;
  const ProtectSide& outer_;
  const ProtectWays& ways_;
  const std::vector<ProtectIndex>& left_;
  ProtectClear out_;
  std::unordered_map<std::uint64_t, ProtectIndex> wanted_;  // of the protected side, by hash
  // Those that are not known to leave: in which file, and when.
  std::unordered_map<std::uint64_t, std::set<std::pair<std::uint16_t, std::int64_t>>> opened_;
  std::map<ProtectIndex, ProtectIndex> altered_;
};

}  // namespace

ProtectClear judge_clear(const ProtectSide& plain, const ProtectSide& outer, const ProtectWays& ways,
                         const std::vector<ProtectIndex>& left) {
  return ClearSide{plain, outer, ways, left}.run();
}

}  // namespace espdump
