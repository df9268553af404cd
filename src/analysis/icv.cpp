// icv.bad, and which explanation the evidence allows.
#include <fmt/core.h>

#include <espdump/codes.hpp>

#include <unordered_map>
#include <utility>

#include "analysis/analyzers.hpp"
#include "analysis/icv_causes.hpp"

namespace espdump {
namespace {

struct Failures {
  FrameList frames;
  std::uint64_t verified = 0;
  std::string flips;  // of single bits, the first few
  std::uint64_t flipped = 0;
  // Where the failures lie: before the first packet that verified, between such packets, after the last one.
  std::uint64_t before = 0, between = 0, after = 0;

  void add_bad() { ++(verified == 0 ? before : after); }
  void add_verified() {
    ++verified;
    between += after;
    after = 0;
  }
  // Damage strikes here and there; keys of another generation fail in one run at an end.
  [[nodiscard]] bool is_other_generation() const {
    constexpr std::uint64_t more_than_chance = 3;
    return verified != 0 && between == 0 && before + after >= more_than_chance;
  }
};

class IcvAnalyzer final : public Analyzer {
 public:
  IcvAnalyzer() : Analyzer(signs::irregular) {}

  void on_packet(const Packet& packet, const Decoder& decoder, Findings& out) override {
    for (const OpenRecord& record : packet.ipsec()) {
      const auto known = sas_.find(record.sa);
      if (record.icv == IcvVerdict::ok && known != sas_.end()) known->second.add_verified();
      if (record.icv != IcvVerdict::bad) continue;
      Failures& failures = known != sas_.end() ? known->second : begin(packet, record, decoder);
      failures.frames.add(packet.frame, packet.file);
      failures.add_bad();
      std::string message = fmt::format("the ICV does not verify: {}", cause_text(record));
      if (failures.verified != 0) {
        message = fmt::format("the ICV does not verify, while {} of this SA did: ",
                              count_of(failures.verified, "earlier packet"));
        message += record.icv_cause == IcvCause::bit_flip ? cause_text(record) : "altered on the way, or forged";
      }
      if (record.icv_cause == IcvCause::bit_flip) add_flip(packet, record, failures);
      out.push_back({&codes::icv_bad, packet.frame, packet.file, record.sa, std::move(message), {}});
    }
  }

  void finish(const Decoder& decoder, Findings&, std::vector<Conclusion>& conclusions) override {
    std::vector<SaStatistics> altered, unexplained, reused;
    for (SaStatistics& sa : decoder.statistics()) {
      if (sa.icv_bad == 0) continue;
      if (sas_.at(sa.number).is_other_generation())
        reused.push_back(std::move(sa));
      else if (sa.icv_ok != 0)
        altered.push_back(std::move(sa));
      else if (is_unexplained(sa))
        unexplained.push_back(std::move(sa));
      else
        conclusions.push_back(never_verified(decoder, sa));
    }
    if (!altered.empty()) conclusions.push_back(altered_on_the_way(altered));
    if (!reused.empty()) conclusions.push_back(other_generation(reused));
    if (!unexplained.empty()) conclusions.push_back(wrong_keys(unexplained));
  }

 private:
  // What has verified before the first failure of an SA the decoder knows; what this packet itself holds behind it
  // comes later.
  Failures& begin(const Packet& packet, const OpenRecord& failed, const Decoder& decoder) {
    look_for(signs::ipsec);  // what verifies from here on is counted, too
    Failures& failures = sas_[failed.sa];
    failures.verified = decoder.verified(failed.sa);
    for (const OpenRecord& record : packet.ipsec())
      if (&record > &failed && record.sa == failed.sa && record.icv == IcvVerdict::ok) --failures.verified;
    return failures;
  }

  static void add_flip(const Packet& packet, const OpenRecord& record, Failures& failures) {
    constexpr std::uint64_t most_told = 4;
    if (++failures.flipped > most_told) return;
    failures.flips +=
        fmt::format("{}frame {}: {}", failures.flipped == 1 ? "" : "; ", packet.frame, place_of(record.flipped));
  }

  static bool is_unexplained(const SaStatistics& sa) {
    const SecurityAssociation& keys = *sa.association;
    const AlgorithmUse& checked = keys.is_aead() ? keys.encryption : keys.integrity;
    return sa.diagnosis.cause == IcvCause::none_found && checked.state != KeyState::all_zero;
  }

  // "21 packets, frames 42-44", with the SAs told apart where there are several.
  std::string count_and_frames(const std::vector<SaStatistics>& sas) const {
    std::uint64_t bad = 0;
    std::string list;
    for (const SaStatistics& sa : sas) {
      const FrameList& frames = sas_.at(sa.number).frames;
      bad += frames.count();
      if (sas.size() == 1)
        list = frames.to_string();
      else if (list.size() < 200)
        list += fmt::format("{}#{} {}", list.empty() ? "" : "; ", sa.number, frames.to_string(6));
    }
    return fmt::format("{}, {}", count_of(bad, "packet"), list);
  }

  Conclusion altered_on_the_way(const std::vector<SaStatistics>& sas) const {
    Conclusion out{&codes::icv_bad, {}, count_and_frames(sas), {}, {}};
    std::uint64_t verified = 0;
    std::string flips;
    for (const SaStatistics& sa : sas) {
      out.sas.push_back(sa.number);
      verified += sa.icv_ok;
      const std::string& here = sas_.at(sa.number).flips;
      if (flips.empty()) flips = here;
    }
    out.why = fmt::format("Altered on the way or forged: {} of {} verify, so keys and algorithm are right.",
                          count_of(verified, "other packet"), sas.size() == 1 ? "this SA" : "these SAs");
    if (!flips.empty()) out.why += fmt::format(" One flipped bit explains {}.", flips);
    out.remedy =
        "Look for the device between sender and capture point that alters packets. Linux drops them and counts "
        "XfrmInStateProtoError "
        "(/proc/net/xfrm_stat) and `failed` (`ip -s xfrm state`).";
    return out;
  }

  Conclusion other_generation(const std::vector<SaStatistics>& sas) const {
    Conclusion out{&codes::icv_bad, {}, count_and_frames(sas), {}, {}};
    for (const SaStatistics& sa : sas) out.sas.push_back(sa.number);
    const Failures& first = sas_.at(sas.front().number);
    const bool at_start = first.before != 0;
    const std::string_view when = !at_start ? "after that" : first.after == 0 ? "before that" : "before and after that";
    out.why = fmt::format(
        "None of the {} {} of #{} verifies, all the other {} do. So it looks when the same SPI was in use with other "
        "keys "
        "{}; damage on the way mostly strikes here and there.",
        at_start ? "first" : "last", count_of(at_start ? first.before : first.after, "packet"), sas.front().number,
        first.verified, when);
    out.remedy =
        "Load the keys of every generation too: a dump from before and after each change, or all of them in one file.";
    return out;
  }

  Conclusion wrong_keys(const std::vector<SaStatistics>& sas) const {
    constexpr std::size_t most_places = 4;
    Conclusion out{&codes::icv_bad, {}, "all " + count_and_frames(sas), {}, {}};
    std::string places;
    for (const SaStatistics& sa : sas) {
      out.sas.push_back(sa.number);
      if (out.sas.size() <= most_places)
        places += fmt::format("{}{}", places.empty() ? "" : ", ", sa.association->place());
    }
    if (sas.size() > most_places) places += " …";
    out.why = fmt::format("No packet of {} verifies: the keys at {} are not those of this capture.",
                          sas.size() == 1 ? "this SA" : "these SAs", places);
    out.remedy =
        "Take `ip xfrm state` again while the SAs of the capture live: each rekey brings new keys. If both ends show "
        "these keys, the "
        "sender uses another algorithm or key than it says.";
    return out;
  }

  Conclusion never_verified(const Decoder& decoder, const SaStatistics& sa) const {
    const Failures& failures = sas_.at(sa.number);
    Conclusion out{&codes::icv_bad, {sa.number}, {}, {}, {}};
    out.what = fmt::format("all {}, {}", count_of(sa.icv_bad, "packet"), failures.frames.to_string());
    Explanation told = explain_icv(decoder.keystore(), sa);
    out.why = std::move(told.why);
    out.remedy = std::move(told.remedy);
    return out;
  }

  std::unordered_map<SaNumber, Failures> sas_;  // those with failures
};

}  // namespace

std::unique_ptr<Analyzer> make_icv_analyzer() { return std::make_unique<IcvAnalyzer>(); }

}  // namespace espdump
