// selector.mismatch: inner packets that the selector of their SA does not cover. Linux drops them after decryption
// (__xfrm_policy_check, XfrmInStateMismatch).
#include <fmt/core.h>

#include <espdump/codes.hpp>

#include <map>

#include "analysis/analyzers.hpp"
#include "analysis/traffic.hpp"

namespace espdump {
namespace {

// Behind a NAT the addresses around transport mode are not those that the ends agreed on.
bool addresses_say_something(const Traffic& traffic, const SecurityAssociation& sa) {
  return !traffic.addresses_outside || (traffic.source == sa.source && traffic.destination == sa.destination);
}

std::string limits_of(const SecurityAssociation& sa) {
  if (sa.selector) return "the selector " + to_string(*sa.selector);
  const std::string first = to_string(sa.policies.front());
  return sa.policies.size() == 1 ? "the policy " + first
                                 : fmt::format("the {} policies ({} …)", sa.policies.size(), first);
}

class SelectorAnalyzer final : public Analyzer {
 public:
  SelectorAnalyzer() : Analyzer(signs::ipsec) {}

  void on_packet(const Packet& packet, const Decoder& decoder, Findings& out) override {
    for (const OpenRecord& record : packet.ipsec()) {
      const SecurityAssociation* sa = was_opened(record) ? decoder.association(record.sa) : nullptr;
      if (sa == nullptr || (!sa->selector && sa->policies.empty())) continue;
      const std::optional<Traffic> traffic = traffic_inside(packet, record);
      if (!traffic || !addresses_say_something(*traffic, *sa) || is_covered(*sa, *traffic)) continue;
      if (is_covered_around(*sa, record) || is_covered_further_in(packet, record, *sa)) continue;
      std::string message =
          fmt::format("{} is outside {} of its SA ({})", to_string(*traffic), limits_of(*sa), sa->place());
      Mismatches& mismatches = sas_[record.sa];
      if (mismatches.first.empty()) mismatches.first = message;
      mismatches.frames.add(packet.frame, packet.file);
      out.push_back({&codes::selector_mismatch, packet.frame, packet.file, record.sa, std::move(message), {}});
    }
  }

  void finish(const Decoder&, Findings&, std::vector<Conclusion>& conclusions) override {
    for (const auto& [sa, mismatches] : sas_)
      conclusions.push_back(
          {&codes::selector_mismatch,
           {sa},
           fmt::format("{}, {}", count_of(mismatches.frames.count(), "packet"), mismatches.frames.to_string()),
           mismatches.first + ".",
           {}});
  }

 private:
  struct Mismatches {
    FrameList frames;
    std::string first;
  };
  std::map<SaNumber, Mismatches> sas_;
};

}  // namespace

std::unique_ptr<Analyzer> make_selector_analyzer() { return std::make_unique<SelectorAnalyzer>(); }

}  // namespace espdump
