// esp.unknown-spi, sa.one-way and sa.shared-spi: how SAs on the wire and SAs in the key files fit together.
#include <fmt/core.h>

#include <espdump/codes.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "analysis/analyzers.hpp"

namespace espdump {
namespace {

// How near the keystore comes to an SPI that it does not hold.
enum class Nearest : std::uint8_t { no_keys, ike_alone, same_spi, same_destination, nothing };

struct Nearness {
  Nearest kind = Nearest::no_keys;
  const SecurityAssociation* other = nullptr;
};

Nearness nearest_known(const Keystore& keystore, const SaStatistics& sa) {
  if (keystore.empty()) return {};
  if (keystore.associations().empty()) return {Nearest::ike_alone, nullptr};
  for (const std::uint32_t index : keystore.find(sa.protocol, sa.spi))
    return {Nearest::same_spi, &keystore.associations()[index]};
  for (const SecurityAssociation& other : keystore.associations())
    if (other.destination == sa.destination && other.protocol == sa.protocol)
      return {Nearest::same_destination, &other};
  return {Nearest::nothing, nullptr};
}

std::string nearness_text(const Nearness& nearness, const SaStatistics& sa) {
  const auto place = [&] { return nearness.other->place(); };
  switch (nearness.kind) {
    case Nearest::no_keys: return "no keys are loaded";
    case Nearest::ike_alone:
      return "the keys are of IKE SAs, and the exchange that made this SA is not in the capture, or cannot be opened "
             "with "
             "them, or its key exchange is not among them";
    case Nearest::same_spi:
      return fmt::format("{} has this SPI for destination {}, but its keys verify none of these packets", place(),
                         nearness.other->destination.to_string());
    case Nearest::same_destination:
      return fmt::format("{} has SPI 0x{:08x} for {}: an earlier or later generation, or another peer", place(),
                         nearness.other->spi, sa.destination.to_string());
    case Nearest::nothing: break;
  }
  return fmt::format("the key files hold no SA for destination {}", sa.destination.to_string());
}

// Whom the key files are about, for a reader who took the wrong one.
std::string hosts_of(const Keystore& keystore) {
  constexpr std::size_t most = 4;
  std::set<IpAddress> hosts;
  for (const SecurityAssociation& sa : keystore.associations()) {
    if (hosts.size() > most) break;
    hosts.insert(sa.destination);
  }
  std::string out;
  std::size_t told = 0;
  for (const IpAddress& host : hosts)
    out += told++ < most ? fmt::format("{}{}", told == 1 ? "" : ", ", host.to_string()) : " …";
  return out;
}

struct UnknownSpi {
  std::vector<SaNumber> sas;
  std::uint64_t packets = 0;
  SaStatistics first;
};

// The unknown SPIs that have the same reason, for one paragraph of the report.
struct UnknownGroup {
  std::vector<SaNumber> sas;
  std::uint64_t packets = 0, spis = 0;
  std::string list, why;
  bool all_ah = true;
};

// Any of them.
bool have_equal_keys(const SaStatistics& one, const SaStatistics& other) {
  if (one.association == nullptr || other.association == nullptr) return false;
  const auto equal = [](const AlgorithmUse& a, const AlgorithmUse& b) {
    return a.key_group != 0 && a.key_group == b.key_group;
  };
  return equal(one.association->encryption, other.association->encryption) ||
         equal(one.association->integrity, other.association->integrity);
}

class SaUseAnalyzer final : public Analyzer {
 public:
  SaUseAnalyzer() : Analyzer(signs::none) {}

  void on_packet(const Packet&, const Decoder&, Findings&) override {}

  void finish(const Decoder& decoder, Findings& out, std::vector<Conclusion>& conclusions) override {
    const std::vector<SaStatistics> sas = decoder.statistics();
    unknown_spis(decoder, sas, out, conclusions);
    one_way(sas, out, conclusions);
    shared_spis(sas, out, conclusions);
  }

 private:
  using Unknown = std::map<std::pair<IpsecProtocol, std::uint32_t>, UnknownSpi>;

  static void unknown_spis(const Decoder& decoder, const std::vector<SaStatistics>& sas, Findings& out,
                           std::vector<Conclusion>& conclusions) {
    Unknown unknown;
    for (const SaStatistics& sa : sas) {
      if (sa.association != nullptr) continue;
      UnknownSpi& entry = unknown[{sa.protocol, sa.spi}];
      if (entry.packets == 0) entry.first = sa;
      entry.packets += sa.packets;
      entry.sas.push_back(sa.number);
    }
    std::map<Nearest, UnknownGroup> groups;
    for (const auto& [key, entry] : unknown) {
      const SaStatistics& sa = entry.first;
      const Nearness nearness = nearest_known(decoder.keystore(), sa);
      const std::string why = nearness_text(nearness, sa);
      out.push_back({&codes::esp_unknown_spi,
                     sa.first_frame,
                     sa.first_file,
                     sa.number,
                     fmt::format("no SA for {} {} SPI 0x{:08x}: {}; {}", sa.destination.to_string(),
                                 to_string(sa.protocol), sa.spi, count_of(entry.packets, "packet"), why),
                     {}});
      UnknownGroup& group = groups[nearness.kind];
      group.packets += entry.packets;
      for (const SaNumber number : entry.sas) add_sa(group.sas, number);
      if (++group.spis <= 4)
        group.list += fmt::format("{}0x{:08x} to {}", group.spis == 1 ? "" : ", ", sa.spi, sa.destination.to_string());
      if (group.why.empty()) group.why = why;
      group.all_ah = group.all_ah && sa.protocol == IpsecProtocol::ah;
    }
    for (const auto& [kind, group] : groups)
      conclusions.insert(conclusions.begin(), conclusion_of(decoder.keystore(), kind, group));
    if (decoder.untracked_packets() != 0)
      conclusions.push_back({&codes::esp_unknown_spi,
                             {},
                             fmt::format("{} more on further flows", count_of(decoder.untracked_packets(), "packet")),
                             "After 1,024 unknown flows further ones are no longer told apart.",
                             {}});
  }

  static Conclusion conclusion_of(const Keystore& keystore, Nearest kind, const UnknownGroup& group) {
    Conclusion out{&codes::esp_unknown_spi, group.sas, {}, {}, {}};
    if (kind == Nearest::no_keys) {
      out.what = fmt::format("{} on {}, {}: no keys are loaded", count_of(group.packets, "packet"),
                             count_of(group.spis, "SPI"), group.all_ah ? "not verified" : "sealed");
      out.remedy =
          "Take the keys on either end while these SAs live, and run again:\n"
          "sudo ip xfrm state > xfrm.txt\n"
          "espdump CAPTURE --keys xfrm.txt";
      return out;
    }
    out.what = fmt::format("{} on {}{}", count_of(group.packets, "packet"), group.list,
                           group.spis > 4 ? fmt::format(" … (+{})", group.spis - 4) : "");
    if (kind == Nearest::nothing) {
      out.why = fmt::format("The key files hold no SA for these destinations; theirs are {}.", hosts_of(keystore));
      out.remedy = "Take the keys on one of the hosts above, while these SAs live: `sudo ip xfrm state > xfrm.txt`.";
    } else {
      out.why = fmt::format("Neither their ICVs nor their numbers are judged: {}.", group.why);
    }
    return out;
  }

  static void one_way(const std::vector<SaStatistics>& sas, Findings& out, std::vector<Conclusion>& conclusions) {
    constexpr std::uint64_t worth_an_answer = 4;
    std::set<std::pair<IpAddress, IpAddress>> active;
    for (const SaStatistics& sa : sas) active.emplace(sa.source, sa.destination);
    for (const SaStatistics& sa : sas) {
      const bool answered = active.count({sa.destination, sa.source}) != 0;
      if (answered || sa.packets < worth_an_answer || sa.destination.is_multicast() ||
          sa.icv_ok + sa.unauthenticated == 0)
        continue;
      const std::string message =
          fmt::format("{} from {} to {}, and no ESP or AH at all back", count_of(sa.packets, "packet"),
                      sa.source.to_string(), sa.destination.to_string());
      out.push_back({&codes::sa_one_way, sa.first_frame, sa.first_file, sa.number, message, {}});
      if (conclusions.size() < 64)
        conclusions.push_back({&codes::sa_one_way,
                               {sa.number},
                               message,
                               "Either the capture point sees one direction only, or the other end does not answer.",
                               {}});
    }
  }

  static void shared_spis(const std::vector<SaStatistics>& sas, Findings& out, std::vector<Conclusion>& conclusions) {
    std::map<std::tuple<IpAddress, IpAddress, IpsecProtocol, std::uint32_t>, const SaStatistics*> seen;
    Conclusion shared{&codes::sa_shared_spi, {}, {}, {}, {}};
    for (const SaStatistics& sa : sas) {
      const auto found = seen.find({sa.destination, sa.source, sa.protocol, sa.spi});
      if (found != seen.end()) {
        const SaStatistics& other = *found->second;
        out.push_back({&codes::sa_shared_spi,
                       sa.first_frame,
                       sa.first_file,
                       sa.number,
                       fmt::format("SPI 0x{:08x} serves both directions (#{} and #{}): told apart by address", sa.spi,
                                   other.number, sa.number),
                       {}});
        shared.what = fmt::format("SPI 0x{:08x} serves both directions; told apart by address", sa.spi);
        if (have_equal_keys(sa, other))
          shared.remedy = "Harmless by itself; that their keys are the same is not (key.shared).";
        add_sa(shared.sas, other.number);
        add_sa(shared.sas, sa.number);
      }
      seen.emplace(std::tuple{sa.source, sa.destination, sa.protocol, sa.spi}, &sa);
    }
    if (!shared.sas.empty()) conclusions.push_back(std::move(shared));
  }
};

}  // namespace

std::unique_ptr<Analyzer> make_sa_use_analyzer() { return std::make_unique<SaUseAnalyzer>(); }

}  // namespace espdump
