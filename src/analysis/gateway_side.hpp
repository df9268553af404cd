// What is kept of one side of a gateway: a record of fixed size per packet, never the packet itself.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include <espdump/decoder.hpp>
#include <espdump/packet.hpp>

#include "analysis/gateway_pieces.hpp"
#include "decode/ip_layer.hpp"

namespace espdump {

// What decoding could tell of a packet by itself.
enum class GatewayIcv : std::uint8_t {
  ok,
  bad,
  none,       // the SA has no integrity
  unknown,    // no SA
  no_key,     // the SA is known, its key is not
  cut,        // by the snap length
  malformed,  // no SA could take it: too short, SPI 0
  pending,    // taken for a second capture of another packet and not looked at
};

// One ESP packet or IKE message outside all tunnels. There are millions of them.
struct GatewayRecord {
  std::uint64_t digest = 0;    // keyed hash from SPI to the end of the ICV, or of the IKE message
  std::uint64_t sequence = 0;  // 64 bits under ESN; IKE: exchange, direction and message ID
  std::uint64_t inner = 0;     // keyed hash of the packet inside, without what routers change; 0: not opened
  std::int64_t time = 0;       // nanoseconds
  FrameNumber frame = 0;
  std::uint32_t flow = 0;  // index into GatewaySide::flows()
  std::uint32_t id = 0;    // IPv4 identification, or IPv6 flow label
  std::uint32_t tail = 0;  // hash of the last bytes
  std::uint16_t length = 0;
  std::uint16_t link = 0;  // hash of what stands before the IP header, and the interface
  std::uint16_t file = 0;
  std::uint8_t ttl = 0, tos = 0;
  GatewayIcv icv = GatewayIcv::unknown;
  bool ike : 1 = false;
  bool ipv4 : 1 = false;
  bool dont_fragment : 1 = false;
  bool fragmented : 1 = false;    // it came in fragments
  bool overlapped : 1 = false;    // which overlap
  bool any_device : 1 = false;    // Linux cooked version 1, which does not tell interfaces apart
  bool no_checksum : 1 = false;   // that of UDP is 0, or there is none
  bool bad_checksum : 1 = false;  // that of UDP is wrong
  bool wrong_size : 1 = false;    // none that its SA's algorithms make
};
static_assert(sizeof(GatewayRecord) <= 64);

struct GatewayFlow {
  IpAddress source, destination;
  std::uint32_t spi = 0;  // IKE: of the initiator, folded
  Encapsulation encapsulation = Encapsulation::none;
  std::uint16_t source_port = 0, destination_port = 0;  // of the encapsulation
  bool ike = false;
  SaNumber sa = 0;  // 0: none
  const SecurityAssociation* association = nullptr;
  bool operator==(const GatewayFlow&) const = default;
};

// A whole IP packet outside IPsec and IKE.
struct ClearPacket {
  std::uint64_t digest = 0;  // without what routers change
  std::int64_t time = 0;
  FrameNumber frame = 0;
  std::uint32_t hosts = 0;  // index into GatewaySide::hosts()
  std::uint16_t file = 0;
};

// A time in which a capture has no frame at all.
struct Silence {
  std::int64_t from = 0, to = 0;
};

struct ClearHosts {
  IpAddress source, destination;
  std::uint8_t protocol = 0;
  bool operator==(const ClearHosts&) const = default;
};

// The hash of an IP packet without what routers change on it: TTL, DSCP and ECN, checksum. Nothing where it is no
// whole packet.
std::optional<std::uint64_t> routed_digest(Bytes packet, bool reassembled);

GatewayIcv icv_of(const OpenRecord& record);
// Times of a damaged capture may be anything; of these, differences and sums fit.
std::int64_t sane_time(std::int64_t nanoseconds);
// Lengths of packets fit but for a forged jumbogram's.
std::uint16_t short_length(std::size_t length);

class GatewaySide {
 public:
  // Whether packets outside IPsec are kept, too: they may be plaintext that leaked.
  explicit GatewaySide(bool keep_clear) : keep_clear_(keep_clear) {}

  void take(const Packet& packet, const Decoder& decoder);

  [[nodiscard]] const std::deque<GatewayRecord>& records() const { return records_; }
  [[nodiscard]] std::deque<GatewayRecord>& records() { return records_; }
  [[nodiscard]] const std::vector<GatewayFlow>& flows() const { return flows_; }
  [[nodiscard]] const GatewayFlow& flow_of(std::size_t record) const { return flows_[records_[record].flow]; }
  [[nodiscard]] const std::deque<ClearPacket>& clear() const { return clear_; }
  [[nodiscard]] const std::vector<ClearHosts>& hosts() const { return hosts_; }
  [[nodiscard]] const std::vector<Silence>& silences() const { return silences_; }
  [[nodiscard]] std::vector<BrokenDatagram> broken() const { return pieces_.broken(); }
  // Whether an ICMP error of this side says of a frame of its own that it is too large; after the last take().
  [[nodiscard]] bool is_too_large(const GatewayRecord& record) const;
  [[nodiscard]] std::uint64_t frames() const { return frames_; }
  [[nodiscard]] std::uint64_t left_out() const { return left_out_; }  // records beyond what an index can hold
  [[nodiscard]] std::int64_t first() const { return first_; }
  [[nodiscard]] std::int64_t last() const { return last_; }

 private:
  struct FlowHash {
    std::size_t operator()(const GatewayFlow& flow) const noexcept;
  };
  struct HostsHash {
    std::size_t operator()(const ClearHosts& hosts) const noexcept;
  };
  void take_time(std::int64_t time);
  void take_esp(const Packet& packet, const Decoder& decoder, const OpenRecord& record, std::size_t place);
  void take_unreadable(const Packet& packet);
  void take_ike(const Packet& packet, const IkeRecord& record);
  void take_clear(const Packet& packet);
  void take_error(const Packet& packet);
  void add(GatewayRecord record, const GatewayFlow& flow);
  [[nodiscard]] std::uint32_t number_of(const GatewayFlow& flow);
  [[nodiscard]] std::uint32_t number_of(const ClearHosts& hosts);

  bool keep_clear_;
  std::deque<GatewayRecord> records_;  // not a vector: that would need twice the room while it grows
  std::vector<GatewayFlow> flows_;
  std::unordered_map<GatewayFlow, std::uint32_t, FlowHash> flow_numbers_;
  std::deque<ClearPacket> clear_;
  std::vector<ClearHosts> hosts_;
  std::unordered_map<ClearHosts, std::uint32_t, HostsHash> host_numbers_;
  std::vector<Silence> silences_;
  std::int64_t least_silence_ = 100'000'000;
  GatewayPieces pieces_;
  std::set<std::pair<std::uint16_t, FrameNumber>> too_large_;
  std::uint64_t frames_ = 0, left_out_ = 0;
  std::int64_t first_ = 0, last_ = 0;
};

}  // namespace espdump
