// sa.expired: packets on an SA after the end that `ip xfrm monitor` dated.
#include <fmt/core.h>

#include <espdump/codes.hpp>

#include <map>

#include "analysis/analyzers.hpp"
#include "analysis/by_sa.hpp"

namespace espdump {
namespace {

// Clocks of two hosts, and packets under way when the SA ends.
constexpr std::int64_t tolerance = 1'000'000'000;

std::string_view ending_text(Ending ending) { return ending == Ending::expired ? "expired" : "was deleted"; }

struct Use {
  FrameList late;
  std::uint64_t in_time = 0;
  std::int64_t latest = 0;  // nanoseconds behind the end
};

class ExpiryAnalyzer final : public Analyzer {
 public:
  ExpiryAnalyzer() : Analyzer(signs::ipsec) {}

  void on_packet(const Packet& packet, const Decoder& decoder, Findings& out) override {
    for (const OpenRecord& record : packet.ipsec()) {
      const SecurityAssociation* sa = decoder.association(record.sa);
      const bool judged = record.icv != IcvVerdict::bad && record.replay != ReplayVerdict::capture_duplicate;
      if (sa == nullptr || !sa->ended || !judged) continue;
      Use& use = sas_[record.sa];
      const std::int64_t behind = packet.time.nanoseconds - sa->ended->nanoseconds;
      if (behind <= tolerance) {
        ++use.in_time;
        continue;
      }
      if (use.late.count() == 0)
        out.push_back({&codes::sa_expired,
                       packet.frame,
                       packet.file,
                       record.sa,
                       fmt::format("{} after the SA {} ({})", duration(behind), ending_text(sa->ending), sa->place()),
                       {}});
      use.late.add(packet.frame, packet.file);
      use.latest = behind;
    }
  }

  void finish(const Decoder& decoder, Findings&, std::vector<Conclusion>& conclusions) override {
    for (const auto& [number, use] : map_) {
      if (use.late.count() == 0) continue;
      const SecurityAssociation& sa = *decoder.association(number);
      Conclusion out{&codes::sa_expired, {number}, {}, {}, {}};
      out.what = fmt::format("{}, {}", count_of(use.late.count(), "packet"), use.late.to_string());
      out.why = fmt::format("The SA {} ({}); the last packet came {} later.", ending_text(sa.ending), sa.place(),
                            duration(use.latest));
      if (use.in_time == 0)
        out.why +=
            " No packet came before that: unless the capture begins so late, the monitor's clock or time zone was "
            "another one (its times are local; set TZ).";
      conclusions.push_back(std::move(out));
    }
  }

 private:
  std::map<SaNumber, Use> map_;
  BySa<Use> sas_{map_};
};

}  // namespace

std::unique_ptr<Analyzer> make_expiry_analyzer() { return std::make_unique<ExpiryAnalyzer>(); }

}  // namespace espdump
