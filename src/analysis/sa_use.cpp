// esp.unknown-spi, sa.one-way and sa.shared-spi: how SAs on the wire and SAs in the key files fit together.
#include <fmt/format.h>

#include <espdump/codes.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "analysis/analyzers.hpp"

namespace espdump {
namespace {

// What the keystore holds that is near to an SPI it does not hold.
std::string nearest_known(const Keystore& keystore, const SaStatistics& sa) {
  if (keystore.associations().empty()) return "no keys were given";
  for (const std::uint32_t index : keystore.find(sa.protocol, sa.spi)) {
    const SecurityAssociation& other = keystore.associations()[index];
    return fmt::format("{}:{} has this SPI for destination {}, but its keys verify none of these packets", other.file, other.line,
                       other.destination.to_string());
  }
  for (const SecurityAssociation& other : keystore.associations())
    if (other.destination == sa.destination && other.protocol == sa.protocol)
      return fmt::format("{}:{} has SPI 0x{:08x} for {}: an earlier or later generation, or another peer", other.file, other.line, other.spi,
                         sa.destination.to_string());
  return fmt::format("the key files hold no SA for destination {}", sa.destination.to_string());
}

struct UnknownSpi {
  std::vector<SaNumber> sas;
  std::uint64_t packets = 0;
  SaStatistics first;
};

class SaUseAnalyzer final : public Analyzer {
 public:
  void on_packet(const Packet&, Findings&) override {}

  void finish(const Decoder& decoder, Findings& out, std::vector<Conclusion>& conclusions) override {
    const std::vector<SaStatistics> sas = decoder.statistics();
    unknown_spis(decoder, sas, out, conclusions);
    one_way(sas, out, conclusions);
    shared_spis(sas, out, conclusions);
  }

 private:
  static void unknown_spis(const Decoder& decoder, const std::vector<SaStatistics>& sas, Findings& out, std::vector<Conclusion>& conclusions) {
    std::map<std::pair<IpsecProtocol, std::uint32_t>, UnknownSpi> unknown;
    for (const SaStatistics& sa : sas) {
      if (sa.association != nullptr) continue;
      UnknownSpi& entry = unknown[{sa.protocol, sa.spi}];
      if (entry.packets == 0) entry.first = sa;
      entry.packets += sa.packets;
      entry.sas.push_back(sa.number);
    }
    const bool no_keys = decoder.keystore().associations().empty();
    Conclusion all{&codes::esp_unknown_spi, {}, {}, "No keys were given, so nothing can be opened or verified.", {}};
    std::uint64_t packets = 0;
    for (const auto& [key, entry] : unknown) {
      const SaStatistics& sa = entry.first;
      const std::string why = nearest_known(decoder.keystore(), sa);
      out.push_back({&codes::esp_unknown_spi, sa.first_frame, sa.first_file, sa.number,
                     fmt::format("no SA for {} {} SPI 0x{:08x}: {}; {}", sa.destination.to_string(), to_string(sa.protocol), sa.spi,
                                 count_of(entry.packets, "packet"), why), {}});
      packets += entry.packets;
      for (const SaNumber number : entry.sas) add_sa(all.sas, number);
      if (!no_keys && conclusions.size() < 64)
        conclusions.push_back({&codes::esp_unknown_spi, entry.sas,
                               fmt::format("0x{:08x} to {}, {}", sa.spi, sa.destination.to_string(), count_of(entry.packets, "packet")),
                               fmt::format("Not judged: {}.", why), {}});
    }
    if (unknown.empty()) return;
    if (decoder.untracked_packets() != 0)
      conclusions.push_back({&codes::esp_unknown_spi, {}, fmt::format("{} more on further SPIs", count_of(decoder.untracked_packets(), "packet")),
                             "After 1,024 unknown flows further ones are no longer told apart.", {}});
    if (!no_keys) return;
    all.what = fmt::format("{} on {}", count_of(packets, "packet"), count_of(unknown.size(), "SPI"));
    all.remedy = "Take the keys on either end while the SAs live, and run again:\n"
                 "sudo ip xfrm state > xfrm.txt\n"
                 "espdump CAPTURE --keys xfrm.txt";
    conclusions.push_back(std::move(all));
  }

  static void one_way(const std::vector<SaStatistics>& sas, Findings& out, std::vector<Conclusion>& conclusions) {
    constexpr std::uint64_t worth_an_answer = 4;
    std::set<std::pair<IpAddress, IpAddress>> active;
    for (const SaStatistics& sa : sas) active.emplace(sa.source, sa.destination);
    for (const SaStatistics& sa : sas) {
      const bool answered = active.count({sa.destination, sa.source}) != 0;
      if (answered || sa.packets < worth_an_answer || sa.destination.is_multicast() || sa.icv_ok + sa.unauthenticated == 0) continue;
      const std::string message = fmt::format("{} from {} to {}, and no ESP or AH at all back", count_of(sa.packets, "packet"),
                                              sa.source.to_string(), sa.destination.to_string());
      out.push_back({&codes::sa_one_way, sa.first_frame, sa.first_file, sa.number, message, {}});
      if (conclusions.size() < 64)
        conclusions.push_back({&codes::sa_one_way, {sa.number}, message,
                               "Either the capture point sees one direction only, or the other end does not answer.", {}});
    }
  }

  static void shared_spis(const std::vector<SaStatistics>& sas, Findings& out, std::vector<Conclusion>& conclusions) {
    std::map<std::tuple<IpAddress, IpAddress, IpsecProtocol, std::uint32_t>, SaNumber> seen;
    Conclusion shared{&codes::sa_shared_spi, {}, {}, {}, {}};
    for (const SaStatistics& sa : sas) {
      const auto other = seen.find({sa.destination, sa.source, sa.protocol, sa.spi});
      if (other != seen.end()) {
        out.push_back({&codes::sa_shared_spi, sa.first_frame, sa.first_file, sa.number,
                       fmt::format("SPI 0x{:08x} serves both directions (#{} and #{}): told apart by address", sa.spi, other->second, sa.number), {}});
        shared.what = fmt::format("SPI 0x{:08x} serves both directions; told apart by address", sa.spi);
        add_sa(shared.sas, other->second);
        add_sa(shared.sas, sa.number);
      }
      seen.emplace(std::tuple{sa.source, sa.destination, sa.protocol, sa.spi}, sa.number);
    }
    if (!shared.sas.empty()) conclusions.push_back(std::move(shared));
  }
};

}  // namespace

std::unique_ptr<Analyzer> make_sa_use_analyzer() { return std::make_unique<SaUseAnalyzer>(); }

}  // namespace espdump
