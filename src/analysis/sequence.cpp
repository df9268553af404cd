// seq.lost, seq.reordered and seq.restart.
#include <fmt/core.h>

#include <espdump/codes.hpp>

#include <algorithm>
#include <unordered_set>

#include "analysis/analyzers.hpp"

namespace espdump {
namespace {

class SequenceAnalyzer final : public Analyzer {
 public:
  SequenceAnalyzer() : Analyzer(signs::irregular) {}

  void on_packet(const Packet& packet, const Decoder&, Findings& out) override {
    for (const OpenRecord& record : packet.ipsec()) {
      if (record.replay == ReplayVerdict::reordered) {
        reordered_.add(packet.frame, packet.file);
        out.push_back({&codes::seq_reordered,
                       packet.frame,
                       packet.file,
                       record.sa,
                       fmt::format("number {} arrives after newer ones, inside the window", record.sequence),
                       {}});
      }
      if (record.replay == ReplayVerdict::fresh && !restarting_.empty()) restarting_.erase(record.sa);
      if (record.restarted && restarting_.insert(record.sa).second) {
        look_for(signs::ipsec);  // for the one that ends it
        restarts_.add(packet.frame, packet.file);
        add_sa(restarted_, record.sa);
        out.push_back({&codes::seq_restart,
                       packet.frame,
                       packet.file,
                       record.sa,
                       fmt::format("the sender's counter is at {} again, under the same key", record.sequence),
                       {}});
      }
    }
  }

  void finish(const Decoder& decoder, Findings& out, std::vector<Conclusion>& conclusions) override {
    const std::vector<SaStatistics> sas = decoder.statistics();
    const bool no_keys = decoder.keystore().empty();
    if (restarts_.count() != 0)
      conclusions.push_back({&codes::seq_restart,
                             restarted_,
                             fmt::format("{}, {}", count_of(restarts_.count(), "time"), restarts_.to_string()),
                             "The numbers begin again under the same key, with packets of other content.",
                             {}});
    conclude_losses(sas, no_keys, out, conclusions);
    conclude_reordering(sas, conclusions);
  }

 private:
  static void conclude_losses(const std::vector<SaStatistics>& sas, bool no_keys, Findings& out,
                              std::vector<Conclusion>& conclusions) {
    Conclusion lost{&codes::seq_lost, {}, {}, {}, {}};
    std::uint64_t total = 0, told = 0;
    for (const SaStatistics& sa : sas) {
      // Numbers of an SPI that no key answers for may be forged, unless there are no keys at all.
      const bool judged = sa.association != nullptr || no_keys;
      // What the snap length cut was not lost, though it was never accepted.
      if (sa.lost == 0 || !judged || (sa.cut != 0 && sa.icv_ok != 0)) continue;
      const std::uint64_t span = *sa.last_sequence - *sa.first_sequence + 1;
      const std::string ranges = ranges_to_string(sa.gaps, 8, sa.lost);
      out.push_back({&codes::seq_lost,
                     0,
                     sa.first_file,
                     sa.number,
                     fmt::format("{} of {} numbers between {} and {} never seen: {}", sa.lost, span, *sa.first_sequence,
                                 *sa.last_sequence, ranges),
                     {}});
      total += sa.lost;
      lost.sas.push_back(sa.number);
      if (++told <= 4)
        lost.why += fmt::format("{}#{} lacks {} of {}: {}.", told == 1 ? "" : " ", sa.number, sa.lost, span, ranges);
    }
    if (lost.sas.empty()) return;
    lost.what = fmt::format("{} never seen", count_of(total, "number"));
    if (no_keys) lost.why += " Nothing was verified: a forged number makes a gap too.";
    if (told > 4) lost.why += fmt::format(" … and {} more SAs.", told - 4);
    conclusions.push_back(std::move(lost));
  }

  void conclude_reordering(const std::vector<SaStatistics>& sas, std::vector<Conclusion>& conclusions) const {
    if (reordered_.count() == 0) return;
    Conclusion out{&codes::seq_reordered, {}, {}, {}, {}};
    std::uint64_t largest = 0;
    for (const SaStatistics& sa : sas) {
      if (sa.reordered == 0) continue;
      out.sas.push_back(sa.number);
      largest = std::max(largest, sa.largest_reorder);
    }
    out.what = fmt::format("{} late but inside the window, {}; up to {} behind the newest",
                           count_of(reordered_.count(), "packet"), reordered_.to_string(4), largest);
    conclusions.push_back(std::move(out));
  }

  FrameList reordered_, restarts_;
  std::vector<SaNumber> restarted_;
  std::unordered_set<SaNumber> restarting_;
};

}  // namespace

std::unique_ptr<Analyzer> make_sequence_analyzer() { return std::make_unique<SequenceAnalyzer>(); }

}  // namespace espdump
