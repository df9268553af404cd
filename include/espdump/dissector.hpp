// What a protocol is to espdump: one constant table entry with three functions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <espdump/bytes.hpp>
#include <espdump/codes.hpp>
#include <espdump/fields.hpp>
#include <espdump/packet.hpp>

namespace espdump {

// The number spaces by which one layer names the next.
enum class Space : std::uint8_t {
  link_type,  // LINKTYPE_ value of the capture
  ether_type,
  llc_sap,  // IEEE 802.2 destination SAP
  ppp_protocol,
  ip_version,   // the first nibble, where nothing else tells: 4 or 6
  ip_protocol,  // also the ESP next header
  udp_port,
  tcp_port,
  ike_payload,    // of IKEv2: the type of the first payload
  ikev1_payload,  // the same of version 1, in the clear
  internal,       // between two of our own dissectors; see InternalClaim
};

// Values of Space::internal.
namespace internal_claim {
inline constexpr std::uint32_t esp = 1;            // ESP behind a UDP or TCP header
inline constexpr std::uint32_t ikev2 = 2;          // an IKE message without non-ESP marker
inline constexpr std::uint32_t tcp_message = 3;    // one message of a TCP connection that carries ESP and IKE
inline constexpr std::uint32_t tcp_prefix = 4;     // what such a connection begins with
inline constexpr std::uint32_t spanning_tree = 5;  // a BPDU behind its LLC header
}  // namespace internal_claim

struct Claim {
  Space space = Space::ip_protocol;
  std::uint32_t value = 0;
  auto operator<=>(const Claim&) const = default;
};

// What the chain of dissectors does after a header was read.
struct Step {
  enum class Kind : std::uint8_t {
    end,      // the rest is payload that nobody reads
    decline,  // these bytes are no such header, the port only looked so: who claims `other` reads them, or nobody
    next,     // the rest belongs to who claims `next`, or, if nobody does, `other`
    sealed,   // the rest is encrypted or compressed: the decoder's business
    partial,  // the rest is a piece of something larger: the decoder's business
    quoted,   // the rest is the beginning of another packet, quoted in this one: `next` reads it
  };
  Kind kind = Kind::end;
  Claim next{};
  Claim other{};
  bool has_other = false;

  static constexpr Step end() { return {}; }
  static constexpr Step decline() { return {Kind::decline, {}, {}, false}; }
  static constexpr Step to(Claim claim) { return {Kind::next, claim, {}, false}; }
  static constexpr Step to(Claim claim, Claim other) { return {Kind::next, claim, other, true}; }
  static constexpr Step sealed() { return {Kind::sealed, {}, {}, false}; }
  static constexpr Step partial() { return {Kind::partial, {}, {}, false}; }
  static constexpr Step quoted(Claim claim) { return {Kind::quoted, claim, {}, false}; }
};

// What a dissector may ask and say while it reads one header.
class Context {
 public:
  Context(const Packet& packet, Claim reached_by) : packet_(packet), reached_by_(reached_by) {}

  // The claim that led here, e.g. the link type or the port.
  [[nodiscard]] Claim reached_by() const { return reached_by_; }
  // The layers outside this one.
  [[nodiscard]] const Packet& packet() const { return packet_; }

  // The header breaks its protocol's rules at `offset` of the layer. The chain ends here: the layer is
  // kept, marked malformed, and a finding with the dissector's code is made. Only the first call counts.
  void malformed(std::size_t offset, std::string text);

  [[nodiscard]] bool is_malformed() const { return malformed_; }
  [[nodiscard]] std::size_t malformed_offset() const { return offset_; }
  [[nodiscard]] const std::string& malformed_text() const { return text_; }

 private:
  const Packet& packet_;
  Claim reached_by_;
  bool malformed_ = false;
  std::size_t offset_ = 0;
  std::string text_;
};

// A protocol. Each dissectors/NAME.cpp defines one, in this form:
//   extern constexpr Dissector esp{{"esp", "Encapsulating Security Payload"}, claims, dissect, describe, brief,
//                                  &codes::esp_malformed};
struct Dissector : Protocol {
  std::span<const Claim> claims{};

  // Reads the header from `in` and leaves `in` at the payload, limited to the layer's own length.
  // What was consumed becomes Layer::header, the rest Layer::payload. A shortfall left in `in` is
  // reported by the caller. Never allocates in the good case (but for IKE, which is rare and has lists to check).
  Step (*dissect)(ByteReader& in, Context& context) = nullptr;
  // Names the fields of a header that `dissect` read whole. May be null.
  void (*describe)(const Layer& layer, FieldSink& out) = nullptr;
  // Appends the essentials for the one-liner, e.g. "TCP [S] seq 3214 win 64240 mss 1460". May be null.
  void (*brief)(const Layer& layer, std::string& out) = nullptr;
  // The code of the finding when the header is malformed.
  const FindingInfo* malformed = &codes::packet_malformed;
};

// Every dissector of this build; the list is written by CMake from the files in dissectors/.
std::span<const Dissector* const> all_dissectors() noexcept;

// Who reads what. Made from all dissectors' claims; a run adds what it knows (encapsulation ports).
class ClaimTable {
 public:
  ClaimTable();  // all built-in claims; asserts that no two dissectors claim the same value
  // Adds a claim, or leaves an existing one: returns false then.
  bool add(Claim claim, const Dissector& dissector);
  [[nodiscard]] const Dissector* find(Claim claim) const noexcept {
    if (claim.space != Space::ip_protocol) return others_[place_of(key_of(claim))].dissector;
    return claim.value < ip_protocol_.size() ? ip_protocol_[claim.value] : nullptr;
  }

 private:
  // Open addressing; never more than half full.
  struct Slot {
    std::uint64_t key = 0;
    const Dissector* dissector = nullptr;  // null: empty
  };
  static std::uint64_t key_of(Claim claim) noexcept {
    return std::uint64_t{static_cast<std::uint8_t>(claim.space)} << 32 | claim.value;
  }
  // Where the key is, or where it goes.
  [[nodiscard]] std::size_t place_of(std::uint64_t key) const noexcept {
    const std::size_t mask = others_.size() - 1;
    const Slot* slots = others_.data();
    std::size_t at = static_cast<std::size_t>(key * 0x9e3779b97f4a7c15ULL >> 32U) & mask;
    while (slots[at].dissector != nullptr && slots[at].key != key) at = (at + 1) & mask;
    return at;
  }
  void widen();

  std::array<const Dissector*, 256> ip_protocol_{};
  std::vector<Slot> others_;
  std::size_t used_ = 0;
};

// How a chain of layers ended.
struct ChainEnd {
  Step::Kind kind = Step::Kind::end;  // end, sealed or partial
  std::size_t layer = 0;              // index of the last layer added; meaningless when none was
  bool shortfall = false;             // it ended because bytes were missing
};

// Dissects packet.buffers()[buffer] from the header that `claim` names, appends the layers, and follows them
// until one is sealed, partial or the last. `bytes` is the part of that buffer to read, `claimed` its length
// on the wire. Shortfalls and malformed headers become findings (capture.truncated where the snap length is to
// blame), but not inside quotations. `outer` is the layer that the bytes came out of. At most 64 layers at a time.
ChainEnd dissect_chain(Packet& packet, const ClaimTable& claims, BufferIndex buffer, Bytes bytes, std::size_t claimed,
                       Claim claim, LayerIndex outer = no_layer, bool quoted = false);

// The dissector behind a layer: the layer's protocol is always one.
inline const Dissector& dissector_of(const Layer& layer) { return static_cast<const Dissector&>(*layer.protocol); }

}  // namespace espdump
