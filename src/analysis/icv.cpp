// icv.bad, and which explanation the evidence allows.
#include <fmt/format.h>

#include <espdump/codes.hpp>

#include <map>

#include "analysis/analyzers.hpp"

namespace espdump {
namespace {

struct Failures {
  FrameList frames;
  std::uint64_t verified = 0;
};

std::string_view cause_text(IcvCause cause) {
  switch (cause) {
    case IcvCause::truncation: return "it verifies with another ICV length";
    case IcvCause::esn_missing: return "it verifies with extended sequence numbers, which this SA does not have";
    case IcvCause::esn_extra: return "it verifies without extended sequence numbers, which this SA has";
    case IcvCause::other_sa: return "it verifies with the keys of another SA of the key files";
    case IcvCause::none_found: break;
  }
  return "no packet of this SA has verified so far";
}

class IcvAnalyzer final : public Analyzer {
 public:
  void on_packet(const Packet& packet, Findings& out) override {
    for (const OpenRecord& record : packet.ipsec()) {
      if (record.icv == IcvVerdict::ok && record.replay != ReplayVerdict::capture_duplicate) ++sas_[record.sa].verified;
      if (record.icv != IcvVerdict::bad) continue;
      Failures& failures = sas_[record.sa];
      failures.frames.add(packet.frame);
      std::string message =
          failures.verified != 0
              ? fmt::format("the ICV does not verify, while {} of this SA did: altered on the way, or forged",
                            count_of(failures.verified, "earlier packet"))
              : fmt::format("the ICV does not verify: {}", cause_text(record.icv_cause));
      out.push_back({&codes::icv_bad, packet.frame, packet.file, record.sa, std::move(message), {}});
    }
  }

  void finish(const Decoder& decoder, Findings&, std::vector<Conclusion>& conclusions) override {
    Conclusion altered{&codes::icv_bad, {}, {}, {}, {}};
    FrameList frames;
    std::uint64_t verified = 0;
    for (const SaStatistics& sa : decoder.statistics()) {
      if (sa.icv_bad == 0) continue;
      if (sa.icv_ok == 0) {
        conclusions.push_back(never_verified(decoder, sa));
        continue;
      }
      altered.sas.push_back(sa.number);
      verified += sa.icv_ok;
      altered_.push_back(sa.number);
    }
    if (altered.sas.empty()) return;
    std::uint64_t bad = 0;
    std::string list;
    for (const SaNumber number : altered_) {
      const Failures& failures = sas_[number];
      bad += failures.frames.count();
      if (altered_.size() == 1) list = failures.frames.to_string();
      else if (list.size() < 200) list += fmt::format("{}#{} {}", list.empty() ? "" : "; ", number, failures.frames.to_string(6));
    }
    altered.what = fmt::format("{}, {}", count_of(bad, "packet"), list);
    altered.why = fmt::format("Altered on the way or forged: {} of {} verify, so keys and algorithm are right.",
                              count_of(verified, "other packet"), altered.sas.size() == 1 ? "this SA" : "these SAs");
    altered.remedy =
        "Look for the device between sender and capture point that alters packets. Linux drops them and counts XfrmInStateProtoError "
        "(/proc/net/xfrm_stat) and `failed` (`ip -s xfrm state`).";
    conclusions.push_back(std::move(altered));
  }

 private:
  Conclusion never_verified(const Decoder& decoder, const SaStatistics& sa) {
    const Failures& failures = sas_[sa.number];
    Conclusion out{&codes::icv_bad, {sa.number}, {}, {}, {}};
    out.what = fmt::format("all {}, {}", count_of(sa.icv_bad, "packet"), failures.frames.to_string());
    explain(decoder, sa, out);
    return out;
  }

  static void explain(const Decoder& decoder, const SaStatistics& sa, Conclusion& out) {
    const SecurityAssociation& keys = *sa.association;
    const std::string place = fmt::format("{}:{}", keys.file, keys.line);
    const FrameNumber frame = sa.diagnosis.frame;
    const AlgorithmUse& checked = keys.is_aead() ? keys.encryption : keys.integrity;
    switch (sa.diagnosis.cause) {
      case IcvCause::truncation:
        out.why = fmt::format("Frame {} verifies with an ICV of {} bits; {} says {}. The two ends truncate differently.", frame,
                              sa.diagnosis.icv_bits, place, checked.icv_bits);
        out.remedy = "Give both ends the same length. Typical: `auth sha256` of `ip xfrm` means 96 bits, RFC 4868 and IKE daemons 128 "
                     "(`auth-trunc 'hmac(sha256)' KEY 128`).";
        return;
      case IcvCause::esn_missing:
        out.why = fmt::format("Frame {} verifies with extended sequence numbers, but {} has no `flag esn`.", frame, place);
        out.remedy = "Switch ESN on or off at both ends (swanctl.conf: esn or noesn in esp_proposals).";
        return;
      case IcvCause::esn_extra:
        out.why = fmt::format("Frame {} verifies without extended sequence numbers, but {} says `flag esn`.", frame, place);
        out.remedy = "Switch ESN on or off at both ends (swanctl.conf: esn or noesn in esp_proposals).";
        return;
      case IcvCause::other_sa: {
        const SecurityAssociation& other = decoder.keystore().associations()[sa.diagnosis.other];
        out.why = fmt::format("Frame {} verifies with the keys of {} > {} SPI 0x{:08x} ({}:{}): keys of two SAs, or of the two "
                              "directions, are exchanged.",
                              frame, other.source.to_string(), other.destination.to_string(), other.spi, other.file, other.line);
        out.remedy = "Correct the key file, or the end that uses the wrong key.";
        return;
      }
      case IcvCause::none_found: break;
    }
    if (checked.state == KeyState::all_zero) {
      out.why = fmt::format("The key at {} is all zeros: a kernel in lockdown mode hides keys so.", place);
      out.remedy = "Take the keys from the IKE daemon (strongSwan: save-keys plugin or a log with ike and chd at level 4).";
      return;
    }
    out.why = fmt::format("No packet of this SA verifies: the keys at {} are not those of this capture.", place);
    out.remedy = "Take `ip xfrm state` again while the SA of the capture lives: each rekey brings new keys. If both ends show these keys, the "
                 "sender uses another algorithm or key than it says.";
  }

  std::map<SaNumber, Failures> sas_;
  std::vector<SaNumber> altered_;
};

}  // namespace

std::unique_ptr<Analyzer> make_icv_analyzer() { return std::make_unique<IcvAnalyzer>(); }

}  // namespace espdump
