// ike.* and mode.differs: holds every exchange and every IKE SA against what RFC 7296 and strongSwan make of it.
#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "analysis/analyzers.hpp"
#include "analysis/ike_verdict.hpp"

namespace espdump {
namespace {

class IkeAnalyzer final : public Analyzer {
 public:
  IkeAnalyzer() : Analyzer(signs::any) {}

  void on_packet(const Packet& packet, const Decoder& decoder, Findings& out) override {
    last_ = std::max(last_, packet.time);
    for (const IkeRecord& record : packet.ike()) {
      if (record.sa == 0 || record.copy || record.repeats != 0) continue;
      const IkeSa* sa = decoder.ike_sa(record.sa);
      const IkeExchange* exchange = sa == nullptr ? nullptr : exchange_of(*sa, packet, record);
      if (exchange == nullptr) continue;
      const bool refused = record.completes && exchange->response->contents.error() != nullptr;
      const auto verdict = !record.response ? judge_request(*sa, *exchange)
                           : refused        ? judge_response(*sa, *exchange, decoder)
                                            : std::nullopt;
      if (verdict) out.push_back(finding_of(*verdict, packet.frame, packet.file));
    }
  }

  void finish(const Decoder& decoder, Findings& out, std::vector<Conclusion>& conclusions) override {
    const IkeEvidence evidence{decoder, decoder.ike_sas(), decoder.statistics(), last_};
    const auto take = [&](const IkeVerdict& verdict) {
      out.push_back(finding_of(verdict, verdict.frame, verdict.file));
      tell(verdict);
    };
    for (const IkeSa* sa : evidence.sas) {
      tell_refusals(*sa, evidence);
      if (const auto verdict = judge_size(*sa, evidence)) take(*verdict);
      for (const auto& verdicts : {judge_groups(*sa), judge_silence(*sa, evidence), judge_state(*sa, evidence)})
        for (const IkeVerdict& verdict : verdicts) take(verdict);
    }
    for (Story& story : stories_) conclusions.push_back(conclusion_of(std::move(story)));
    if (untold_ != 0)
      conclusions.push_back({&codes::ike_half_open,
                             {},
                             fmt::format("{} of these codes about further IKE SAs", count_of(untold_, "finding")),
                             "--json has them all.",
                             {}});
  }

 private:
  // One paragraph of the report: what befell several IKE SAs in the same way is told once.
  struct Story {
    IkeVerdict first;
    std::vector<IkeSaNumber> sas;
    FrameList frames;
  };
  static constexpr std::size_t most_stories = 64;

  // The exchange of a message just followed: the latest with its number.
  static const IkeExchange* exchange_of(const IkeSa& sa, const Packet& packet, const IkeRecord& record) {
    for (auto exchange = sa.exchanges.rbegin(); exchange != sa.exchanges.rend(); ++exchange) {
      const auto& message = record.response ? exchange->response : exchange->request;
      if (exchange->message_id == record.message_id && exchange->type == record.exchange && message &&
          (message->frame == packet.frame || record.fragments != 0))
        return &*exchange;
    }
    return nullptr;
  }

  static Finding finding_of(const IkeVerdict& verdict, FrameNumber frame, std::uint16_t file) {
    Finding out{verdict.info, frame, file, 0, verdict.what, verdict.remedy};
    if (!verdict.why.empty()) out.message += ". " + verdict.why;
    std::replace(out.message.begin(), out.message.end(), '\n', ' ');
    out.ike_sa = verdict.sa;
    return out;
  }

  // Their findings stand at the frames of the answers; the report can go by what came later, too.
  void tell_refusals(const IkeSa& sa, const IkeEvidence& evidence) {
    for (const IkeExchange& exchange : sa.exchanges) {
      if (const auto verdict = judge_request(sa, exchange)) tell(*verdict);
      if (!exchange.response) continue;
      if (const auto verdict = judge_response(sa, exchange, evidence.decoder)) tell(*verdict);
    }
  }

  void tell(const IkeVerdict& verdict) {
    const auto same = std::find_if(stories_.begin(), stories_.end(), [&](const Story& story) {
      return story.first.info == verdict.info && story.first.why == verdict.why && story.first.remedy == verdict.remedy;
    });
    const bool is_new = same == stories_.end();
    if (is_new && stories_.size() == most_stories) {
      ++untold_;
      return;
    }
    Story& story = is_new ? stories_.emplace_back() : *same;
    if (is_new) story.first = verdict;
    if (story.sas.empty() || story.sas.back() != verdict.sa) story.sas.push_back(verdict.sa);
    story.frames.add(verdict.frame, verdict.file);
  }

  static Conclusion conclusion_of(Story story) {
    Conclusion out{story.first.info, {}, story.first.what, story.first.why, story.first.remedy};
    if (story.frames.count() > 1)
      out.what += fmt::format("; the same {} times, {}", story.frames.count(), story.frames.to_string());
    out.ike_sas = std::move(story.sas);
    return out;
  }

  std::vector<Story> stories_;
  std::uint64_t untold_ = 0;
  Timestamp last_;
};

}  // namespace

std::unique_ptr<Analyzer> make_ike_analyzer() { return std::make_unique<IkeAnalyzer>(); }

}  // namespace espdump
