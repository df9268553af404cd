// seq.exhausting: a 32-bit counter close to its end, where Linux stops sending (RFC 4303 section 3.3.3).
#include <fmt/core.h>

#include <espdump/codes.hpp>

#include <algorithm>
#include <map>
#include <utility>

#include "analysis/analyzers.hpp"

namespace espdump {
namespace {

constexpr std::uint64_t last_number = 0xffffffff;
// A sixteenth of the numbers is left: at a million packets a second four minutes.
constexpr std::uint64_t close_to_end = last_number - last_number / 16;
constexpr std::uint64_t begun_again = last_number / 16;

// One old packet may be a replay; a sender that began again sends on.
constexpr int enough_low_ones = 3;

struct Counter {
  std::uint64_t highest = 0;
  int low_ones = 0;  // numbers of the beginning in a row, behind one of the end
  [[nodiscard]] bool came_round() const { return low_ones >= enough_low_ones; }
};

bool counts_32_bits(const Decoder& decoder, const OpenRecord& record) {
  const SecurityAssociation* association = decoder.association(record.sa);
  const bool judged = record.icv == IcvVerdict::ok || record.icv == IcvVerdict::none;
  return association != nullptr && !association->esn && judged && record.replay != ReplayVerdict::capture_duplicate;
}

class ExhaustionAnalyzer final : public Analyzer {
 public:
  ExhaustionAnalyzer() : Analyzer(signs::ipsec) {}

  void on_packet(const Packet& packet, const Decoder& decoder, Findings& out) override {
    for (const OpenRecord& record : packet.ipsec())
      if ((record.sequence >= close_to_end || !counters_.empty()) && counts_32_bits(decoder, record))
        look_at(packet, record, out);
  }

  void finish(const Decoder&, Findings&, std::vector<Conclusion>& conclusions) override {
    for (const auto& [sa, counter] : counters_) {
      Conclusion out{&codes::seq_exhausting, {sa}, {}, {}, {}};
      out.what = counter.came_round()
                     ? fmt::format("came round after number {}", counter.highest)
                     : fmt::format("number {}, {} left", counter.highest, last_number - counter.highest);
      out.why = "The SA has no extended sequence numbers.";
      conclusions.push_back(std::move(out));
    }
  }

 private:
  void look_at(const Packet& packet, const OpenRecord& record, Findings& out) {
    const auto add = [&](std::string message) {
      out.push_back({&codes::seq_exhausting, packet.frame, packet.file, record.sa, std::move(message), {}});
    };
    const auto known = counters_.find(record.sa);
    if (known == counters_.end()) {
      if (record.sequence < close_to_end) return;
      counters_[record.sa].highest = record.sequence;
      return add(fmt::format("number {}: {} are left before the 32-bit counter ends", record.sequence,
                             last_number - record.sequence));
    }
    Counter& counter = known->second;
    if (counter.came_round()) return;
    counter.highest = std::max(counter.highest, record.sequence);
    counter.low_ones = record.sequence <= begun_again ? counter.low_ones + 1 : 0;
    if (counter.came_round())
      add(fmt::format("number {} after {}: the 32-bit counter came round under the same key", record.sequence,
                      counter.highest));
  }

  std::map<SaNumber, Counter> counters_;
};

}  // namespace

std::unique_ptr<Analyzer> make_exhaustion_analyzer() { return std::make_unique<ExhaustionAnalyzer>(); }

}  // namespace espdump
