// key.weak, key.shared and algorithm.deprecated: what is wrong with the keys and algorithms of SAs that carry traffic.
#include <fmt/core.h>

#include <espdump/codes.hpp>

#include <map>
#include <set>

#include "analysis/analyzers.hpp"
#include "keys/key_rating.hpp"

namespace espdump {
namespace {

// Why an algorithm should not be in use; empty: it may.
std::string_view verdict_on(Primitive primitive) {
  switch (primitive) {
    case Primitive::des_cbc: return "DES-CBC: 56-bit keys are searched in hours (RFC 8221: must not)";
    case Primitive::blowfish_cbc: return "Blowfish-CBC: 64-bit blocks (RFC 8221: must not)";
    case Primitive::cast5_cbc: return "CAST5-CBC: 64-bit blocks (RFC 9395: deprecated)";
    case Primitive::des3_cbc: return "3DES-CBC: 64-bit blocks leak after some gigabytes (RFC 8221: should not)";
    case Primitive::hmac_md5: return "HMAC-MD5 (RFC 8221: must not)";
    default: return {};
  }
}

bool has_key(const AlgorithmUse& use) { return use.key_group != 0; }

// Its packets carry no ICV. A key file may merely leave the integrity out.
bool lacks_integrity(const SaStatistics& sa) { return sa.unauthenticated != 0; }

// The SAs that the keys opened: of the others nobody knows which key they use.
std::vector<SaStatistics> opened(const Decoder& decoder) {
  std::vector<SaStatistics> out = decoder.statistics();
  std::set<const SecurityAssociation*> known;
  std::erase_if(out, [&](const SaStatistics& sa) {
    return sa.association == nullptr || sa.icv_ok + sa.unauthenticated + sa.decrypted == 0 ||
           !known.insert(sa.association).second;
  });
  return out;
}

struct KeyUse {
  const SaStatistics* sa;
  const AlgorithmUse* use;
  std::string_view role;
};

std::vector<KeyUse> keys_of(const SaStatistics& sa) {
  const SecurityAssociation& association = *sa.association;
  std::vector<KeyUse> out;
  if (has_key(association.encryption))
    out.push_back({&sa, &association.encryption, association.is_aead() ? "the key" : "the encryption key"});
  if (has_key(association.integrity)) out.push_back({&sa, &association.integrity, "the integrity key"});
  return out;
}

// Dumps of both ends of a NAT name one SA with two destinations.
bool is_same_sa(const SaStatistics& one, const SaStatistics& two) {
  const bool answers = one.source == two.destination && one.destination == two.source;
  return one.protocol == two.protocol && one.spi == two.spi && !answers;
}

class KeyQualityAnalyzer final : public Analyzer {
 public:
  KeyQualityAnalyzer() : Analyzer(signs::none) {}

  void on_packet(const Packet&, const Decoder&, Findings&) override {}

  void finish(const Decoder& decoder, Findings& out, std::vector<Conclusion>& conclusions) override {
    const std::vector<SaStatistics> sas = opened(decoder);
    weak_keys(sas, out, conclusions);
    shared_keys(sas, out, conclusions);
    deprecated_algorithms(sas, out, conclusions);
  }

 private:
  static void add(const FindingInfo& info, const SaStatistics& sa, std::string message, Findings& out) {
    out.push_back({&info, sa.first_frame, sa.first_file, sa.number, std::move(message), {}});
  }

  static void weak_keys(const std::vector<SaStatistics>& sas, Findings& out, std::vector<Conclusion>& conclusions) {
    std::map<std::string, std::vector<SaNumber>> by_text;
    for (const SaStatistics& sa : sas) {
      for (const KeyUse& key : keys_of(sa)) {
        if (key.use->weakness == KeyWeakness::none) continue;
        const std::string text = fmt::format("{} {}", key.role, keys::weakness_text(key.use->weakness));
        add(codes::key_weak, sa, fmt::format("{} ({})", text, sa.association->place()), out);
        add_sa(by_text[text], sa.number);
      }
    }
    for (auto& [text, numbers] : by_text) conclusions.push_back({&codes::key_weak, std::move(numbers), text, {}, {}});
  }

  static void shared_keys(const std::vector<SaStatistics>& sas, Findings& out, std::vector<Conclusion>& conclusions) {
    std::map<std::uint32_t, KeyUse> first_use;
    Conclusion shared{&codes::key_shared, {}, {}, {}, {}};
    for (const SaStatistics& sa : sas) {
      std::map<SaNumber, std::string> roles;  // by the SA that had the key first
      for (const KeyUse& key : keys_of(sa)) {
        const auto [first, is_first] = first_use.emplace(key.use->key_group, key);
        const SaStatistics& other = *first->second.sa;
        if (is_first || (&other != &sa && is_same_sa(other, sa))) continue;
        std::string& text = roles[other.number];
        text += fmt::format("{}{}", text.empty() ? "" : " and ", key.role);
      }
      for (const auto& [other, text] : roles) share(sa, other, text, shared, out);
    }
    if (!shared.sas.empty()) conclusions.push_back(std::move(shared));
  }

  static void share(const SaStatistics& sa, SaNumber other, const std::string& roles, Conclusion& shared,
                    Findings& out) {
    constexpr std::size_t longest_list = 200;
    const std::string text = other == sa.number
                                 ? fmt::format("the encryption key of #{} is its integrity key", sa.number)
                                 : fmt::format("#{} has {} of #{}", sa.number, roles, other);
    add(codes::key_shared, sa, text, out);
    add_sa(shared.sas, other);
    add_sa(shared.sas, sa.number);
    if (shared.what.size() < longest_list) shared.what += (shared.what.empty() ? "" : "; ") + text;
  }

  static void deprecated_algorithms(const std::vector<SaStatistics>& sas, Findings& out,
                                    std::vector<Conclusion>& conclusions) {
    std::map<std::string_view, std::vector<SaNumber>> by_text;
    for (const SaStatistics& sa : sas) {
      const SecurityAssociation& association = *sa.association;
      const auto hold_against = [&](std::string_view text) {
        if (text.empty()) return;
        add(codes::algorithm_deprecated, sa, std::string{text}, out);
        by_text[text].push_back(sa.number);
      };
      for (const AlgorithmUse* use : {&association.encryption, &association.integrity})
        if (use->info != nullptr) hold_against(verdict_on(use->info->primitive));
      if (lacks_integrity(sa))
        hold_against("no integrity: packets can be altered and forged (RFC 8221 section 4: must not)");
    }
    for (auto& [text, numbers] : by_text)
      conclusions.push_back({&codes::algorithm_deprecated, std::move(numbers), std::string{text}, {}, {}});
  }
};

}  // namespace

std::unique_ptr<Analyzer> make_key_quality_analyzer() { return std::make_unique<KeyQualityAnalyzer>(); }

}  // namespace espdump
