// IKE SAs as their messages show them: what each message said, which exchange it belongs to, what came of it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <espdump/address.hpp>
#include <espdump/finding.hpp>
#include <espdump/packet.hpp>
#include <espdump/wire/ikev2_payloads.hpp>

namespace espdump {

// "#A", "#B" … "#Z", "#AA": how reports name an IKE SA.
std::string ike_sa_name(IkeSaNumber number);

// A proposal, kept longer than the packet that carried it.
struct IkeOffer {
  std::uint8_t number = 0;
  std::uint8_t protocol = 0;
  std::uint64_t spi = 0;  // 0: none (IKE_SA_INIT)
  std::vector<wire::IkeTransform> transforms;
};

// A notification.
struct IkeNotice {
  std::uint16_t type = 0;
  std::uint8_t protocol = 0;
  std::uint32_t spi = 0;     // of ESP or AH; 0: none
  std::uint32_t number = 0;  // INVALID_KE_PAYLOAD: the group wanted; AUTH_LIFETIME: seconds; SET_WINDOW_SIZE
};

// The SHA-1 values of NAT_DETECTION_*_IP.
using NatHash = std::array<std::uint8_t, 20>;

struct IkeCertificateFacts {
  std::string subject, issuer;
  std::int64_t not_before = 0, not_after = 0;  // seconds since 1970
};

// What the payloads of one message say. Lists are bounded; what is beyond the bounds is left out.
struct IkeContents {
  std::vector<std::uint8_t> payloads;  // types in order, the encrypted one and what is inside it included
  std::vector<IkeNotice> notices;
  std::vector<IkeOffer> offers;
  std::optional<std::uint16_t> group;  // of the KE payload
  std::size_t key_exchange_size = 0;   // bytes of its data
  std::vector<std::uint8_t> nonce;
  std::optional<std::string> initiator_id, responder_id;
  std::uint8_t auth_method = 0;
  std::vector<wire::TrafficSelector> initiator_selectors, responder_selectors;
  std::vector<std::pair<std::uint8_t, std::uint32_t>> deletes;  // protocol, SPI
  bool deletes_ike = false;
  std::string eap;                 // of the EAP payload, as wire::ike_eap_words()
  std::uint8_t configuration = 0;  // CFG_REQUEST …; 0: no such payload
  std::vector<IkeCertificateFacts> certificates;
  std::vector<NatHash> nat_source;
  std::optional<NatHash> nat_destination;
  bool says_strongswan = false;  // by its vendor ID
  std::string malformed;         // what is wrong with the chain; empty: nothing

  [[nodiscard]] const IkeNotice* notice(std::uint16_t type) const;
  [[nodiscard]] const IkeNotice* error() const;  // the first notification below 16384
  [[nodiscard]] bool has(std::uint8_t payload) const;
};

// One message, the first time it was seen.
struct IkeMessage {
  FrameNumber frame = 0;
  std::uint16_t file = 0;
  Timestamp time, last_time;
  std::uint32_t sent = 1;  // times that the same bytes were sent; a second capture of the same frame does not count
  IpAddress source, destination;
  std::uint16_t source_port = 0, destination_port = 0;
  std::size_t length = 0;         // of the IKE message
  std::size_t sealed_length = 0;  // of the body of its encrypted payload (IV to ICV); 0: it has none
  IkeSealed sealed = IkeSealed::cleartext;
  std::uint16_t fragments = 0;  // RFC 7383; 0: not fragmented
  std::uint16_t fragments_seen = 0;
  IkeContents contents;

  // Its contents are all there; of fragments each may be open and one still missing.
  [[nodiscard]] bool readable() const {
    return (sealed == IkeSealed::cleartext || sealed == IkeSealed::opened) &&
           !contents.has(wire::ike_payload::encrypted_fragment);
  }
};

// A request and its response, RFC 7296 section 2.1.
struct IkeExchange {
  std::uint8_t type = 0;
  std::uint32_t message_id = 0;
  bool from_initiator = false;  // begun by the initiator of the IKE SA
  std::optional<IkeMessage> request, response;
};

// ike_deleted: with the IKE SA.
enum class IkeChildEnd : std::uint8_t { none, deleted, ike_deleted };

// A Child SA: the pair of ESP or AH SAs that an exchange made.
struct IkeChild {
  std::uint8_t protocol = wire::ike_protocol::esp;
  std::uint8_t exchange = 0;    // IKE_AUTH or CREATE_CHILD_SA
  bool from_initiator = false;  // the exchange was begun by the initiator of the IKE SA
  // Of this exchange's initiator and responder; the SPIs are those on which each receives.
  IpAddress initiator, responder;
  std::uint32_t initiator_spi = 0, responder_spi = 0;
  IkeOffer chosen;
  SaMode mode = SaMode::tunnel;
  SaMode asked_mode = SaMode::tunnel;  // by the request
  std::vector<wire::TrafficSelector> initiator_selectors, responder_selectors;
  // Of the request, where the responder narrowed them (section 2.9); else empty.
  std::vector<wire::TrafficSelector> asked_initiator_selectors, asked_responder_selectors;
  bool esn = false, in_udp = false, pfs = false;
  bool derived = false;  // its keys came from those of the IKE SA
  FrameNumber made_frame = 0, ended_frame = 0;
  std::uint16_t made_file = 0, ended_file = 0;
  Timestamp made, ended;
  std::uint32_t rekeys = 0;  // the SPI of the SA that it replaces; 0: none
  // On the one that is replaced: the initiator's SPI of the first that did. 0: none.
  std::uint32_t replaced_by = 0;
  bool collided = false;  // both ends rekeyed the same Child SA at once (section 2.8.1)
  IkeChildEnd end = IkeChildEnd::none;

  [[nodiscard]] bool narrowed() const {
    return !asked_initiator_selectors.empty() || !asked_responder_selectors.empty();
  }
};

enum class IkeState : std::uint8_t {
  half_open,    // no IKE_AUTH response yet
  established,  // also concluded from what followed, where it cannot be read
  failed,       // refused
  closed,       // deleted, or replaced
};
std::string_view to_string(IkeState) noexcept;

// Behind which end the capture proves a NAT.
struct IkeNat {
  bool checked = false;  // both ends told what addresses they see
  bool initiator = false, responder = false;
};

// The requests of one end, sections 2.2 and 2.3. Messages of an IKE SA whose beginning was not captured count from the
// first that was.
struct IkeRequests {
  std::uint64_t count = 0, answered = 0, sent_again = 0;
  std::uint32_t last_id = 0;  // the highest message ID
  std::uint64_t missing = 0;  // message IDs below it that the capture does not have
  std::uint32_t window = 1;   // how many the other end takes at once (its SET_WINDOW_SIZE)
  std::uint32_t at_once = 0;  // how many were under way at once, by what the answers prove
};

struct IkeSa {
  IkeSaNumber number = 0;
  std::uint64_t initiator_spi = 0, responder_spi = 0;
  std::uint8_t major_version = 2;
  IpAddress initiator, responder;  // as captured last
  std::uint16_t initiator_port = 0, responder_port = 0;
  FrameNumber first_frame = 0, last_frame = 0;
  std::uint16_t first_file = 0;
  Timestamp first_time, last_time;
  std::uint64_t messages = 0, retransmissions = 0, unreadable = 0;  // of encrypted ones
  std::uint64_t refused = 0;  // messages that keys are there for, but that do not verify under them
  bool has_keys = false;      // at least one message was opened
  IkeState state = IkeState::half_open;
  IkeNat nat;
  IkeOffer chosen;  // of IKE_SA_INIT or of the rekeying that made it; no transforms: not seen
  std::optional<std::string> initiator_id, responder_id;
  bool initiator_is_strongswan = false, responder_is_strongswan = false;  // by vendor ID
  IkeSaNumber rekeyed_from = 0, rekeyed_to = 0;
  IkeSaNumber collided_with = 0;  // both ends rekeyed at once (section 2.8.2): the other IKE SA that came of it
  IkeRequests by_initiator, by_responder;
  std::vector<IkeChild> children;
  std::deque<IkeExchange> exchanges;    // in the order of their first messages
  std::uint64_t dropped_exchanges = 0;  // of a long life only the first and the latest are kept
};

}  // namespace espdump
