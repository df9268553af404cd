// A packet: one frame, the layers found in it, the bytes made while unwrapping it, and what was found out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <espdump/address.hpp>
#include <espdump/assert.hpp>
#include <espdump/bytes.hpp>
#include <espdump/finding.hpp>

namespace espdump {

// The protocols that others than their own dissectors ask for; to compare names would cost more than to dissect.
enum class ProtocolKind : std::uint8_t {
  other,
  ipv4,
  ipv6,
  ipv6_extension,  // any, fragments included
  tcp,
  udp,
  icmp,
  icmpv6,
  esp,
  ah,
  ipcomp,
  udpencap,
  espintcp,
  aggfrag,
  ikev2,
  ikev2_encrypted,
};

constexpr ProtocolKind kind_of(std::string_view name) noexcept {
  constexpr std::pair<std::string_view, ProtocolKind> named[] = {
      {"ipv4", ProtocolKind::ipv4},         {"ipv6", ProtocolKind::ipv6},
      {"tcp", ProtocolKind::tcp},           {"udp", ProtocolKind::udp},
      {"icmp", ProtocolKind::icmp},         {"icmpv6", ProtocolKind::icmpv6},
      {"esp", ProtocolKind::esp},           {"ah", ProtocolKind::ah},
      {"ipcomp", ProtocolKind::ipcomp},     {"udpencap", ProtocolKind::udpencap},
      {"espintcp", ProtocolKind::espintcp}, {"aggfrag", ProtocolKind::aggfrag},
      {"ikev2", ProtocolKind::ikev2},       {"ikev2_encrypted", ProtocolKind::ikev2_encrypted},
  };
  if (name.substr(0, 5) == "ipv6_") return ProtocolKind::ipv6_extension;
  for (const auto& [known, kind] : named)
    if (known == name) return kind;
  return ProtocolKind::other;
}

// What reports need to know of a protocol; every dissector has one.
struct Protocol {
  std::string_view name;              // as in the JSON "layers": "esp"
  std::string_view title;             // "Encapsulating Security Payload"
  ProtocolKind kind = kind_of(name);  // dissectors leave it as it is
};

// Where bytes come from. Reports always say which.
enum class Origin : std::uint8_t {
  capture,        // as they were captured
  reassembled,    // joined from IP fragments
  segments,       // joined from TCP segments
  aggregated,     // joined from the AGGFRAG payloads of several ESP packets
  ike_fragments,  // decrypted, joined from the fragments of an IKE message
  decrypted,      // came out of a cipher (or out of ESP with NULL encryption)
  inflated,       // came out of IPComp
  reconstructed,  // made by us: a BEET inner header, a transport mode packet without its ESP
};

struct Buffer {
  Bytes bytes;
  Origin origin = Origin::capture;
  bool overlapped = false;   // joined from fragments that overlap: Linux drops such a datagram, IPv6 or IPv4
  std::size_t left_out = 0;  // bytes behind these that were taken away
  [[nodiscard]] std::size_t size() const { return bytes.size() + left_out; }
};

// Places in the lists of a Packet.
using BufferIndex = std::uint16_t;
using LayerIndex = std::uint16_t;
inline constexpr LayerIndex no_layer = 0xffff;

struct Layer {
  const Protocol* protocol = nullptr;
  Bytes header;                     // the bytes that the dissector took
  Bytes payload;                    // what follows inside the layer's own length, as far as captured
  std::size_t payload_claimed = 0;  // the same length on the wire; more than payload.size() when cut
  std::uint32_t reached_by = 0;     // the value that led here, in the number space of who named it
  BufferIndex buffer = 0;           // index into Packet::buffers()
  LayerIndex outer = no_layer;      // the layer around it: not always the one before it in the list
  bool quoted = false;              // inside the packet that an ICMP error quotes
  bool malformed = false;           // its dissector said so; nothing behind it was read

  [[nodiscard]] bool cut() const { return payload_claimed > payload.size(); }
  [[nodiscard]] bool is(ProtocolKind kind) const { return protocol->kind == kind; }
};

// An IP header; an IPv6 extension header, fragments included.
inline bool is_ip(const Layer& layer) noexcept { return layer.is(ProtocolKind::ipv4) || layer.is(ProtocolKind::ipv6); }
inline bool is_ipv6_extension(const Layer& layer) noexcept { return layer.is(ProtocolKind::ipv6_extension); }
// Of the protocol that a view of its header is for.
template <typename View>
bool is_of(const Layer& layer) noexcept {
  constexpr ProtocolKind kind = kind_of(View::protocol);
  if constexpr (kind != ProtocolKind::other && kind != ProtocolKind::ipv6_extension) return layer.is(kind);
  return layer.protocol->name == View::protocol;
}

enum class IpsecProtocol : std::uint8_t { esp = 50, ah = 51, ipcomp = 108 };
std::string_view to_string(IpsecProtocol) noexcept;  // "esp", "ah", "comp"

enum class Encapsulation : std::uint8_t { none, udp, tcp };
// unknown: the key file does not say; what is inside tells tunnel from transport mode.
enum class SaMode : std::uint8_t { transport, tunnel, beet, iptfs, other, unknown };
std::string_view to_string(SaMode) noexcept;

enum class IcvVerdict : std::uint8_t {
  ok,
  bad,
  unchecked,  // no key, or the frame was cut; OpenRecord::unchecked says which
  none,       // the SA has no integrity
};
std::string_view to_string(IcvVerdict) noexcept;

enum class Unchecked : std::uint8_t {
  no,         // it was checked, or the SA has no integrity
  no_sa,      // no SA for (destination, protocol, SPI)
  no_key,     // the SA is known, its key is not (hidden, of a wrong length, algorithm not built in)
  cut,        // the snap length cut the frame
  duplicate,  // the frame is another capture of one that was judged already
  malformed,  // too short to hold what the SA's algorithms need
};

// What trying showed about an ICV that does not verify.
enum class IcvCause : std::uint8_t {
  none_found,
  truncation,        // it verifies with another ICV length
  esn_missing,       // it verifies with ESN, which the SA does not have
  esn_extra,         // it verifies without ESN, which the SA has
  other_algorithm,   // it verifies with another algorithm under the same key
  reverse_sa,        // it verifies with the keys of the other direction
  other_generation,  // it verifies with the keys of another SA of the same direction
  other_sa,          // it verifies with the keys of any other SA
  nat,               // AH: it verifies with the addresses that the SA names
  bit_flip,          // it verifies once a single bit is turned back
};

// A bit whose turning back repairs an ICV.
struct FlippedBit {
  std::string_view field;  // "sequence number", "IV" or "ICV"
  std::uint32_t byte = 0;  // counted from the first byte of ESP or AH
  std::uint8_t bit = 0;    // 0: the lowest
};

enum class ReplayVerdict : std::uint8_t {
  unjudged,           // nothing verified, or no number kept
  fresh,              // newest so far, or the first
  reordered,          // older than the newest, never seen, inside the window
  stale,              // never seen, left of the window
  duplicate,          // seen before
  capture_duplicate,  // the very same packet captured a second time
};

// What unwrapping one ESP or AH packet showed. A plain result: no key, no pointer upward.
struct OpenRecord {
  IpsecProtocol protocol = IpsecProtocol::esp;
  IpAddress source, destination;  // of the IP header around it, as captured
  std::uint32_t spi = 0;
  std::uint64_t sequence = 0;  // 64 bits under ESN
  SaNumber sa = 0;             // 0: unknown SPI
  Encapsulation encapsulation = Encapsulation::none;
  LayerIndex layer = 0;      // index into Packet::layers() of the ESP or AH layer
  std::size_t length = 0;    // bytes on the wire from SPI (ESP) or next header (AH) to the end of the ICV
  std::uint64_t digest = 0;  // keyed hash of these bytes
  // Where another packet had the same IV under the same key, of a counter mode; frame 0: none did.
  FrameNumber nonce_frame = 0;
  std::uint16_t nonce_file = 0;
  SaNumber nonce_sa = 0;

  IcvVerdict icv = IcvVerdict::unchecked;
  Unchecked unchecked = Unchecked::no;
  IcvCause icv_cause = IcvCause::none_found;  // of a bad one, where trying found it
  FlippedBit flipped;                         // of bit_flip
  bool decrypted = false;     // the payload stands open in the layers that follow; of AH: and is authentic
  bool wrong_cipher = false;  // authentic, but what the SA's cipher yields is no packet
  SaMode mode = SaMode::transport;
  std::uint8_t pad_length = 0;
  std::size_t tfc_padding = 0;              // bytes behind the inner packet's own length
  std::optional<std::uint8_t> next_header;  // known once decrypted

  ReplayVerdict replay = ReplayVerdict::unjudged;
  bool left_of_window = false;  // a duplicate or stale packet that the window no longer covers
  bool old_cycle = false;       // verified in the ESN cycle that the window has left
  bool restarted = false;       // the sender began again at a low number under the same key
  bool same_bytes = false;      // a duplicate: the ESP packet equals the first one byte for byte
  FrameNumber first_frame = 0;  // of a duplicate: the frame that had the number first; 0: long ago
  std::uint16_t first_file = 0;
  std::int64_t since_first = 0;  // of a duplicate: nanoseconds since that frame
};

// What became of the encrypted payload of an IKE message.
enum class IkeSealed : std::uint8_t {
  cleartext,  // there is none
  opened,
  no_key,
  bad_icv,   // there are keys for this IKE SA, and they do not verify it
  unusable,  // cut by the snap length, or malformed
};

// One IKE message (each fragment of RFC 7383 is one), as the decoder met it.
struct IkeRecord {
  LayerIndex layer = 0;  // index into Packet::layers() of its header
  IkeSaNumber sa = 0;
  std::uint64_t initiator_spi = 0, responder_spi = 0;
  std::uint8_t major_version = 2, exchange = 0;
  std::uint32_t message_id = 0;
  bool from_initiator = false, response = false;
  IkeSealed sealed = IkeSealed::cleartext;
  std::uint16_t fragment = 0, fragments = 0;  // 0: not fragmented
  bool copy = false;                          // another capture of a message that was followed already
  FrameNumber repeats = 0;                    // the frame that sent the same bytes first; 0: none did
  std::uint16_t repeats_file = 0;
  bool completes = false;               // this response ended its exchange
  std::vector<std::uint8_t> payloads;   // types, as far as they can be read
  std::vector<std::uint16_t> notifies;  // types
};

// An IP packet that came out of ESP, AH or IPComp, whole.
struct InnerPacket {
  static constexpr std::size_t none = ~std::size_t{0};
  BufferIndex buffer = 0;     // its bytes
  std::size_t record = 0;     // index into Packet::ipsec() of what it came out of
  std::size_t inside = none;  // index into Packet::inner() of the one that carried that; none: the frame itself
  bool innermost = true;      // no other one was inside it
};

// An ESP or AH header inside the packet that an ICMP error quotes.
struct QuotedIpsec {
  std::uint32_t spi = 0;
  std::uint32_t sequence = 0;
  SaNumber sa = 0;        // 0: of no SA seen so far
  bool by_ports = false;  // found by UDP ports alone: no number was quoted, and the SPI is that of the SA
};

// Bytes made while unwrapping, all freed together. What it held is wiped before it is used again.
class Arena {
 public:
  Arena() = default;
  Arena(Arena&&) noexcept = default;
  Arena& operator=(Arena&&) noexcept = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena() { reset(); }

  // `size` bytes of unspecified content, valid until reset().
  MutableBytes allocate(std::size_t size) {
    if (current_ == blocks_.size() || blocks_[current_].size - blocks_[current_].used < size) find_room(size);
    Block& block = blocks_[current_];
    const MutableBytes out{block.bytes.get() + block.used, size};
    block.used += size;
    return out;
  }
  void reset() noexcept;

 private:
  struct Block {
    std::unique_ptr<std::uint8_t[]> bytes;
    std::size_t size = 0;
    std::size_t used = 0;
  };
  void find_room(std::size_t size);

  std::vector<Block> blocks_;
  std::size_t current_ = 0;
};

// One frame and everything learned about it. Made empty by reset() and used again for the next frame;
// all spans it hands out end there.
class Packet {
 public:
  FrameNumber frame = 0;
  std::uint16_t file = 0;       // which of the captures, from 0
  std::uint32_t interface = 0;  // pcapng interface number
  Timestamp time;
  std::uint32_t link_type = 0;  // LINKTYPE_ value
  std::size_t wire_length = 0;  // the captured length is buffers()[0].bytes.size()

  void reset() noexcept;

  static constexpr std::size_t most_buffers = 16'384, most_layers = 16'384;

  // Copies `bytes` never: they must live until reset(). At most `most_buffers`; asserts.
  BufferIndex add_buffer(Bytes bytes, Origin origin, bool overlapped = false) {
    const std::size_t index = buffers_.size();
    ESPDUMP_ASSERT(index < most_buffers);
    buffers_.push_back({bytes, origin, overlapped, 0});
    return static_cast<BufferIndex>(index);
  }
  MutableBytes allocate(std::size_t size) { return arena_.allocate(size); }
  // At most `most_layers`; asserts. Valid until the next one is added.
  Layer& add_layer(const Layer& layer) { return add_layer(*layer.protocol) = layer; }
  // One of that protocol, else empty, to be filled in its place: a copy right after would wait for what was written.
  Layer& add_layer(const Protocol& protocol) {
    ESPDUMP_ASSERT(layers_.size() < most_layers);
    kinds_ |= 1U << static_cast<unsigned>(protocol.kind);
    Layer& layer = layers_.emplace_back();
    layer.protocol = &protocol;
    return layer;
  }
  // Whether some layer, quoted or not, may be of a kind: false only where none is.
  [[nodiscard]] bool may_have(ProtocolKind kind) const { return (kinds_ >> static_cast<unsigned>(kind) & 1U) != 0; }
  // Returns its index in inner(). What it was inside is not an innermost packet any more.
  std::size_t add_inner(const InnerPacket& inner);
  void add_finding(const FindingInfo& info, std::string message, SaNumber sa = 0, std::string remedy = {});

  [[nodiscard]] const std::vector<Layer>& layers() const { return layers_; }
  [[nodiscard]] std::vector<Layer>& layers() { return layers_; }
  [[nodiscard]] const std::vector<Buffer>& buffers() const { return buffers_; }
  [[nodiscard]] std::vector<Buffer>& buffers() { return buffers_; }
  [[nodiscard]] const std::vector<OpenRecord>& ipsec() const { return ipsec_; }
  [[nodiscard]] std::vector<OpenRecord>& ipsec() { return ipsec_; }
  [[nodiscard]] const std::vector<IkeRecord>& ike() const { return ike_; }
  [[nodiscard]] std::vector<IkeRecord>& ike() { return ike_; }
  [[nodiscard]] const std::vector<InnerPacket>& inner() const { return inner_; }
  [[nodiscard]] const Findings& findings() const { return findings_; }
  [[nodiscard]] Findings& findings() { return findings_; }

  // The innermost layer named View::protocol that is not quoted, as its typed view.
  template <typename View>
  [[nodiscard]] std::optional<View> find() const {
    for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer)
      if (!layer->quoted && is_of<View>(*layer)) return View::from(layer->header);
    return std::nullopt;
  }

  // What an ICMP error in this packet is about.
  std::optional<QuotedIpsec> quoted_ipsec;
  FrameNumber quoted_frame = 0;  // of the same capture, where the packet that it quotes was met; 0: it was not
  // True where the frame became whole only with earlier frames' bytes.
  bool reassembled = false;

 private:
  Arena arena_;
  std::vector<Buffer> buffers_;
  std::vector<Layer> layers_;
  std::uint32_t kinds_ = 0;  // a bit for each kind among them
  std::vector<OpenRecord> ipsec_;
  std::vector<IkeRecord> ike_;
  std::vector<InnerPacket> inner_;
  Findings findings_;
};

}  // namespace espdump
