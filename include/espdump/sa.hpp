// Security associations as key files describe them, and the table of algorithms.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <espdump/address.hpp>
#include <espdump/packet.hpp>
#include <espdump/secret.hpp>

namespace espdump {

enum class AlgorithmKind : std::uint8_t { encryption, integrity, aead, compression };

// Which primitive opens it; crypto has one function for each.
enum class Primitive : std::uint8_t {
  none,  // known by name, not built in
  null_cipher,
  aes_cbc,
  aes_ctr,
  des_cbc,
  des3_cbc,
  blowfish_cbc,
  cast5_cbc,
  camellia_cbc,
  serpent_cbc,
  twofish_cbc,
  sm4_cbc,
  aes_gcm,
  aes_ccm,
  aes_gmac,
  chacha20_poly1305,
  null_mac,
  hmac_md5,
  hmac_sha1,
  hmac_sha256,
  hmac_sha384,
  hmac_sha512,
  hmac_ripemd160,
  hmac_sm3,
  aes_xcbc,
  aes_cmac,
  deflate,
};

// One row of the table. Sizes in bytes unless named bits.
struct AlgorithmInfo {
  AlgorithmKind kind;
  std::string_view xfrm;   // canonical kernel name: "rfc4106(gcm(aes))"; of RFC 8750 a name of ours
  std::string_view alias;  // accepted on input besides: "aes"; may be empty
  std::string_view label;  // as reports print it, without key length: "AES-GCM"
  Primitive primitive;
  std::uint8_t key_min, key_max, key_step;  // without salt; legal: min, min+step … max. Integrity: the customary length
  std::uint8_t salt;                        // behind the key in the dump
  std::uint8_t iv;                          // on the wire; an AEAD without takes the sequence number (RFC 8750)
  std::uint8_t block;                       // what payload + padding + 2 is a multiple of, at least 4
  std::uint16_t icv_bits;                   // default; 0 for ciphers
  std::uint16_t icv_bits_max;               // full length
  std::string_view reference;               // "RFC 4106"
};

std::span<const AlgorithmInfo> all_algorithms() noexcept;
// By canonical name or alias; nullptr where it has no row.
const AlgorithmInfo* find_algorithm(AlgorithmKind kind, std::string_view name) noexcept;
// Whether an ICV made with it can have so many bits; always false for ciphers.
bool is_legal_icv(const AlgorithmInfo& info, std::uint32_t bits) noexcept;

// What state the key of an algorithm is in.
enum class KeyState : std::uint8_t { present, hidden, all_zero, unusable };

// What is wrong with a key as such. All but `none` make it easier to find than its length says.
enum class KeyWeakness : std::uint8_t {
  none,
  one_byte,      // the same byte throughout
  counting,      // each byte differs from the one before by the same amount
  repeating,     // a short pattern over and over
  text,          // printable characters only
  short_key,     // less than 112 bits
  single_des,    // 3DES whose parts make it DES
  des_weak_key,  // one of the keys under which DES is its own inverse, or semi-weak
};

struct AlgorithmUse {
  const AlgorithmInfo* info = nullptr;
  Secret key;                  // with salt, as in the dump
  std::uint16_t icv_bits = 0;  // 0 for ciphers
  KeyState state = KeyState::present;
  KeyWeakness weakness = KeyWeakness::none;
  std::uint32_t key_group = 0;  // equal keys of a keystore have equal groups; 0: no key. Says nothing about the key
};

// Whether the integrity of an SA, even one that nobody knows, puts an ICV behind its packets.
bool makes_icv(const AlgorithmUse& integrity) noexcept;

// What packets the SA carries (RFC 4301 section 4.4.2); ports 0 with mask 0 mean any.
struct Selector {
  Prefix source, destination;
  std::uint8_t protocol = 0;                                   // 0: any
  std::optional<std::uint16_t> source_port, destination_port;  // ICMP: type and code
};

// A window position from a dump: what the kernel had seen (seq) or sent (oseq) when it was taken.
struct WindowPosition {
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
};

// What a row of Wireshark's table leaves open: any destination and SPI that it covers may be this SA's.
struct Wildcards {
  Prefix source, destination;  // without an address: any
  std::uint32_t spi_mask = 0;  // bits of the SPI that must be as in the row
  bool operator==(const Wildcards&) const = default;
};

// How an SA came to its end, as `ip xfrm monitor` told it.
enum class Ending : std::uint8_t { none, deleted, expired };

struct SecurityAssociation {
  IpAddress source, destination;
  IpsecProtocol protocol = IpsecProtocol::esp;
  std::uint32_t spi = 0;
  SaMode mode = SaMode::transport;
  std::uint32_t reqid = 0;
  AlgorithmUse encryption;  // cipher or AEAD; info is null for AH
  AlgorithmUse integrity;   // info is null for AEADs and where there is none
  bool esn = false;
  bool align4 = false;  // of AH under IPv4: padded to 4 bytes, as RFC 4302 has it, not to 8, as Linux does by itself
  std::uint32_t replay_window = 0;  // the largest of all snapshots: only the receiver's counts
  Encapsulation encapsulation = Encapsulation::none;
  std::uint16_t source_port = 0, destination_port = 0;  // of the encapsulation; 0: any
  std::optional<Selector> selector;                     // absent: none in the dump, or all of 0.0.0.0/0
  Family selector_family =
      Family::none;  // what the kernel rebuilds BEET inner headers by; none where the dump has no `sel`
  std::uint32_t mark = 0, mark_mask = 0;
  std::optional<std::uint32_t> if_id;
  std::vector<WindowPosition> positions;    // one for each time the SA was loaded
  std::vector<std::uint16_t> mapped_ports;  // of the encapsulation, from mapping changes that a monitor saw
  std::optional<Wildcards> wildcards;       // absent: destination and SPI are exact
  std::vector<Selector> policies;           // what the policies of this SA let through; at most 64
  Ending ending = Ending::none;             // what a monitor saw last
  std::optional<Timestamp> ended;           // when, where it wrote times
  std::string file;                         // where it was (first) read, or "IKE_AUTH in frame 9"
  std::size_t line = 0;                     // 0: not out of a file
  std::uint64_t keys_id = 0;  // of a learned one in partial results: equal where the keys are; 0: their groups tell

  [[nodiscard]] std::string place() const;  // "xfrm.txt:14", or what stands for a file

  [[nodiscard]] bool is_aead() const {
    return encryption.info != nullptr && encryption.info->kind == AlgorithmKind::aead;
  }
  [[nodiscard]] bool usable() const {
    return encryption.state != KeyState::hidden && encryption.state != KeyState::unusable &&
           integrity.state != KeyState::hidden && integrity.state != KeyState::unusable;
  }
};

// "AES-GCM-16-256" (ICV bytes, key bits), "AES-CBC-256 + HMAC-SHA2-256/96" (ICV bits), "NULL + …".
std::string suite_name(const SecurityAssociation&);

}  // namespace espdump
