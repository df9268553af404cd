// Every packet of the protected side is paired with one out of ESP; what is left over on either side is judged.
#include "analysis/gateway_protect.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>

#include <espdump/codes.hpp>

#include "analysis/protect_clear.hpp"
#include "analysis/protect_pairs.hpp"
#include "analysis/protect_verdict.hpp"

namespace espdump {
namespace {

class Protection {
 public:
  Protection(const ProtectSide& plain, const ProtectSide& outer, const Keystore& keystore)
      : plain_(plain), outer_(outer), ways_(plain, outer, keystore) {}

  ProtectReport run() {
    pairs_ = pair_protected(plain_, outer_, ways_);
    count_outer();
    sort_plain();
    find_modified();
    clear_ = judge_clear(plain_, outer_, ways_, left_);
    judge_left();
    for (const auto& [plain, opened] : pairs_.again)
      add(ProtectViolation::Kind::twice, codes::gateway_duplicated, plain, &outer_.opened()[opened]);
    judge_selectors();
    report_.violations.insert(report_.violations.end(), clear_.leaks.begin(), clear_.leaks.end());
    order();
    conclude(plain_, outer_, clear_, facts_, report_);
    return std::move(report_);
  }

 private:
  void count_outer() {
    report_.offset = ways_.offset();
    for (const ProtectEsp& esp : outer_.esp()) {
      ++report_.esp;
      if (esp.opened) ++report_.opened;
    }
  }

  // Packets that did not leave as they are, and those of which it is known that they did.
  void sort_plain() {
    for (ProtectIndex i = 0; i < plain_.clear().size(); ++i) {
      const ProtectPacket& packet = plain_.clear()[i];
      const ProtectIndex opened = pairs_.opened_of[i];
      if (!is_unit(plain_, i) || (opened == no_packet && ways_.is_tunnel(packet))) continue;
      if (pairs_.copies[i]) {
        ++report_.copies;
        continue;
      }
      ++report_.plain;
      const ProtectWay way = opened == no_packet ? ways_.of(plain_, packet) : ways_.of_opened(outer_.opened()[opened]);
      if (way == ProtectWay::enters)
        ++report_.entered;
      else if (opened != no_packet)
        note_encrypted(i, opened);
      else if (packet.joined)
        joined_.push_back(i);
      else
        left_.push_back(i);
    }
    sort_joined();
  }

  // What never became whole on the other side may be there piece by piece.
  void sort_joined() {
    std::unordered_map<ProtectIndex, std::pair<std::size_t, std::size_t>> pieces;  // sent and all, by datagram
    for (ProtectIndex i = 0; i < plain_.clear().size(); ++i) {
      const ProtectPacket& piece = plain_.clear()[i];
      if (piece.datagram == no_packet || pairs_.copies[i]) continue;
      auto& [sent, all] = pieces[piece.datagram];
      ++all;
      if (pairs_.opened_of[i] != no_packet) ++sent;
    }
    for (const ProtectIndex i : joined_) {
      const auto found = pieces.find(i);
      if (found != pieces.end() && found->second.first == found->second.second)
        ++report_.encrypted;
      else
        left_.push_back(i);
    }
    std::sort(left_.begin(), left_.end());
  }

  void note_encrypted(ProtectIndex plain, ProtectIndex opened) {
    ++report_.encrypted;
    const ProtectPacket &before = plain_.clear()[plain], &after = outer_.opened()[opened];
    const SecurityAssociation* sa = outer_.flows()[outer_.esp()[after.esp].flow].association;
    facts_.count_cipher(sa);
    // BEET has no TTL of its own inside.
    if (after.ttl > before.ttl && (sa == nullptr || sa->mode != SaMode::beet)) add_modified(plain, after);
  }

  void add_modified(ProtectIndex plain, const ProtectPacket& after) {
    add(ProtectViolation::Kind::modified, codes::gateway_modified, plain, &after);
    ProtectViolation& violation = report_.violations.back();
    const ProtectPacket& before = plain_.clear()[plain];
    violation.change = changes_between(plain_, before, outer_, after);
    violation.plain_key = before.keys.whole;
    violation.outer_key = after.keys.whole;
  }

  void find_modified() {
    AlteredSearch search;
    for (const ProtectIndex i : left_)
      if (!plain_.clear()[i].piece && !plain_.clear()[i].cut) search.plain.push_back(i);
    for (ProtectIndex i = 0; i < outer_.opened().size(); ++i) {
      const ProtectPacket& packet = outer_.opened()[i];
      if (pairs_.plain_of[i] != no_packet || packet.piece) continue;
      ++report_.unseen;
      if (ways_.of_opened(packet) != ProtectWay::enters) search.other.push_back(i);
    }
    std::set<ProtectIndex> found;
    for (const AlteredPair& pair : find_altered(plain_, outer_, ways_, search)) {
      found.insert(pair.plain);
      --report_.unseen;
      pairs_.opened_of[pair.plain] = pair.other;
      pairs_.plain_of[pair.other] = pair.plain;
      ++report_.encrypted;
      facts_.count_cipher(outer_.flows()[outer_.esp()[outer_.opened()[pair.other].esp].flow].association);
      add_modified(pair.plain, outer_.opened()[pair.other]);
    }
    left_.erase(std::remove_if(left_.begin(), left_.end(), [&](ProtectIndex i) { return found.count(i) != 0; }),
                left_.end());
  }

  // Neither encrypted nor, as far as is known, in the clear.
  void judge_left() {
    std::vector<ProtectIndex> missing;
    for (const ProtectIndex i : left_) {
      if (clear_.leaked.count(i) != 0) continue;
      if (ways_.is_ours(plain_, plain_.clear()[i]))
        missing.push_back(i);
      else
        ++report_.not_ours;
    }
    const auto doubts = find_doubts(plain_, outer_, ways_, pairs_, missing);
    for (std::size_t i = 0; i < missing.size(); ++i) {
      ProtectDoubt doubt = doubts[i];
      if (doubt == ProtectDoubt::none && report_.encrypted == 0) doubt = ProtectDoubt::unknown;
      if (doubt == ProtectDoubt::none) {
        add(ProtectViolation::Kind::not_sent, codes::gateway_dropped_valid, missing[i], nullptr);
        continue;
      }
      ++report_.doubts[static_cast<std::size_t>(doubt)];
      ++(doubt == ProtectDoubt::refused ? report_.refused : report_.not_judged);
    }
  }

  void judge_selectors() {
    for (ProtectIndex i = 0; i < outer_.opened().size(); ++i) {
      const ProtectPacket& packet = outer_.opened()[i];
      if (!packet.outside || (packet.piece && packet.datagram != no_packet) ||
          ways_.of_opened(packet) == ProtectWay::enters)
        continue;
      add(ProtectViolation::Kind::outside, codes::selector_mismatch, pairs_.plain_of[i], &packet);
    }
  }

  void add(ProtectViolation::Kind kind, const FindingInfo& info, ProtectIndex plain, const ProtectPacket* outer) {
    ProtectViolation out;
    out.info = &info;
    out.kind = kind;
    if (outer != nullptr) {
      out.outer_frame = outer->frame;
      out.outer_file = outer->file;
      out.hosts = outer_.hosts()[outer->hosts];
      if (outer->esp != no_packet) out.sa = outer_.flows()[outer_.esp()[outer->esp].flow].sa;
    }
    if (plain != no_packet) {
      out.plain_frame = plain_.clear()[plain].frame;
      out.plain_file = plain_.clear()[plain].file;
      out.hosts = plain_.hosts()[plain_.clear()[plain].hosts];
    }
    report_.violations.push_back(std::move(out));
  }

  void order() {
    const auto place = [](const ProtectViolation& it) {
      return std::make_pair(it.plain_frame != 0 ? it.plain_frame : it.outer_frame, it.outer_frame);
    };
    std::stable_sort(report_.violations.begin(), report_.violations.end(),
                     [&](const ProtectViolation& a, const ProtectViolation& b) {
                       return a.kind != b.kind ? a.kind < b.kind : place(a) < place(b);
                     });
  }

  const ProtectSide& plain_;
  const ProtectSide& outer_;
  ProtectWays ways_;
  ProtectPairs pairs_;
  ProtectReport report_;
  ProtectFacts facts_;
  ProtectClear clear_;
  std::vector<ProtectIndex> left_, joined_;  // of the protected side, not paired
};

}  // namespace

ProtectReport judge_protection(const ProtectSide& plain, const ProtectSide& outer, const Keystore& keystore) {
  return Protection{plain, outer, keystore}.run();
}

}  // namespace espdump
