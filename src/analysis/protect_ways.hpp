// Which way packets go through a VPN gateway, and how the clocks of its two sides differ.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <espdump/keystore.hpp>

#include "analysis/protect_side.hpp"
#include "analysis/selector_index.hpp"

namespace espdump {

enum class ProtectWay : std::uint8_t { unknown, leaves, enters };

// A packet that is the same on both sides, and the only one of its kind.
struct ProtectMatch {
  ProtectIndex plain = no_packet;
  ProtectIndex other = no_packet;  // index into opened(), or into clear() of the other side
  bool is_clear = false;
};

// In the terms of a selector.
Traffic traffic_of(const ProtectSide& side, const ProtectPacket& packet);

class ProtectWays {
 public:
  ProtectWays(const ProtectSide& plain, const ProtectSide& outer, const Keystore& keystore);
  // A gateway counts TTL down, which tells the way without clocks; without that, who was first.
  void learn(const std::vector<ProtectMatch>& matches);

  [[nodiscard]] ProtectWay of_flow(std::uint32_t flow) const { return flows_[flow]; }
  [[nodiscard]] ProtectWay of_opened(const ProtectPacket& packet) const {
    return flows_[outer_.esp()[packet.esp].flow];
  }
  // Of a packet in the clear, on whichever side.
  [[nodiscard]] ProtectWay of(const ProtectSide& side, const ProtectPacket& packet) const;
  // An SA or policy is for it: one that leaves, or nobody knows which way.
  [[nodiscard]] bool is_selected(const ProtectSide& side, const ProtectPacket& packet) const;
  // The same, or other packets between its hosts are encrypted where nothing says what an SA is for.
  [[nodiscard]] bool is_ours(const ProtectSide& side, const ProtectPacket& packet) const;
  // An SA or policy is for it, one of the other way.
  [[nodiscard]] bool is_for_us(const ProtectSide& side, const ProtectPacket& packet) const;
  // Of the protected side, and what the gateways themselves say to each other: ESP that is on the other side, too, or
  // IKE.
  [[nodiscard]] bool is_tunnel(const ProtectPacket& packet) const;
  // Whether the SA of a flow may carry it.
  [[nodiscard]] bool fits(std::uint32_t flow, const ProtectSide& side, const ProtectPacket& packet) const;

  [[nodiscard]] std::int64_t offset() const { return offset_; }    // how far the other side's clock is ahead
  [[nodiscard]] std::int64_t slowest() const { return slowest_; }  // through the gateway, from 1 ms to 1 s

 private:
  struct Vote {
    std::int64_t ttl = 0;  // packets whose TTL went down on the way out, less those on the way in
    std::vector<std::int64_t> differences;
  };
  using Votes = std::map<std::uint32_t, Vote>;  // by flow
  [[nodiscard]] Votes count(const std::vector<ProtectMatch>& matches) const;
  void learn_ends();
  void choose_flows(const Votes& votes);
  void choose_by_time(const Votes& votes);
  void choose_by_addresses();
  void measure(const Votes& votes);
  void learn_hosts(const std::vector<ProtectMatch>& matches);
  void learn_associations();
  void choose(const SecurityAssociation& sa, ProtectWay way);
  [[nodiscard]] ProtectWay of_clear(const ProtectMatch& match) const;
  [[nodiscard]] std::optional<ProtectWay> selected_way(const ProtectSide& side, const ProtectPacket& packet) const;
  [[nodiscard]] std::optional<ProtectWay> find_selected_way(const Traffic& traffic) const;

  const ProtectSide& plain_;
  const ProtectSide& outer_;
  const Keystore& keystore_;
  std::vector<ProtectWay> flows_;
  std::vector<bool> tunnels_;  // flows of the protected side that the other one has, too
  std::set<std::pair<IpAddress, IpAddress>> ends_;
  std::set<IpAddress> gateways_, inside_, beyond_;
  std::set<std::pair<IpAddress, IpAddress>> encrypted_;  // hosts under SAs that do not say what they are for
  mutable SelectorIndex<std::optional<ProtectWay>> chosen_;
  bool by_ports_ = false;  // some selector names ports
  mutable std::map<std::pair<const ProtectSide*, std::uint32_t>, std::optional<ProtectWay>> known_;  // by hosts
  std::int64_t offset_ = 0, slowest_ = 1'000'000;
};

}  // namespace espdump
