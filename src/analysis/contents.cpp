// key.wrong-encryption: the ICVs of an SA verify, but its cipher yields no packets.
#include <fmt/core.h>

#include <espdump/codes.hpp>

#include <map>

#include "analysis/analyzers.hpp"

namespace espdump {
namespace {

class ContentsAnalyzer final : public Analyzer {
 public:
  ContentsAnalyzer() : Analyzer(signs::irregular) {}

  void on_packet(const Packet& packet, const Decoder& decoder, Findings& out) override {
    for (const OpenRecord& record : packet.ipsec()) {
      if (!record.wrong_cipher) continue;
      FrameList& frames = sas_[record.sa];
      if (frames.count() == 0) out.push_back(first_finding(packet, record, decoder.association(record.sa)));
      frames.add(packet.frame, packet.file);
    }
  }

  void finish(const Decoder& decoder, Findings&, std::vector<Conclusion>& conclusions) override {
    for (const auto& [sa, frames] : sas_)
      conclusions.push_back({&codes::key_wrong_encryption,
                             {sa},
                             fmt::format("{}, {}", count_of(frames.count(), "packet"), frames.to_string()),
                             explanation(decoder.association(sa)),
                             {}});
  }

 private:
  static std::string explanation(const SecurityAssociation* sa) {
    if (sa == nullptr || sa->encryption.info == nullptr) return {};
    const std::string_view label = sa->encryption.info->label;
    return fmt::format(
        "They are authentic, so the integrity key is right; {} at {} is not the cipher or the key in use.", label,
        sa->place());
  }

  static Finding first_finding(const Packet& packet, const OpenRecord& record, const SecurityAssociation* sa) {
    return {&codes::key_wrong_encryption,
            packet.frame,
            packet.file,
            record.sa,
            "the ICV verifies, but what the cipher yields is no packet. " + explanation(sa),
            {}};
  }

  std::map<SaNumber, FrameList> sas_;
};

}  // namespace

std::unique_ptr<Analyzer> make_contents_analyzer() { return std::make_unique<ContentsAnalyzer>(); }

}  // namespace espdump
