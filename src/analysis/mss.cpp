// mss.too-large and mss.clamped: what the SYN and SYN/ACK of connections inside tunnels announce, against what fits.
#include <fmt/core.h>

#include <espdump/codes.hpp>
#include <espdump/wire/tcp.hpp>

#include <algorithm>
#include <map>
#include <tuple>

#include "analysis/analyzers.hpp"
#include "analysis/overhead.hpp"
#include "analysis/path_mtu.hpp"
#include "decode/ip_layer.hpp"

namespace espdump {
namespace {

using wire::Tcp;

constexpr std::size_t most_openings = 65'536, most_told = 1024;

// A SYN or SYN/ACK, wherever it was met.
struct Opening {
  FrameNumber frame = 0;
  std::uint16_t file = 0;
  std::uint16_t mss = 0;
  std::vector<SaNumber> sas;  // that it went through, outermost first; empty: none
  std::size_t wrapped = 0;    // bytes of other headers between the innermost of them and its IP header
  Family family = Family::none;
  bool answer = false;  // a SYN/ACK
};

std::string_view name_of(const Opening& opening) { return opening.answer ? "SYN/ACK" : "SYN"; }
std::string place(const Opening& opening, bool many_files) {
  return many_files ? fmt::format("{}:{}", opening.file + 1, opening.frame) : fmt::format("{}", opening.frame);
}

class MssAnalyzer final : public Analyzer {
 public:
  explicit MssAnalyzer(PathFacts& paths) : Analyzer(signs::tcp), paths_(paths) {}

  void on_packet(const Packet& packet, const Decoder&, Findings&) override {
    if (!packet.may_have(ProtocolKind::tcp)) return;
    const auto& layers = packet.layers();
    for (std::size_t index = 0; index < layers.size(); ++index)
      if (layers[index].is(ProtocolKind::tcp) && !layers[index].quoted) take(packet, index);
  }

  void finish(const Decoder& decoder, Findings& out, std::vector<Conclusion>& conclusions) override {
    judge_sizes(decoder, out, conclusions);
    judge_clamping(out, conclusions);
  }

 private:
  // Who opens to whom, at which number, and what it answers: the same packet in several places has the same.
  using Key = std::tuple<IpAddress, IpAddress, std::uint16_t, std::uint16_t, std::uint32_t, std::uint32_t>;
  struct Seen {
    std::vector<Opening> inside, outside;  // tunnels; where they differ in MSS
  };
  struct TooLarge {
    std::vector<SaNumber> sas;
    FrameList frames;
    std::uint16_t most = 0;
    std::size_t fits = 0;
    PathEvidence path;
    Family family = Family::none;
    std::string_view name;
  };

  void take(const Packet& packet, std::size_t index) {
    const auto tcp = Tcp::from(packet.layers()[index].header);
    if (!tcp || !tcp->has(Tcp::syn)) return;
    const auto mss = tcp->mss();
    const auto ip = find_ip_layer(packet, index);
    if (!mss || !ip) return;
    Opening opening{packet.frame, packet.file, *mss, {}, 0, ip->source.family(), tcp->has(Tcp::ack)};
    if (!note_tunnels(packet, index, ip->index, opening)) return;
    const Key key{ip->source,      ip->destination,      tcp->source_port(), tcp->destination_port(),
                  tcp->sequence(), tcp->acknowledgment()};
    // Those in the clear are for comparison only, and leave room for the others.
    const std::size_t room = opening.sas.empty() ? most_openings / 2 : most_openings;
    if (seen_.size() >= room && seen_.count(key) == 0) {
      ++paths_.left_out.openings;
      return;
    }
    Seen& seen = seen_[key];
    auto& list = opening.sas.empty() ? seen.outside : seen.inside;
    const bool known =
        std::any_of(list.begin(), list.end(), [&](const Opening& one) { return one.mss == opening.mss; });
    if (!known && list.size() < 4) list.push_back(std::move(opening));
  }

  // False where the packet proves nothing.
  static bool note_tunnels(const Packet& packet, std::size_t tcp, std::size_t ip, Opening& opening) {
    const OpenRecord* innermost = nullptr;
    for (const OpenRecord& record : packet.ipsec()) {
      if (record.layer > tcp) continue;
      if (record.sa == 0 || record.icv == IcvVerdict::bad || record.replay == ReplayVerdict::duplicate ||
          record.replay == ReplayVerdict::stale || record.replay == ReplayVerdict::capture_duplicate)
        return false;
      opening.sas.push_back(record.sa);
      innermost = &record;
    }
    if (innermost == nullptr || ip < innermost->layer) return true;
    const std::size_t inside = packet.layers()[ip].header.size() + packet.layers()[ip].payload_claimed;
    const std::size_t whole = inner_size(packet, *innermost);
    opening.wrapped = whole > inside ? whole - inside : 0;
    return true;
  }

  // Through all tunnels; 0: not known, or nothing fits.
  static std::size_t mss_that_fits(const Opening& opening, const Decoder& decoder, std::size_t path_mtu) {
    std::size_t mtu = path_mtu;
    for (const SaNumber number : opening.sas) {
      const SecurityAssociation* sa = decoder.association(number);
      const auto overhead = sa == nullptr ? std::nullopt : overhead_of(*sa);
      mtu = overhead && overhead->encapsulation != Encapsulation::tcp ? safe_mtu(*overhead, mtu) : 0;
      if (mtu == 0) return 0;
    }
    return mtu > opening.wrapped ? mss_of(mtu - opening.wrapped, opening.family) : 0;
  }

  void judge_sizes(const Decoder& decoder, Findings& out, std::vector<Conclusion>& conclusions) const {
    const PathMtus mtus{paths_, decoder};
    std::map<std::tuple<std::size_t, std::size_t, Family>, TooLarge> groups;
    std::size_t told = 0;
    for (const auto& [frame, opening] : by_frame()) {
      if (opening->sas.empty()) continue;
      const PathEvidence path = mtus.of(opening->sas.front());
      const std::size_t fits = mss_that_fits(*opening, decoder, path.mtu);
      if (fits == 0 || opening->mss <= fits) continue;
      TooLarge& group = groups[{fits, path.mtu, opening->family}];
      add_sa(group.sas, opening->sas.back());
      group.frames.add(opening->frame, opening->file);
      group.most = std::max(group.most, opening->mss);
      group.fits = fits, group.path = path, group.family = opening->family;
      group.name = name_of(*opening);
      if (++told <= most_told)
        out.push_back({&codes::mss_too_large, opening->frame, opening->file, opening->sas.back(),
                       fmt::format("{} offers MSS {}; {} is the largest that fits (path MTU {})", name_of(*opening),
                                   opening->mss, fits, path.to_string()),
                       remedy(group)});
    }
    for (const auto& [key, group] : groups) conclusions.push_back(too_large(group));
  }

  static std::string remedy(const TooLarge& group) {
    return fmt::format(
        "Clamp it in both directions, in nft by `tcp option maxseg size set {}`: `espdump mtu --keys FILE --mtu {}` "
        "prints "
        "the rules.",
        group.fits, group.path.mtu);
  }

  static Conclusion too_large(const TooLarge& group) {
    Conclusion out{&codes::mss_too_large, group.sas, {}, {}, remedy(group)};
    out.what = fmt::format("{} offer MSS {}{}; {} is the largest that fits (path MTU {}), {}",
                           count_of(group.frames.count(), "SYN or SYN/ACK"), group.frames.count() == 1 ? "" : "up to ",
                           group.most, group.fits, group.path.to_string(), group.frames.to_string());
    if (group.frames.count() == 1)
      out.what = fmt::format("{} in {} offers MSS {}; {} is the largest that fits (path MTU {})", group.name,
                             group.frames.to_string(), group.most, group.fits, group.path.to_string());
    out.why = "Such segments do not go through in one piece: all depends on path MTU discovery.";
    return out;
  }

  // Openings inside tunnels, as they came.
  [[nodiscard]] std::multimap<std::pair<std::uint16_t, FrameNumber>, const Opening*> by_frame() const {
    std::multimap<std::pair<std::uint16_t, FrameNumber>, const Opening*> out;
    for (const auto& [key, seen] : seen_)
      for (const Opening& opening : seen.inside) out.emplace(std::pair{opening.file, opening.frame}, &opening);
    return out;
  }

  struct Difference {
    const Opening *one = nullptr, *other = nullptr;
    bool rewritten = false;  // the same packet in two places; otherwise a SYN and its answer
  };

  void judge_clamping(Findings& out, std::vector<Conclusion>& conclusions) const {
    std::map<std::pair<std::uint16_t, FrameNumber>, Difference> found;
    for (const auto& [key, seen] : seen_) {
      if (seen.inside.empty()) continue;
      const Opening& opening = seen.inside.front();
      const Opening* elsewhere = seen.inside.size() > 1 ? &seen.inside[1] : nullptr;
      for (const Opening& one : seen.outside)
        if (one.mss != opening.mss) elsewhere = &one;
      if (elsewhere != nullptr)
        found[{opening.file, opening.frame}] = {&opening, elsewhere, true};
      else if (const Opening* answer = answer_to(key, opening))
        if (answer->mss != opening.mss)
          found.emplace(std::pair{answer->file, answer->frame}, Difference{&opening, answer, false});
    }
    if (found.empty()) return;
    FrameList others;
    std::vector<SaNumber> sas;
    std::size_t told = 0;
    for (const auto& [frame, difference] : found) {
      const Opening& last = difference.rewritten ? *difference.one : *difference.other;
      if (told != 0) others.add(last.frame, last.file);
      add_sa(sas, last.sas.back());
      if (told++ < most_told)
        out.push_back({&codes::mss_clamped, last.frame, last.file, last.sas.back(), words(difference), {}});
    }
    const std::string more =
        found.size() > 1 ? fmt::format("; and {} more, {}", found.size() - 1, others.to_string()) : "";
    conclusions.push_back({&codes::mss_clamped, sas, words(found.begin()->second) + more, {}, {}});
  }

  [[nodiscard]] std::string words(const Difference& it) const {
    const bool many = paths_.captures > 1;
    if (it.rewritten) {
      const bool outside = it.other->sas.empty();
      return fmt::format("the {} of frame {} has MSS {}, and {} in frame {}{}: it was rewritten on the way",
                         name_of(*it.one), place(*it.one, many), it.one->mss, it.other->mss, place(*it.other, many),
                         outside ? " outside the tunnel" : "");
    }
    return fmt::format(
        "the SYN of frame {} has MSS {}, the SYN/ACK of frame {} has {}: clamped in one direction only, or "
        "the ends have different MTUs",
        place(*it.one, many), it.one->mss, place(*it.other, many), it.other->mss);
  }

  // The SYN/ACK inside a tunnel that answers a SYN; null: none, or the opening is no SYN.
  [[nodiscard]] const Opening* answer_to(const Key& key, const Opening& opening) const {
    if (opening.answer) return nullptr;
    const auto& [source, destination, from, to, number, none] = key;
    for (auto at = seen_.lower_bound({destination, source, to, from, 0, 0}); at != seen_.end(); ++at) {
      const auto& [back_source, back_destination, back_from, back_to, back_number, answered] = at->first;
      if (back_source != destination || back_destination != source || back_from != to || back_to != from) break;
      for (const Opening& one : at->second.inside)
        if (one.answer && answered == number + 1) return &one;
    }
    return nullptr;
  }

  PathFacts& paths_;
  std::map<Key, Seen> seen_;
};

}  // namespace

std::unique_ptr<Analyzer> make_mss_analyzer(PathFacts& paths) { return std::make_unique<MssAnalyzer>(paths); }

}  // namespace espdump
