// The payloads of IKEv2 messages (RFC 7296 section 3), read out of bytes that nobody has checked.
// Nothing here asserts or throws on what a packet says; spans point into the bytes given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <espdump/address.hpp>
#include <espdump/bytes.hpp>

namespace espdump::wire {

// IANA "IKEv2 Payload Types".
namespace ike_payload {
inline constexpr std::uint8_t none = 0;
inline constexpr std::uint8_t sa = 33;
inline constexpr std::uint8_t ke = 34;
inline constexpr std::uint8_t idi = 35;
inline constexpr std::uint8_t idr = 36;
inline constexpr std::uint8_t cert = 37;
inline constexpr std::uint8_t certreq = 38;
inline constexpr std::uint8_t auth = 39;
inline constexpr std::uint8_t nonce = 40;
inline constexpr std::uint8_t notify = 41;
inline constexpr std::uint8_t del = 42;
inline constexpr std::uint8_t vendor_id = 43;
inline constexpr std::uint8_t tsi = 44;
inline constexpr std::uint8_t tsr = 45;
inline constexpr std::uint8_t encrypted = 46;
inline constexpr std::uint8_t cp = 47;
inline constexpr std::uint8_t eap = 48;
inline constexpr std::uint8_t encrypted_fragment = 53;  // RFC 7383
}  // namespace ike_payload

// IANA "IKEv2 Exchange Types".
namespace ike_exchange {
inline constexpr std::uint8_t ike_sa_init = 34;
inline constexpr std::uint8_t ike_auth = 35;
inline constexpr std::uint8_t create_child_sa = 36;
inline constexpr std::uint8_t informational = 37;
inline constexpr std::uint8_t ike_session_resume = 38;
inline constexpr std::uint8_t ike_intermediate = 43;  // RFC 9242
inline constexpr std::uint8_t ike_followup_ke = 44;   // RFC 9370
}  // namespace ike_exchange

// IANA "IKEv2 Notify Message Types": those that code goes by.
namespace ike_notify {
inline constexpr std::uint16_t unsupported_critical_payload = 1;
inline constexpr std::uint16_t invalid_ike_spi = 4;
inline constexpr std::uint16_t invalid_major_version = 5;
inline constexpr std::uint16_t invalid_syntax = 7;
inline constexpr std::uint16_t invalid_message_id = 9;
inline constexpr std::uint16_t invalid_spi = 11;
inline constexpr std::uint16_t no_proposal_chosen = 14;
inline constexpr std::uint16_t invalid_ke_payload = 17;
inline constexpr std::uint16_t authentication_failed = 24;
inline constexpr std::uint16_t single_pair_required = 34;
inline constexpr std::uint16_t no_additional_sas = 35;
inline constexpr std::uint16_t internal_address_failure = 36;
inline constexpr std::uint16_t failed_cp_required = 37;
inline constexpr std::uint16_t ts_unacceptable = 38;
inline constexpr std::uint16_t invalid_selectors = 39;
inline constexpr std::uint16_t temporary_failure = 43;
inline constexpr std::uint16_t child_sa_not_found = 44;
inline constexpr std::uint16_t first_status = 16384;  // below: errors
inline constexpr std::uint16_t initial_contact = 16384;
inline constexpr std::uint16_t set_window_size = 16385;
inline constexpr std::uint16_t additional_ts_possible = 16386;
inline constexpr std::uint16_t ipcomp_supported = 16387;
inline constexpr std::uint16_t nat_detection_source_ip = 16388;
inline constexpr std::uint16_t nat_detection_destination_ip = 16389;
inline constexpr std::uint16_t cookie = 16390;
inline constexpr std::uint16_t use_transport_mode = 16391;
inline constexpr std::uint16_t http_cert_lookup_supported = 16392;
inline constexpr std::uint16_t rekey_sa = 16393;
inline constexpr std::uint16_t esp_tfc_padding_not_supported = 16394;
inline constexpr std::uint16_t non_first_fragments_also = 16395;
inline constexpr std::uint16_t mobike_supported = 16396;
inline constexpr std::uint16_t additional_ip4_address = 16397;
inline constexpr std::uint16_t additional_ip6_address = 16398;
inline constexpr std::uint16_t no_additional_addresses = 16399;
inline constexpr std::uint16_t update_sa_addresses = 16400;
inline constexpr std::uint16_t auth_lifetime = 16403;
inline constexpr std::uint16_t multiple_auth_supported = 16404;
inline constexpr std::uint16_t redirect_supported = 16406;
inline constexpr std::uint16_t redirect = 16407;
inline constexpr std::uint16_t redirected_from = 16408;
inline constexpr std::uint16_t eap_only_authentication = 16417;
inline constexpr std::uint16_t childless_ikev2_supported = 16418;
inline constexpr std::uint16_t quick_crash_detection = 16419;
inline constexpr std::uint16_t message_id_sync_supported = 16420;
inline constexpr std::uint16_t ikev2_fragmentation_supported = 16430;
inline constexpr std::uint16_t signature_hash_algorithms = 16431;
inline constexpr std::uint16_t use_ppk = 16435;
inline constexpr std::uint16_t ppk_identity = 16436;
inline constexpr std::uint16_t intermediate_exchange_supported = 16438;
inline constexpr std::uint16_t additional_key_exchange = 16441;
inline constexpr std::uint16_t use_aggfrag = 16442;
inline constexpr std::uint16_t supported_auth_methods = 16443;
inline constexpr std::uint16_t use_ppk_int = 16445;
inline constexpr std::uint16_t use_beet_mode = 40961;  // strongSwan, private use
}  // namespace ike_notify

// IANA "IKEv2 Security Protocol Identifiers".
namespace ike_protocol {
inline constexpr std::uint8_t ike = 1;
inline constexpr std::uint8_t ah = 2;
inline constexpr std::uint8_t esp = 3;
}  // namespace ike_protocol

// IANA "Transform Type Values".
namespace ike_transform {
inline constexpr std::uint8_t encryption = 1;
inline constexpr std::uint8_t prf = 2;
inline constexpr std::uint8_t integrity = 3;
inline constexpr std::uint8_t key_exchange = 4;
inline constexpr std::uint8_t sequence_numbers = 5;
inline constexpr std::uint8_t additional_ke_first = 6;  // ADDKE1, RFC 9370
inline constexpr std::uint8_t additional_ke_last = 12;  // ADDKE7
}  // namespace ike_transform

// One payload of a chain, section 3.2.
struct IkePayload {
  std::uint8_t type = 0;
  bool critical = false;
  Bytes body;              // behind the generic header
  std::size_t offset = 0;  // of the generic header, from the start of the chain
  std::uint8_t next = 0;   // of an encrypted one: the first payload inside it
};

// Walks a chain of payloads; each has 4 bytes at least, so that it always ends.
class IkePayloadChain {
 public:
  static constexpr std::size_t generic_header = 4;
  // `first` is the type that the header before the chain names.
  IkePayloadChain(std::uint8_t first, Bytes chain) : next_(first), rest_(chain) {}
  // Nothing at the end, behind an encrypted payload, or where the chain breaks.
  std::optional<IkePayload> next();
  // The type of the payload that next() would give; 0: no more.
  [[nodiscard]] std::uint8_t next_type() const { return next_; }
  // What was wrong where it broke, with `offset()` there; empty: nothing.
  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] std::size_t offset() const { return offset_; }

 private:
  std::uint8_t next_;
  Bytes rest_;
  std::size_t offset_ = 0;
  std::string error_;
};

// Section 3.3.2. Key lengths in bits, without salt; 0 where no attribute tells.
struct IkeTransform {
  std::uint8_t type = 0;
  std::uint16_t id = 0;
  std::uint16_t key_bits = 0;
  bool operator==(const IkeTransform&) const = default;
};

// Section 3.3.1.
struct IkeProposal {
  std::uint8_t number = 0;
  std::uint8_t protocol = 0;
  Bytes spi;
  std::vector<IkeTransform> transforms;
  std::size_t offset = 0, size = 0;  // in the body of the payload
};

// The bodies of payloads. Each returns nothing where the body is too short or a length in it lies; lists are cut
// at what `most` says, so that a hostile message costs no more.
struct IkeProposals {
  std::vector<IkeProposal> list;  // those before anything broken
  std::string error;              // what broke it off; empty: nothing
};
IkeProposals read_ike_proposals(Bytes sa_body, std::size_t most_proposals = 128, std::size_t most_transforms = 256);

struct IkeKeyExchange {  // section 3.4
  std::uint16_t group = 0;
  Bytes data;
};
std::optional<IkeKeyExchange> read_ike_key_exchange(Bytes body);

struct IkeIdentity {  // section 3.5
  std::uint8_t type = 0;
  Bytes data;
};
std::optional<IkeIdentity> read_ike_identity(Bytes body);
// "g1.lab.example", "192.0.2.1", "C=CH, O=Lab, CN=g1", "0x0123…": safe to print.
std::string identity_text(const IkeIdentity&);

struct IkeCertificate {  // sections 3.6 and 3.7
  std::uint8_t encoding = 0;
  Bytes data;
};
std::optional<IkeCertificate> read_ike_certificate(Bytes body);

struct IkeAuth {  // section 3.8
  std::uint8_t method = 0;
  Bytes data;
};
std::optional<IkeAuth> read_ike_auth(Bytes body);

struct IkeNotify {  // section 3.10
  std::uint8_t protocol = 0;
  std::uint16_t type = 0;
  Bytes spi, data;
};
std::optional<IkeNotify> read_ike_notify(Bytes body);

struct IkeDelete {  // section 3.11
  std::uint8_t protocol = 0;
  std::vector<Bytes> spis;  // none where the IKE SA itself is deleted
};
std::optional<IkeDelete> read_ike_delete(Bytes body, std::size_t most = 256);

// Section 3.13.1; of ICMP the ports have type and code.
struct TrafficSelector {
  std::uint8_t type = 0;      // 7: IPv4, 8: IPv6; others have no addresses here
  std::uint8_t protocol = 0;  // 0: any
  std::uint16_t start_port = 0, end_port = 0;
  IpAddress first, last;
  bool operator==(const TrafficSelector&) const = default;
  // A single address; the prefix that the range is, where it is one.
  [[nodiscard]] bool is_host() const { return first.size() != 0 && first == last; }
  [[nodiscard]] std::optional<Prefix> prefix() const;
};
std::optional<std::vector<TrafficSelector>> read_traffic_selectors(Bytes body, std::size_t most = 64);
// "10.1.0.0/16", "10.1.2.3/32[tcp/80]", "10.0.0.1..10.0.0.9", as swanctl writes them.
std::string to_string(const TrafficSelector&);

struct IkeConfiguration {  // section 3.15
  struct Attribute {
    std::uint16_t type = 0;
    Bytes value;
  };
  std::uint8_t type = 0;
  std::vector<Attribute> attributes;
};
std::optional<IkeConfiguration> read_ike_configuration(Bytes body, std::size_t most = 256);

struct IkeEap {  // section 3.16 and RFC 3748 section 4
  std::uint8_t code = 0, identifier = 0;
  std::optional<std::uint8_t> type;  // requests and responses only
  Bytes data;                        // behind the type
};
std::optional<IkeEap> read_ike_eap(Bytes body);

}  // namespace espdump::wire
