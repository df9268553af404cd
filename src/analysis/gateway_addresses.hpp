// Which addresses and ports a gateway gives to packets: those they came with, or a NAT's.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "analysis/gateway_side.hpp"

namespace espdump {

class GatewayAddresses {
 public:
  GatewayAddresses(const GatewaySide& ingress, const GatewaySide& egress);

  // A packet that both sides have, by its flows, in the order packets came; then settle().
  void learn(std::uint32_t in, std::uint32_t out);
  void settle();

  // What is wrong with the addresses of a packet; mostly nothing.
  [[nodiscard]] std::string fault(std::uint32_t in, std::uint32_t out) const;
  // What a NAT does, a line each.
  [[nodiscard]] std::vector<std::string> notes() const;

 private:
  // What a NAT maps, and whether in TCP: mostly it knows nothing of SPIs.
  using Ends = std::tuple<IpAddress, IpAddress, std::uint16_t, std::uint16_t, bool>;

  // The ends of all flows of one side, each once.
  class Places {
   public:
    explicit Places(const GatewaySide& side);
    [[nodiscard]] std::uint32_t of(std::uint32_t flow) const { return of_flow_[flow]; }
    [[nodiscard]] const Ends& ends(std::uint32_t place) const { return ends_[place]; }
    [[nodiscard]] std::size_t count() const { return ends_.size(); }

   private:
    std::vector<std::uint32_t> of_flow_;
    std::vector<Ends> ends_;
  };

  struct Mapping {
    std::uint64_t packets = 0, runs = 0;  // in a row
    std::uint64_t latest_run = 0;
  };
  using Usual = std::pair<std::uint64_t, std::uint32_t>;  // so many packets go to this place

  static std::string text_of(const Ends& ends);
  static void count(std::unordered_map<std::uint32_t, Usual>& usual, std::uint32_t from, std::uint64_t packets,
                    std::uint32_t to);
  [[nodiscard]] bool is_rebinding(std::uint32_t from, std::uint32_t to) const;
  [[nodiscard]] bool is_usual(std::uint32_t in, std::uint32_t to) const;

  Places here_, there_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, Mapping> by_place_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t> by_flow_;  // ingress flow and egress place
  std::vector<std::uint32_t> latest_;                                         // for each ingress place
  std::unordered_map<std::uint32_t, Usual> usual_of_place_, usual_of_flow_;
};

}  // namespace espdump
