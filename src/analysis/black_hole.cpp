// mtu.blackhole: full-size packets that vanish inside a tunnel while smaller ones get through. Four kinds of evidence,
// the strongest first: a TCP segment that is sent again and again and never acknowledged; packets that left one capture
// and never came by another; bytes that a receiver waits for in vain; and, without keys, times and sizes of ESP
// packets.
#include <fmt/core.h>

#include <espdump/codes.hpp>

#include <algorithm>
#include <map>
#include <unordered_map>

#include "analysis/analyzers.hpp"
#include "analysis/path_mtu.hpp"
#include "analysis/sealed_retries.hpp"
#include "analysis/tcp_flows.hpp"

namespace espdump {
namespace {

constexpr std::size_t most_told = 1024;
constexpr std::uint32_t enough_tries = 4, enough_lost = 3;
constexpr std::size_t fits_everywhere = 576;         // RFC 1122: what every path carries
constexpr std::int64_t long_enough = 3'000'000'000;  // for a sender to have tried again several times

struct Hole {
  SaNumber sa = 0;
  FrameNumber frame = 0;
  std::uint16_t file = 0;
  std::string what, why;
  std::size_t told_mtu = 0;              // by ICMP; 0: none was
  std::size_t passes = 0, vanishes = 0;  // sizes outside that got through and that did not; 0: not known
};

std::string ends_of(const FlowSizes& flow) {
  return fmt::format("{}.{} > {}.{}", flow.source.to_string(), flow.source_port, flow.destination.to_string(),
                     flow.destination_port);
}

class BlackHoleAnalyzer final : public Analyzer {
 public:
  explicit BlackHoleAnalyzer(PathFacts& paths) : Analyzer(signs::tcp | signs::irregular), paths_(paths) {}

  void on_packet(const Packet& packet, const Decoder&, Findings&) override {
    if (packet.ipsec().empty()) return;
    flows_.take(packet, [this](const TcpDirection& direction) { judge_edge(direction, true); });
    for (const OpenRecord& record : packet.ipsec())
      if (record.sa != 0 && !record.decrypted && record.icv != IcvVerdict::bad &&
          record.unchecked != Unchecked::malformed && record.replay != ReplayVerdict::capture_duplicate &&
          record.replay != ReplayVerdict::duplicate && has_size_of_its_own(packet, record))
        sealed_.take(packet, record);
  }

  void finish(const Decoder& decoder, Findings& out, std::vector<Conclusion>& conclusions) override {
    std::vector<const TcpDirection*> directions;
    flows_.each([&](const TcpDirection& direction) { directions.push_back(&direction); });
    std::sort(directions.begin(), directions.end(),
              [](const TcpDirection* one, const TcpDirection* other) { return one->number < other->number; });
    std::unordered_map<SaNumber, SaStatistics> sas;
    for (SaStatistics& sa : decoder.statistics()) sas.emplace(sa.number, std::move(sa));
    for (const TcpDirection* direction : directions) judge_edge(*direction, false);
    for (const bool in_trouble : {true, false})
      for (const TcpDirection* direction : directions)
        if (direction->sizes.in_trouble() == in_trouble) keep(direction->sizes);
    for (const Crossing& crossing : paths_.crossings) judge_crossing(crossing);
    for (const TcpDirection* direction : directions) judge_hole(*direction, sas);
    for (const SealedRetry& retry : sealed_.found()) judge_sealed(retry);
    paths_.left_out.connections = flows_.left_out();
    paths_.left_out.senders = sealed_.left_out();
    conclude(decoder, out, conclusions);
  }

 private:
  [[nodiscard]] const SaSizes* sizes_of(SaNumber sa) const {
    const auto found = paths_.sas.find(sa);
    return found == paths_.sas.end() ? nullptr : &found->second;
  }
  // The path MTU that ICMP told of a packet of that size; 0: none did.
  [[nodiscard]] std::size_t told_about(SaNumber sa, std::size_t outer) const {
    const SaSizes* sizes = sizes_of(sa);
    return sizes != nullptr && sizes->told_mtu != 0 && sizes->told_mtu < outer ? sizes->told_mtu : 0;
  }
  [[nodiscard]] bool found_in(SaNumber sa) const {
    return std::any_of(holes_.begin(), holes_.end(), [&](const Hole& hole) { return hole.sa == sa; });
  }
  static std::string icmp_sentence(std::size_t told_mtu) {
    if (told_mtu != 0) return fmt::format(" A router says why: path MTU {}; the gateway does not heed it.", told_mtu);
    return " No ICMP in this capture says so: it is filtered, or nobody sends it.";
  }

  void keep(const FlowSizes& flow) {
    if (flow.segments != 0 && paths_.flows.size() < PathFacts::most_flows) paths_.flows.push_back(flow);
  }

  // Acknowledged in the end it is a black hole all the same, if only the same bytes in smaller segments came through.
  void judge_edge(const TcpDirection& direction, bool acknowledged) {
    const TcpEdge& edge = direction.edge;
    if (edge.sent < enough_tries || edge.larger_passed || edge.segment.outer <= fits_everywhere) return;
    if (acknowledged && edge.shrunk_to == 0) return;  // lost, and at last not lost
    const std::size_t told = told_about(direction.sizes.sa, edge.segment.outer);
    const bool proved_by_size =
        (edge.heard || edge.smaller_passed || acknowledged) && edge.segment.length > direction.largest_passed;
    if ((told == 0 && !proved_by_size) || holes_.size() == most_told) return;
    Hole hole{direction.sizes.sa, edge.last_frame, edge.file, {}, {}, told, 0, edge.segment.outer};
    hole.what = fmt::format("{}: {} bytes of TCP in a packet of {} ({} outside) sent {} times in {}, {}",
                            ends_of(direction.sizes), edge.segment.length, edge.inner, edge.segment.outer, edge.sent,
                            duration(edge.last.nanoseconds - edge.first.nanoseconds), edge.frames.to_string());
    hole.why = acknowledged ? fmt::format(
                                  "Only in segments of {} bytes and less did they arrive: the sender found that "
                                  "out by itself (RFC 4821).",
                                  edge.shrunk_to)
                            : "They were never acknowledged";
    if (!acknowledged)
      hole.why += edge.smaller_passed ? ", while a smaller segment sent after them was."
                  : edge.heard        ? ", although the other end is there and answers."
                                      : ".";
    hole.why += icmp_sentence(told);
    holes_.push_back(std::move(hole));
  }

  void judge_crossing(const Crossing& crossing) {
    if (!crossing.by_size() || crossing.missing_before != 0) return;
    for (Hole& hole : holes_)
      if (hole.sa == crossing.sa) hole.passes = crossing.largest_arrived, hole.vanishes = crossing.smallest_lost;
    const SaSizes* sizes = sizes_of(crossing.sa);
    const bool sent_again = crossing.lost_tcp + crossing.lost_sealed >= enough_lost;
    if (!sent_again || (sizes != nullptr && sizes->heeded()) || crossing.smallest_lost <= fits_everywhere ||
        found_in(crossing.sa) || holes_.size() == most_told)
      return;
    const std::size_t told = told_about(crossing.sa, crossing.largest_lost);
    Hole hole{crossing.sa, 0, crossing.from, {}, {}, told, crossing.largest_arrived, crossing.smallest_lost};
    hole.what =
        fmt::format("{} left by capture {} and never came by capture {}, all larger than {} bytes",
                    count_of(crossing.lost, "packet"), crossing.from + 1, crossing.to + 1, crossing.largest_arrived);
    hole.why =
        fmt::format("Of the {} that arrived in between the largest has {} bytes; the smallest that was lost has {}.",
                    crossing.arrived, crossing.largest_arrived, crossing.smallest_lost) +
        icmp_sentence(told);
    holes_.push_back(std::move(hole));
  }

  // Numbers of the SA that are missing before one, and behind it.
  static std::pair<std::uint64_t, std::uint64_t> lost_around(const SaStatistics& sa, std::uint64_t number) {
    std::pair<std::uint64_t, std::uint64_t> out;
    for (const auto& [first, last] : sa.gaps) (first < number ? out.first : out.second) += last - first + 1;
    return out;
  }

  // TCP sends in order, so that what is missing was first sent before what came from behind it, and in no more packets
  // than are missing there: one of them at least was as large as the average.
  void judge_hole(const TcpDirection& direction, const std::unordered_map<SaNumber, SaStatistics>& sas) {
    const FlowSizes& flow = direction.sizes;
    const auto sa = sas.find(flow.sa);
    if (!direction.hole || sa == sas.end() || found_in(flow.sa) || holes_.size() == most_told) return;
    const auto [before, behind] = lost_around(sa->second, direction.hole->esp_number);
    const std::uint64_t missing = direction.missing(), mss = flow.mss.value_or(1460);
    if (before == 0 || mss == 0 || missing > 0x4000'0000) return;
    const auto average = static_cast<std::size_t>(missing / before) + 40;
    const SaSizes* sizes = sizes_of(flow.sa);
    const std::size_t largest_inner = sizes == nullptr ? 0 : sizes->largest_inner;
    if (average <= std::max<std::size_t>(largest_inner, fits_everywhere)) return;
    const bool tried_again = behind >= enough_lost || (direction.hole->silence >= long_enough &&
                                                       before >= (missing + mss - 1) / mss + enough_lost);
    const bool outlived = direction.repeated_at.nanoseconds - direction.acknowledged_at.nanoseconds >= long_enough;
    if (!tried_again || !outlived) return;
    Hole hole{flow.sa, direction.hole->frame, direction.hole->file, {}, {}, told_about(flow.sa, average), 0, 0};
    hole.what = fmt::format("{}: {} bytes of TCP never came by here, and {} of the SA are missing", ends_of(flow),
                            missing, count_of(sa->second.lost, "number"));
    hole.why = fmt::format(
        "One of the missing packets at least had {} bytes inside or more; nothing of that size came, {} at most. This "
        "is "
        "weaker evidence, from the receiving side alone: capture at the sender too.",
        average, largest_inner);
    holes_.push_back(std::move(hole));
  }

  void judge_sealed(const SealedRetry& retry) {
    const SaSizes* sizes = sizes_of(retry.sa);
    if (found_in(retry.sa) || holes_.size() == most_told || (sizes != nullptr && sizes->heeded())) return;
    const std::size_t told = told_about(retry.sa, retry.size);
    Hole hole{retry.sa, retry.last_frame, retry.file, {}, {}, told, 0, retry.size};
    hole.what = retry.size != 0
                    ? fmt::format("a packet of {} bytes outside sent {} times in {}, after twice the time each, {}",
                                  retry.size, retry.frames.count(), duration(retry.span), retry.frames.to_string())
                    : fmt::format("single numbers missing {} times in {}, after twice the time each, before {}",
                                  retry.frames.count(), duration(retry.span), retry.frames.to_string());
    hole.why = fmt::format(
        "So does TCP send again what nobody acknowledges, while packets of up to {} bytes pass and the other end is "
        "heard. This is weaker evidence, from sizes and numbers alone: with keys (--keys) it can be proved.",
        retry.smaller);
    hole.why += icmp_sentence(told);
    holes_.push_back(std::move(hole));
  }

  void conclude(const Decoder& decoder, Findings& out, std::vector<Conclusion>& conclusions) const {
    std::map<SaNumber, std::vector<const Hole*>> by_sa;
    for (const Hole& hole : holes_) {
      out.push_back({&codes::mtu_blackhole, hole.frame, hole.file, hole.sa, hole.what + ". " + hole.why, {}});
      by_sa[hole.sa].push_back(&hole);
    }
    for (const auto& [sa, holes] : by_sa) conclusions.push_back(conclusion(sa, holes, decoder));
  }

  static Conclusion conclusion(SaNumber sa, const std::vector<const Hole*>& holes, const Decoder& decoder) {
    constexpr std::size_t safe_everywhere = 1280;
    const Hole& first = *holes.front();
    Conclusion out{&codes::mtu_blackhole, {sa}, first.what, first.why, {}};
    if (holes.size() > 1) out.what += fmt::format("; and {} more", count_of(holes.size() - 1, "connection"));
    const std::size_t path = first.told_mtu != 0 ? first.told_mtu : safe_everywhere;
    const std::string fits = what_fits(decoder.association(sa), path);
    if (first.told_mtu != 0)
      out.remedy = fits.empty() ? "Let ICMP \"fragmentation needed\" and \"packet too big\" reach the gateway"
                                : fmt::format(
                                      "Through #{} fit {}: set that, and let ICMP \"fragmentation needed\" and "
                                      "\"packet too big\" reach the gateway",
                                      sa, fits);
    else
      out.remedy =
          "Find the path MTU (`ping -M do -s SIZE` between the gateways" +
          (first.passes != 0 ? fmt::format("; it lies between {} and {}", first.passes, first.vanishes - 1) : "") +
          ")" +
          (fits.empty() ? "" : fmt::format(". For 1280, which nearly every path has, {} fit through #{}", fits, sa));
    out.remedy += fmt::format(". The commands: `espdump mtu --keys FILE --mtu {}`.", path);
    return out;
  }

  PathFacts& paths_;
  TcpFlows flows_;
  SealedRetries sealed_;
  std::vector<Hole> holes_;
};

}  // namespace

std::unique_ptr<Analyzer> make_black_hole_analyzer(PathFacts& paths) {
  return std::make_unique<BlackHoleAnalyzer>(paths);
}

}  // namespace espdump
