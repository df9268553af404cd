// Packets whose bytes changed on the way: known by SPI and number or, where these changed, by length and last bytes.
#include <algorithm>
#include <cstddef>

#include "analysis/gateway_judge.hpp"

namespace espdump {
namespace {

constexpr std::size_t most_looked_at = 64;                             // candidates with one key
constexpr std::int64_t tolerance = 5'000'000, patience = 100'000'000;  // nanoseconds

struct Keyed {
  std::uint64_t key = 0;
  RecordIndex record = no_record;
};

std::uint64_t number_key(const GatewayRecord& record, const GatewayFlow& flow) {
  // IKE messages are told apart by all of their number, which has more than 32 bits.
  const auto high = static_cast<std::uint32_t>(record.ike ? record.sequence >> 32 | 0x8000'0000 : 0);
  return std::uint64_t{flow.spi ^ high} << 32 | static_cast<std::uint32_t>(record.sequence);
}
std::uint64_t tail_key(const GatewayRecord& record) { return std::uint64_t{record.tail} << 16 | record.length; }

class Search {
 public:
  explicit Search(GatewayCase& it) : it_(it) {
    for (RecordIndex i = 0; i < it.pairs.out_of.size(); ++i)
      if (it.pairs.out_of[i] == no_record && it.is_forward(i)) ins_.push_back({0, i});
    for (RecordIndex o = 0; o < it.pairs.in_of.size(); ++o)
      if (it.pairs.in_of[o] == no_record && out_way(o) == GatewayWay::forward) outs_.push_back(o);
    taken_.assign(it.pairs.out_of.size(), false);
    longest_stay_ = patience + std::max<std::int64_t>(it.pairs.slowest, 0) * 4;
  }

  void run() {
    if (ins_.empty() || outs_.empty()) return;
    by([&](const GatewayRecord& record, const GatewayFlow& flow) { return number_key(record, flow); });
    by([&](const GatewayRecord& record, const GatewayFlow&) { return record.ike ? 0 : tail_key(record); });
    std::sort(it_.changed.begin(), it_.changed.end());
  }

 private:
  [[nodiscard]] GatewayWay out_way(RecordIndex o) const { return it_.pairs.out_ways[it_.egress.records()[o].flow]; }

  template <typename Key>
  void by(Key key) {
    for (Keyed& in : ins_) in.key = key(it_.ingress.records()[in.record], it_.ingress.flow_of(in.record));
    std::sort(ins_.begin(), ins_.end(),
              [](const Keyed& a, const Keyed& b) { return a.key != b.key ? a.key < b.key : a.record < b.record; });
    std::vector<RecordIndex> rest;
    for (const RecordIndex o : outs_) {
      const std::uint64_t wanted = key(it_.egress.records()[o], it_.egress.flow_of(o));
      const RecordIndex in = wanted == 0 ? no_record : best(wanted, o);
      if (in == no_record)
        rest.push_back(o);
      else
        settle(in, o);
    }
    outs_ = std::move(rest);
  }

  [[nodiscard]] RecordIndex best(std::uint64_t key, RecordIndex o) const {
    auto at = std::lower_bound(ins_.begin(), ins_.end(), key,
                               [](const Keyed& in, std::uint64_t value) { return in.key < value; });
    RecordIndex found = no_record;
    std::int64_t stay = 0;
    for (std::size_t looked = 0; at != ins_.end() && at->key == key && looked < most_looked_at; ++at, ++looked) {
      const RecordIndex i = at->record;
      const std::int64_t needed = it_.needed(i, o);
      const bool same_kind = it_.ingress.records()[i].ike == it_.egress.records()[o].ike;
      if (taken_[i] || !same_kind || is_repaired(i, o) || needed < -tolerance - it_.pairs.clock.uncertainty ||
          needed > longest_stay_)
        continue;
      const bool better = found == no_record || (is_good(i) != is_good(found) ? is_good(i) : needed < stay);
      if (!better) continue;
      found = i;
      stay = needed;
    }
    return found;
  }

  // What came with a bad ICV does not leave with a good one: the ingress capture lost the packet it was made of.
  [[nodiscard]] bool is_repaired(RecordIndex i, RecordIndex o) const {
    const GatewayRecord &in = it_.ingress.records()[i], &out = it_.egress.records()[o];
    return !in.ike && out.icv == GatewayIcv::ok && in.icv != GatewayIcv::ok && in.icv != GatewayIcv::cut;
  }

  [[nodiscard]] bool is_good(RecordIndex i) const { return it_.classes.of[i] == GatewayClass::good; }

  void settle(RecordIndex in, RecordIndex out) {
    taken_[in] = true;
    const bool cut =
        it_.ingress.records()[in].icv == GatewayIcv::cut || it_.egress.records()[out].icv == GatewayIcv::cut;
    if (cut) {  // the hashes are of different bytes, and nothing can be said of the rest
      it_.pairs.out_of[in] = out;
      it_.pairs.in_of[out] = in;
    } else {
      it_.changed.emplace_back(in, out);
    }
  }

  GatewayCase& it_;
  std::vector<Keyed> ins_;
  std::vector<RecordIndex> outs_;
  std::vector<bool> taken_;
  std::int64_t longest_stay_ = patience;  // in the gateway, nanoseconds
};

}  // namespace

void find_changed(GatewayCase& it) { Search{it}.run(); }

}  // namespace espdump
