// Equal are packets of which all is equal but TTL, DSCP, ECN and checksum; under BEET also but for what it cannot
// carry.
#include "analysis/protect_pairs.hpp"

#include <algorithm>
#include <cstdlib>

#include "decode/sighting.hpp"

namespace espdump {
namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t longest_stay = 60 * second;
constexpr std::int64_t at_once = second;  // a gateway that sends twice does not wait

struct Keyed {
  std::uint64_t key = 0;
  std::int64_t time = 0;
  ProtectIndex index = no_packet;
  bool plain = false;
  bool operator<(const Keyed& other) const {
    if (key != other.key) return key < other.key;
    return plain != other.plain ? plain : time != other.time ? time < other.time : index < other.index;
  }
};
using Run = std::vector<Keyed>;

Sighting sighting_of(const ProtectPacket& packet) {
  Sighting out;
  out.digest = packet.keys.whole;
  out.link = packet.link;
  out.time = packet.time;
  out.file = packet.file;
  out.ip_id = static_cast<std::uint16_t>(packet.id);
  out.ttl = packet.ttl;
  out.any_device = packet.any_device;
  return out;
}

class Pairing {
 public:
  Pairing(const ProtectSide& plain, const ProtectSide& outer, ProtectWays& ways)
      : plain_(plain), outer_(outer), ways_(ways) {}

  ProtectPairs run() {
    out_.copies.assign(plain_.clear().size(), false);
    find_copies();
    pair();
    ways_.learn(matches());
    timed_ = true;
    pair();
    return std::move(out_);
  }

 private:
  void pair() {
    out_.again.clear();
    out_.opened_of.assign(plain_.clear().size(), no_packet);
    out_.plain_of.assign(outer_.opened().size(), no_packet);
    by([](const ProtectPacket& packet) { return packet.keys.whole; }, false);
    const auto& flows = outer_.flows();
    const bool any_beet = std::any_of(flows.begin(), flows.end(), [](const ProtectFlow& flow) {
      return flow.association != nullptr && flow.association->mode == SaMode::beet;
    });
    if (any_beet) by([](const ProtectPacket& packet) { return packet.keys.lean; }, true);
  }

  // Of what is not paired yet.
  template <typename Key>
  void by(Key key, bool beet) {
    Run all;
    for (ProtectIndex i = 0; i < plain_.clear().size(); ++i)
      if (!out_.copies[i] && out_.opened_of[i] == no_packet)
        add(all, key(plain_.clear()[i]), plain_.clear()[i], i, true);
    for (ProtectIndex i = 0; i < outer_.opened().size(); ++i)
      if (out_.plain_of[i] == no_packet && (!beet || is_beet(outer_.opened()[i])))
        add(all, key(outer_.opened()[i]), outer_.opened()[i], i, false);
    for_runs(all, [&](const Keyed* from, const Keyed* to) { pair_run(from, to); });
  }

  static void add(Run& all, std::uint64_t key, const ProtectPacket& packet, ProtectIndex index, bool plain) {
    if (key != 0) all.push_back({key, packet.time, index, plain});
  }

  template <typename Take>
  static void for_runs(Run& all, Take take) {
    std::sort(all.begin(), all.end());
    for (std::size_t at = 0; at < all.size();) {
      std::size_t end = at;
      while (end < all.size() && all[end].key == all[at].key) ++end;
      take(all.data() + at, all.data() + end);
      at = end;
    }
  }

  [[nodiscard]] bool is_beet(const ProtectPacket& packet) const {
    const SecurityAssociation* sa = outer_.flows()[outer_.esp()[packet.esp].flow].association;
    return sa != nullptr && sa->mode == SaMode::beet;
  }

  void find_copies() {
    Run all;
    for (ProtectIndex i = 0; i < plain_.clear().size(); ++i)
      add(all, plain_.clear()[i].keys.whole, plain_.clear()[i], i, true);
    for_runs(all, [&](const Keyed* from, const Keyed* to) {
      std::vector<Sighting> seen;
      for (const Keyed* it = from; it != to; ++it) {
        const Sighting now = sighting_of(plain_.clear()[it->index]);
        // Only the latest can still have copies.
        const auto first = seen.size() > 4 ? seen.end() - 4 : seen.begin();
        out_.copies[it->index] = std::any_of(first, seen.end(), [&](Sighting& before) { return is_copy(before, now); });
        if (!out_.copies[it->index]) seen.push_back(now);
      }
    });
  }

  // Those of the protected side first, each in the order of time.
  void pair_run(const Keyed* from, const Keyed* to) {
    const Keyed* middle = std::find_if(from, to, [](const Keyed& one) { return !one.plain; });
    if (middle == from || middle == to) return;
    std::vector<const Keyed*> left;
    const Keyed* plain = from;
    for (const Keyed* esp = middle; esp != to; ++esp) {
      while (plain != middle && is_too_late(*plain, *esp)) ++plain;
      if (plain == middle || is_too_early(*plain, *esp)) {
        left.push_back(esp);
        continue;
      }
      out_.opened_of[plain->index] = esp->index;
      out_.plain_of[esp->index] = plain->index;
      ++plain;
    }
    if (timed_ && !left.empty()) note_again(from, middle, to, left);
  }

  [[nodiscard]] std::int64_t needed(const Keyed& plain, const Keyed& esp) const {
    return esp.time - plain.time - ways_.offset();
  }
  [[nodiscard]] bool has_time(const Keyed& esp) const {
    return timed_ && ways_.of_opened(outer_.opened()[esp.index]) != ProtectWay::enters;
  }
  [[nodiscard]] bool is_too_late(const Keyed& plain, const Keyed& esp) const {
    return has_time(esp) && needed(plain, esp) > longest_stay;
  }
  [[nodiscard]] bool is_too_early(const Keyed& plain, const Keyed& esp) const {
    return has_time(esp) && needed(plain, esp) < -at_once;
  }

  // Of packets that a capture has several times nobody knows how many there were.
  void note_again(const Keyed* from, const Keyed* middle, const Keyed* to, const std::vector<const Keyed*>& left) {
    if (is_copied(*from) || !is_unit(plain_, from->index)) return;
    std::set<std::uint64_t> sent;  // the same ESP packet once more is a replay, no second encryption
    for (const Keyed* esp = middle; esp != to; ++esp)
      if (out_.plain_of[esp->index] != no_packet) sent.insert(digest_of(*esp));
    for (const Keyed* esp : left) {
      if (!has_time(*esp) || !sent.insert(digest_of(*esp)).second) continue;
      const Keyed* next =
          std::partition_point(from, middle, [&](const Keyed& one) { return needed(one, *esp) >= -ways_.slowest(); });
      if (next != from && needed(next[-1], *esp) <= at_once) out_.again.emplace_back(next[-1].index, esp->index);
    }
  }
  [[nodiscard]] std::uint64_t digest_of(const Keyed& opened) const {
    return outer_.esp()[outer_.opened()[opened.index].esp].digest;
  }
  [[nodiscard]] bool is_copied(const Keyed& plain) const { return copied_.count(plain.key) != 0; }

  // For learning: packets in the clear on both sides, too.
  std::vector<ProtectMatch> matches() {
    std::vector<ProtectMatch> out;
    for (ProtectIndex i = 0; i < out_.opened_of.size(); ++i)
      if (out_.opened_of[i] != no_packet) out.push_back({i, out_.opened_of[i], false});
    Run all;
    for (ProtectIndex i = 0; i < plain_.clear().size(); ++i) {
      if (out_.copies[i]) copied_.insert(plain_.clear()[i].keys.whole);
      if (out_.opened_of[i] == no_packet) add(all, plain_.clear()[i].keys.whole, plain_.clear()[i], i, true);
    }
    for (ProtectIndex i = 0; i < outer_.clear().size(); ++i)
      add(all, outer_.clear()[i].keys.whole, outer_.clear()[i], i, false);
    for_runs(all, [&](const Keyed* from, const Keyed* to) {
      const Keyed* middle = std::find_if(from, to, [](const Keyed& one) { return !one.plain; });
      if (middle != from && middle != to) out.push_back({from->index, middle->index, true});
    });
    return out;
  }

  const ProtectSide& plain_;
  const ProtectSide& outer_;
  ProtectWays& ways_;
  ProtectPairs out_;
  std::set<std::uint64_t> copied_;
  bool timed_ = false;
};

}  // namespace

bool is_unit(const ProtectSide& side, ProtectIndex clear) { return side.clear()[clear].datagram == no_packet; }

ProtectPairs pair_protected(const ProtectSide& plain, const ProtectSide& outer, ProtectWays& ways) {
  return Pairing{plain, outer, ways}.run();
}

}  // namespace espdump
