// selector.mismatch: inner packets that the selector of their SA does not cover. Linux drops them after decryption
// (__xfrm_policy_check, XfrmInStateMismatch).
#include <fmt/core.h>

#include <espdump/codes.hpp>

#include <algorithm>
#include <map>

#include "analysis/analyzers.hpp"
#include "analysis/traffic.hpp"

namespace espdump {
namespace {

bool was_opened(const OpenRecord& record) {
  return record.decrypted && record.icv != IcvVerdict::bad && record.replay != ReplayVerdict::capture_duplicate;
}

// Behind a NAT the addresses around transport mode are not those that the ends agreed on.
bool addresses_say_something(const Traffic& traffic, const SecurityAssociation& sa) {
  return !traffic.addresses_outside || (traffic.source == sa.source && traffic.destination == sa.destination);
}

// The SA's own selector counts; an SA without takes what its policies let through.
bool is_covered(const SecurityAssociation& sa, const Traffic& traffic) {
  if (sa.selector) return covers(*sa.selector, traffic);
  return std::any_of(sa.policies.begin(), sa.policies.end(),
                     [&](const Selector& policy) { return covers(policy, traffic); });
}

bool is_inside(const Packet& packet, std::size_t layer, std::size_t outer) {
  while (layer != no_layer && layer != outer) layer = packet.layers()[layer].outer;
  return layer == outer;
}

// The SAs of a bundle, as of AH around ESP, are made for one policy: it is about what is left when all are undone.
bool is_covered_further_in(const Packet& packet, const OpenRecord& record, const SecurityAssociation& sa) {
  return std::any_of(packet.ipsec().begin(), packet.ipsec().end(), [&](const OpenRecord& other) {
    if (other.layer == record.layer || !was_opened(other) || !is_inside(packet, other.layer, record.layer))
      return false;
    const std::optional<Traffic> traffic = traffic_inside(packet, other);
    return traffic && is_covered(sa, *traffic);
  });
}

std::string limits_of(const SecurityAssociation& sa) {
  if (sa.selector) return "the selector " + to_string(*sa.selector);
  const std::string first = to_string(sa.policies.front());
  return sa.policies.size() == 1 ? "the policy " + first
                                 : fmt::format("the {} policies ({} …)", sa.policies.size(), first);
}

class SelectorAnalyzer final : public Analyzer {
 public:
  void on_packet(const Packet& packet, const Decoder& decoder, Findings& out) override {
    for (const OpenRecord& record : packet.ipsec()) {
      const SecurityAssociation* sa = was_opened(record) ? decoder.association(record.sa) : nullptr;
      if (sa == nullptr || (!sa->selector && sa->policies.empty())) continue;
      const std::optional<Traffic> traffic = traffic_inside(packet, record);
      if (!traffic || !addresses_say_something(*traffic, *sa) || is_covered(*sa, *traffic)) continue;
      if (is_covered_further_in(packet, record, *sa)) continue;
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
