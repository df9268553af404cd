// What is kept of one side of a VPN gateway: a record per IP packet, of those in the clear and those inside ESP.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <unordered_map>
#include <vector>

#include <espdump/decoder.hpp>
#include <espdump/packet.hpp>

#include "analysis/gateway_side.hpp"
#include "analysis/protect_keys.hpp"

namespace espdump {

using ProtectIndex = std::uint32_t;
inline constexpr ProtectIndex no_packet = 0xffff'ffff;

// A whole IP packet, one put together from fragments, or a piece.
struct ProtectPacket {
  ProtectKeys keys;
  std::int64_t time = 0;
  FrameNumber frame = 0;              // of what fragments became: that of the last
  std::uint32_t hosts = 0;            // index into ProtectSide::hosts()
  std::uint32_t id = 0;               // IPv4 identification, or IPv6 flow label
  ProtectIndex esp = no_packet;       // index into ProtectSide::esp() of what it came out of, or of the ESP in it
  ProtectIndex datagram = no_packet;  // of a piece: what it became a part of
  std::uint32_t sequence = 0;         // of TCP
  std::uint16_t source_port = 0, destination_port = 0;  // ICMP: type and code
  std::uint16_t length = 0, file = 0;
  std::uint16_t link = 0;  // hash of what stands before the IP header, and the interface
  std::uint8_t ttl = 0;
  bool has_ports : 1 = false;
  bool piece : 1 = false;
  bool joined : 1 = false;         // what pieces became
  bool dont_fragment : 1 = false;  // IPv6: always
  bool cut : 1 = false;            // by the snap length: without keys
  bool any_device : 1 = false;     // from a capture of all interfaces
  bool error : 1 = false;          // an ICMP error
  bool outside : 1 = false;        // of the selector of the SA that it came under
  bool wrapped : 1 = false;        // inside another packet in the clear: GRE, IP in IP, AH
};

// An ICMP error of the protected side: a packet did not go further, and its sender knows.
struct ProtectRefusal {
  std::uint64_t quoted = 0;       // quotation_key() of the packet
  std::uint32_t mtu = 0;          // 0: the error is not about size
  IpAddress source, destination;  // of the packet
  std::int64_t time = 0;
};
// By what an ICMP error quotes of it.
std::uint64_t quotation_key(const ClearHosts& hosts, const ProtectPacket& packet);

struct ProtectFlow {
  IpAddress source, destination;
  std::uint32_t spi = 0;
  SaNumber sa = 0;  // 0: none
  const SecurityAssociation* association = nullptr;
  bool operator==(const ProtectFlow&) const = default;
};

struct ProtectEsp {
  std::uint64_t digest = 0;  // of all its bytes
  std::uint64_t sequence = 0;
  std::int64_t time = 0;
  FrameNumber frame = 0;
  std::uint32_t flow = 0;  // index into ProtectSide::flows()
  std::uint16_t file = 0, length = 0;
  GatewayIcv icv = GatewayIcv::unknown;
  bool opened = false;  // what it carries is known, and authentic where that can be told
  bool dummy = false;   // nothing (RFC 4303 section 2.6)
};

// An IP packet of a frame, before anything is kept of it.
struct ProtectPiece {
  static constexpr std::size_t no_record = ~std::size_t{0};
  Bytes bytes;                     // from the IP header on, with what the link may have behind it
  std::size_t record = no_record;  // index into Packet::ipsec() of the ESP it came out of; none: in the clear
  bool joined = false;             // from fragments
  bool wrapped = false;
};
// Every IP packet of a frame that stands in the clear outside ESP.
void for_each_clear(const Packet& packet, const std::function<void(const ProtectPiece&)>& take);
// Every IP packet that came straight out of an outermost ESP packet; of transport mode with the addresses that it had
// before NAT.
void for_each_opened(const Packet& packet, const Decoder& decoder,
                     const std::function<void(const ProtectPiece&)>& take);

// When one file of a side began and ended.
struct ProtectSpan {
  std::int64_t first = 0, last = 0;
  bool used = false;
};

class ProtectSide {
 public:
  // On the protected side ESP and IKE are packets like all others: hosts there may have tunnels of their own.
  explicit ProtectSide(bool is_protected) : is_protected_(is_protected) {}

  void take(const Packet& packet, const Decoder& decoder);

  [[nodiscard]] const std::deque<ProtectPacket>& clear() const { return clear_; }
  [[nodiscard]] const std::deque<ProtectPacket>& opened() const { return opened_; }
  [[nodiscard]] const std::deque<ProtectRefusal>& refusals() const { return refusals_; }
  [[nodiscard]] const std::deque<ProtectEsp>& esp() const { return esp_; }
  [[nodiscard]] const std::vector<ProtectFlow>& flows() const { return flows_; }
  [[nodiscard]] const std::vector<ClearHosts>& hosts() const { return hosts_; }
  [[nodiscard]] const std::vector<ProtectSpan>& spans() const { return spans_; }
  [[nodiscard]] const std::vector<Silence>& silences() const { return silences_; }
  [[nodiscard]] std::uint64_t frames() const { return frames_; }
  [[nodiscard]] std::uint64_t left_out() const { return left_out_; }  // beyond what an index or a table can hold

 private:
  // Pieces of one datagram that is not whole yet.
  using Pieces = std::unordered_map<std::uint64_t, std::vector<ProtectIndex>>;
  void take_time(const Packet& packet);
  void take_esp(const Packet& packet, const Decoder& decoder);
  void take_refusal(const IpFacts& facts, Bytes packet, std::int64_t time);
  void take_piece(const Packet& packet, const ProtectPiece& piece, const Decoder& decoder);
  void fragment(std::deque<ProtectPacket>& list, const ProtectPacket& out, const IpFacts& facts, Pieces& pieces);
  void join(std::deque<ProtectPacket>& list, Pieces& pieces);
  [[nodiscard]] std::uint32_t number_of(const ClearHosts& hosts);
  [[nodiscard]] std::uint32_t number_of(const ProtectFlow& flow);

  bool is_protected_;
  std::deque<ProtectPacket> clear_, opened_;
  std::deque<ProtectEsp> esp_;
  std::deque<ProtectRefusal> refusals_;
  std::vector<ProtectFlow> flows_;
  std::vector<ClearHosts> hosts_;
  std::unordered_multimap<std::uint64_t, std::uint32_t> flow_numbers_, host_numbers_;
  std::vector<ProtectIndex> esp_of_record_;  // of the frame at hand, by place in Packet::ipsec()
  std::vector<ProtectSpan> spans_;
  std::vector<Silence> silences_;
  Pieces clear_pieces_, opened_pieces_;
  std::uint64_t last_pieces_ = 0;  // the key of the piece met last
  std::int64_t last_ = 0;
  std::uint64_t frames_ = 0, left_out_ = 0;
};

}  // namespace espdump
