// A gateway that judges fragments one by one lets the first ones of a bad datagram through. These have its SPI and
// number; others are known by addresses and identification.
#include <map>
#include <optional>
#include <vector>

#include "analysis/gateway_judge.hpp"

namespace espdump {
namespace {

constexpr std::int64_t longest_wait = 60'000'000'000;  // of fragments for each other, nanoseconds

class Fragments {
 public:
  Fragments(const GatewayCase& it, GatewayReport& report) : it_(it), report_(report), broken_(it.egress.broken()) {
    for (std::size_t at = 0; at < broken_.size(); ++at) {
      const BrokenDatagram& datagram = broken_[at];
      if (datagram.has_start)
        by_number_.emplace(std::uint64_t{datagram.spi} << 32 | datagram.number, at);
      else
        by_id_.emplace(datagram.id, at);
    }
    taken_.assign(broken_.size(), false);
  }

  void run() {
    if (broken_.empty()) return;
    for (RecordIndex i = 0; i < it_.pairs.out_of.size(); ++i) {
      if (!it_.ingress.records()[i].fragmented || it_.pairs.out_of[i] != no_record || !it_.is_forward(i)) continue;
      const auto found = datagram_of(i);
      if (!found) continue;
      taken_[*found] = true;
      // Of a good one the rest got lost, and that it is missing was told.
      const GatewayClass is = it_.classes.of[i];
      if (is != GatewayClass::open && is != GatewayClass::good) add(i, broken_[*found], is);
    }
  }

 private:
  using Index = std::multimap<std::uint64_t, std::size_t>;

  [[nodiscard]] std::optional<std::size_t> datagram_of(RecordIndex i) const {
    const GatewayRecord& record = it_.ingress.records()[i];
    const GatewayFlow& flow = it_.ingress.flow_of(i);
    const auto number = static_cast<std::uint32_t>(record.sequence);
    const auto any = [](const BrokenDatagram&) { return true; };
    if (const auto found = find(by_number_, std::uint64_t{flow.spi} << 32 | number, record, any)) return found;
    if (!record.ipv4) return std::nullopt;
    return find(by_id_, record.id, record, [&](const BrokenDatagram& it) {
      return it.source == flow.source || it.destination == flow.destination;  // a NAT changes one of them
    });
  }

  template <typename Fits>
  [[nodiscard]] std::optional<std::size_t> find(const Index& index, std::uint64_t key, const GatewayRecord& record,
                                                Fits fits) const {
    for (auto [at, end] = index.equal_range(key); at != end; ++at)
      if (!taken_[at->second] && is_near(record, broken_[at->second]) && fits(broken_[at->second])) return at->second;
    return std::nullopt;
  }

  // A datagram has the time of its last fragment, a broken one that of its first.
  [[nodiscard]] bool is_near(const GatewayRecord& record, const BrokenDatagram& broken) const {
    const std::int64_t needed = broken.time - record.time - it_.pairs.clock.offset(record.time);
    return needed >= -longest_wait && needed <= longest_wait;
  }

  void add(RecordIndex in, const BrokenDatagram& broken, GatewayClass is) {
    report_.violations.push_back({&code_of(is), in, no_record, GatewayFault::leaked_fragment, is});
    report_.violations.back().fragment_frame = broken.frame;
    report_.violations.back().fragment_file = broken.file;
  }

  const GatewayCase& it_;
  GatewayReport& report_;
  std::vector<BrokenDatagram> broken_;
  Index by_number_, by_id_;
  std::vector<bool> taken_;
};

}  // namespace

void judge_fragments(const GatewayCase& it, GatewayReport& report) { Fragments{it, report}.run(); }

}  // namespace espdump
