// Captures of one tunnel in two places: which packets of the first came by the second, by SA and number.
#include <fmt/core.h>

#include <espdump/codes.hpp>
#include <espdump/wire/tcp.hpp>

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <vector>

#include "analysis/analyzers.hpp"
#include "analysis/path_mtu.hpp"
#include "base/packet_hash.hpp"

namespace espdump {
namespace {

// Which kind of packet it is, as far as the question matters whether somebody sends it again.
enum class Kind : std::uint8_t { sealed, tcp, other };

class CrossingAnalyzer final : public Analyzer {
 public:
  explicit CrossingAnalyzer(PathFacts& paths) : Analyzer(signs::ipsec), paths_(paths) {}

  void on_packet(const Packet& packet, const Decoder&, Findings&) override {
    if (paths_.captures < 2) return;
    for (const OpenRecord& record : packet.ipsec())
      if (record.sa != 0 && record.icv != IcvVerdict::bad && record.unchecked != Unchecked::malformed &&
          has_size_of_its_own(packet, record))
        take(packet, record);
  }

  void finish(const Decoder&, Findings& out, std::vector<Conclusion>& conclusions) override {
    for (const auto& entry : alone_)
      each_pair(entry.first.sa, [&](const Pair& pair, Meeting& meeting) { count_alone(entry, pair, meeting); });
    for (auto& [pair, meeting] : pairs_) direct(pair, meeting);
    for (const auto& entry : alone_)
      each_pair(entry.first.sa, [&](const Pair&, Meeting& meeting) { count_lost(entry, meeting.crossing); });
    for (const auto& [pair, meeting] : pairs_) {
      paths_.crossings.push_back(meeting.crossing);
      if (meeting.crossing.lost != 0 && meeting.crossing.missing_before == 0)
        tell_lost(meeting.crossing, out, conclusions);
    }
    paths_.crossings_bounded = bounded_;
    alone_.clear();
  }

 private:
  struct Key {
    SaNumber sa = 0;
    std::uint64_t number = 0;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const noexcept {
      return SecretHash{}(key.number ^ std::uint64_t{key.sa} << 40U);
    }
  };
  struct Alone {  // seen by one capture so far
    std::uint32_t size = 0;
    std::uint16_t file = 0;
    Kind kind = Kind::sealed;
  };
  struct Pair {  // of captures, whichever the packets came by first
    SaNumber sa = 0;
    std::uint16_t low = 0, high = 0;
    auto operator<=>(const Pair&) const = default;
  };
  struct Meeting {
    Crossing crossing;
    std::uint64_t low_first = 0, high_first = 0;  // of the packets that both have, by their times
    std::uint64_t low_only = 0, high_only = 0;    // numbers that the other one should have too
  };
  struct Range {  // empty at first
    std::uint64_t first = std::numeric_limits<std::uint64_t>::max(), last = 0;
  };
  static constexpr std::size_t most_alone = 512 * 1024, most_pairs = 16'384;

  void take(const Packet& packet, const OpenRecord& record) {
    const Key key{record.sa, record.sequence};
    extend(ranges_[{record.sa, packet.file}], key.number);
    const auto met = may_be_alone(key) ? alone_.find(key) : alone_.end();
    if (met == alone_.end()) {
      // What two captures have is forgotten at once, so that a replay of it is new here: the verdict tells it apart.
      if (record.replay == ReplayVerdict::capture_duplicate || record.replay == ReplayVerdict::duplicate) return;
      if (alone_.size() >= most_alone)
        bounded_ = true;
      else
        add(key, {static_cast<std::uint32_t>(wire_size(record)), packet.file, kind_of(packet, record)});
      return;
    }
    if (met->second.file == packet.file) return;
    if (Meeting* meeting = meeting_of(key.sa, met->second.file, packet.file)) {
      ++(met->second.file < packet.file ? meeting->low_first : meeting->high_first);
      Crossing& crossing = meeting->crossing;
      ++crossing.arrived;
      crossing.largest_arrived = std::max<std::size_t>(crossing.largest_arrived, met->second.size);
      ++bucket_of(crossing, met->second.size).arrived;
    }
    if (paths_.captures == 2) alone_.erase(met);
  }

  // Captures that follow one another, as those of a ring buffer, would look in vain for all that they have.
  [[nodiscard]] bool may_be_alone(const Key& key) const {
    return key.sa < entered_.size() && contains(entered_[key.sa], key.number);
  }

  void add(const Key& key, const Alone& one) {
    alone_.emplace(key, one);
    if (entered_.size() <= key.sa) entered_.resize(key.sa + 1);
    extend(entered_[key.sa], key.number);
  }

  static void extend(Range& range, std::uint64_t number) {
    range.first = std::min(range.first, number);
    range.last = std::max(range.last, number);
  }

  static Kind kind_of(const Packet& packet, const OpenRecord& record) {
    if (!record.decrypted) return Kind::sealed;
    return packet.find<wire::Tcp>() ? Kind::tcp : Kind::other;
  }

  Meeting* meeting_of(SaNumber sa, std::uint16_t one, std::uint16_t other) {
    const Pair pair{sa, std::min(one, other), std::max(one, other)};
    if (pairs_.size() == most_pairs && pairs_.count(pair) == 0) return nullptr;
    return &pairs_[pair];
  }

  template <typename Look>
  void each_pair(SaNumber sa, Look look) {
    for (auto at = pairs_.lower_bound({sa, 0, 0}); at != pairs_.end() && at->first.sa == sa; ++at)
      look(at->first, at->second);
  }

  static Crossing::Bucket& bucket_of(Crossing& crossing, std::size_t size) {
    Crossing::Bucket& bucket = crossing.sizes[std::min(size / Crossing::bucket_width, Crossing::buckets - 1)];
    bucket.least = bucket.most == 0 ? size : std::min(bucket.least, size);
    bucket.most = std::max(bucket.most, size);
    return bucket;
  }

  using Entry = std::pair<const Key, Alone>;
  void count_alone(const Entry& entry, const Pair& pair, Meeting& meeting) const {
    const auto& [key, one] = entry;
    if (one.file == pair.low && contains(ranges_.at({key.sa, pair.high}), key.number)) ++meeting.low_only;
    if (one.file == pair.high && contains(ranges_.at({key.sa, pair.low}), key.number)) ++meeting.high_only;
  }

  // Packets go from the capture that has more of them, or, where both have all, that has them earlier.
  static void direct(const Pair& pair, Meeting& meeting) {
    const bool from_low = meeting.low_only != meeting.high_only ? meeting.low_only > meeting.high_only
                                                                : meeting.low_first >= meeting.high_first;
    Crossing& crossing = meeting.crossing;
    crossing.sa = pair.sa;
    crossing.from = from_low ? pair.low : pair.high;
    crossing.to = from_low ? pair.high : pair.low;
    crossing.missing_before = from_low ? meeting.high_only : meeting.low_only;
  }

  static bool contains(const Range& range, std::uint64_t number) {
    return number >= range.first && number <= range.last;
  }

  void count_lost(const Entry& entry, Crossing& crossing) const {
    const auto& [key, one] = entry;
    if (one.file != crossing.from) return;
    const Range& arrived = ranges_.at({key.sa, crossing.to});
    if (key.number > arrived.last) ++crossing.after_last;
    if (!contains(arrived, key.number)) return;
    ++crossing.lost;
    crossing.smallest_lost = crossing.lost == 1 ? one.size : std::min<std::size_t>(crossing.smallest_lost, one.size);
    crossing.largest_lost = std::max<std::size_t>(crossing.largest_lost, one.size);
    crossing.lost_tcp += one.kind == Kind::tcp ? 1 : 0;
    crossing.lost_sealed += one.kind == Kind::sealed ? 1 : 0;
    ++bucket_of(crossing, one.size).lost;
  }

  static void tell_lost(const Crossing& crossing, Findings& out, std::vector<Conclusion>& conclusions) {
    const std::string what =
        fmt::format("{} of {} packets left by capture {} and never came by capture {}", crossing.lost,
                    crossing.lost + crossing.arrived, crossing.from + 1, crossing.to + 1);
    const std::string why =
        crossing.by_size()
            ? fmt::format("All of them are larger than what arrived: {} bytes and more, against {} at most.",
                          crossing.smallest_lost, crossing.largest_arrived)
            : fmt::format("Their size does not matter: packets of up to {} bytes arrived, and of {} were lost.",
                          crossing.largest_arrived, crossing.smallest_lost);
    out.push_back({&codes::seq_lost, 0, crossing.to, crossing.sa, what + ". " + why, {}});
    conclusions.push_back(
        {&codes::seq_lost,
         {crossing.sa},
         what,
         why,
         crossing.by_size()
             ? "Only large packets do not arrive: set the MTU and clamp the MSS (`espdump mtu` tells to what)."
             : "They were lost between the two places; capture in the middle to narrow it down."});
  }

  PathFacts& paths_;
  std::unordered_map<Key, Alone, Hash> alone_;
  std::vector<Range> entered_;  // by SA: numbers of those that are alone, or were
  std::map<std::pair<SaNumber, std::uint16_t>, Range> ranges_;
  std::map<Pair, Meeting> pairs_;
  bool bounded_ = false;
};

}  // namespace

std::unique_ptr<Analyzer> make_crossing_analyzer(PathFacts& paths) { return std::make_unique<CrossingAnalyzer>(paths); }

}  // namespace espdump
