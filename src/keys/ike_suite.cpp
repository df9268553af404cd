// What the transforms of IKEv2 stand for (RFC 7296 section 3.3.2, RFC 4106 and its like, RFC 7634, RFC 8750).
// Numbers from 1024 on are strongSwan's private use.
#include <fmt/core.h>

#include <espdump/ike_keys.hpp>

#include <algorithm>
#include <array>

namespace espdump {
namespace {

struct Row {
  std::uint16_t id;
  AlgorithmKind kind;
  std::string_view name;       // in the table of algorithms
  std::uint16_t icv_bits = 0;  // 0 for ciphers
  std::uint16_t key_bits = 0;  // where no attribute tells, of ciphers that may do without; 0: it must
};

using K = AlgorithmKind;
constexpr Row encryptions[] = {
    {2, K::encryption, "cbc(des)"},
    {3, K::encryption, "cbc(des3_ede)"},
    {6, K::encryption, "cbc(cast5)", 0, 128},
    {7, K::encryption, "cbc(blowfish)", 0, 128},
    {11, K::encryption, "ecb(cipher_null)"},
    {12, K::encryption, "cbc(aes)"},
    {13, K::encryption, "rfc3686(ctr(aes))"},
    {14, K::aead, "rfc4309(ccm(aes))", 64},
    {15, K::aead, "rfc4309(ccm(aes))", 96},
    {16, K::aead, "rfc4309(ccm(aes))", 128},
    {18, K::aead, "rfc4106(gcm(aes))", 64},
    {19, K::aead, "rfc4106(gcm(aes))", 96},
    {20, K::aead, "rfc4106(gcm(aes))", 128},
    {21, K::aead, "rfc4543(gcm(aes))", 128},
    {23, K::encryption, "cbc(camellia)"},
    {28, K::aead, "rfc7539esp(chacha20,poly1305)", 128},
    {29, K::aead, "rfc8750(ccm(aes))", 64},
    {30, K::aead, "rfc8750(gcm(aes))", 128},
    {31, K::aead, "rfc8750(chacha20,poly1305)", 128},
    {1026, K::encryption, "cbc(serpent)"},
    {1027, K::encryption, "cbc(twofish)"},
};
constexpr Row integrities[] = {
    {1, K::integrity, "hmac(md5)", 96},        {2, K::integrity, "hmac(sha1)", 96},
    {5, K::integrity, "xcbc(aes)", 96},        {6, K::integrity, "hmac(md5)", 128},
    {7, K::integrity, "hmac(sha1)", 160},      {8, K::integrity, "cmac(aes)", 96},
    {12, K::integrity, "hmac(sha256)", 128},   {13, K::integrity, "hmac(sha384)", 192},
    {14, K::integrity, "hmac(sha512)", 256},   {1026, K::integrity, "hmac(sha256)", 96},
    {1027, K::integrity, "hmac(sha256)", 256}, {1028, K::integrity, "hmac(sha384)", 384},
    {1029, K::integrity, "hmac(sha512)", 512},
};

template <std::size_t size>
const Row* row_of(const Row (&rows)[size], std::uint16_t id) {
  const Row* found = std::find_if(std::begin(rows), std::end(rows), [id](const Row& row) { return row.id == id; });
  return found == std::end(rows) ? nullptr : found;
}

// With salt; 0 where nothing tells the length, or the cipher has no such keys.
std::size_t cipher_key_size(const AlgorithmInfo& info, std::size_t bits) {
  // The attribute has no place at ciphers with keys of one length (RFC 7296 section 3.3.5), but some send it.
  if (info.key_min == info.key_max) return std::size_t{info.key_max} + info.salt;
  const std::size_t bytes = bits / 8;
  const bool legal =
      bits % 8 == 0 && bytes >= info.key_min && bytes <= info.key_max && (bytes - info.key_min) % info.key_step == 0;
  return legal ? bytes + info.salt : 0;
}

// The transforms of a proposal by type, and the first thing that is wrong with them.
class Choices {
 public:
  Choices(const wire::IkeProposal& proposal, std::string& problem) : proposal_(proposal), problem_(problem) {
    problem_.clear();
    std::array<bool, 256> seen{};
    for (const wire::IkeTransform& transform : proposal_.transforms) {
      if (seen[transform.type])
        say(fmt::format("the proposal has several transforms of type {}, so that none is chosen", transform.type));
      seen[transform.type] = true;
    }
  }

  // Null where it has none.
  [[nodiscard]] const wire::IkeTransform* find(std::uint8_t type) const {
    for (const wire::IkeTransform& transform : proposal_.transforms)
      if (transform.type == type) return &transform;
    return nullptr;
  }
  const wire::IkeTransform* needed(std::uint8_t type, std::string_view what) {
    const wire::IkeTransform* found = find(type);
    if (found == nullptr) say(fmt::format("the proposal has no {}", what));
    return found;
  }
  void say(std::string text) {
    if (problem_.empty()) problem_ = std::move(text);
  }
  [[nodiscard]] bool ok() const { return problem_.empty(); }
  [[nodiscard]] bool of(std::uint8_t protocol) const { return proposal_.protocol == protocol; }

 private:
  const wire::IkeProposal& proposal_;
  std::string& problem_;
};

AlgorithmChoice chosen_encryption(Choices& choices) {
  const wire::IkeTransform* transform = choices.needed(wire::ike_transform::encryption, "encryption algorithm");
  if (transform == nullptr) return {};
  const AlgorithmChoice choice = encryption_of_transform(transform->id, transform->key_bits);
  const AlgorithmInfo* info = choice.info;
  if (info == nullptr) {
    choices.say(fmt::format("espdump does not have encryption algorithm {}", transform->id));
  } else if (choice.key_size == 0 && info->key_max != 0) {
    choices.say(transform->key_bits == 0 ? fmt::format("{} stands without the length of its key", info->label)
                                         : fmt::format("{} has no keys of {} bits", info->label, transform->key_bits));
  } else if (choices.of(wire::ike_protocol::ike) &&
             (info->primitive == Primitive::aes_gmac || (info->kind == K::aead && info->iv == 0))) {
    choices.say(fmt::format("{} is for ESP only", info->label));
  }
  return choice;
}

// NONE is as good as no transform.
AlgorithmChoice chosen_integrity(Choices& choices) {
  const wire::IkeTransform* transform = choices.find(wire::ike_transform::integrity);
  if (transform == nullptr || transform->id == 0) return {};
  const AlgorithmChoice choice = integrity_of_transform(transform->id);
  if (choice.info == nullptr) choices.say(fmt::format("espdump does not have integrity algorithm {}", transform->id));
  return choice;
}

void check_together(const IkeSuite& suite, Choices& choices) {
  const bool aead = suite.encryption.info != nullptr && suite.encryption.info->kind == K::aead;
  const bool integrity = suite.integrity.info != nullptr;
  if (aead && integrity)
    choices.say(fmt::format("{} stands together with {}, though it has integrity of its own",
                            suite.encryption.info->label, suite.integrity.info->label));
  // ESP may go without (RFC 4303 section 3.2), an IKE SA and AH may not.
  if (!aead && !integrity && !choices.of(wire::ike_protocol::esp))
    choices.say("the proposal has no integrity algorithm");
}

Prf chosen_prf(Choices& choices) {
  const wire::IkeTransform* transform = choices.needed(wire::ike_transform::prf, "pseudorandom function");
  if (transform == nullptr) return Prf::unknown;
  const Prf prf = prf_of_transform(transform->id);
  if (prf == Prf::unknown) choices.say(fmt::format("espdump does not have pseudorandom function {}", transform->id));
  return prf;
}

bool chosen_esn(Choices& choices) {
  constexpr std::uint16_t esn = 1, largest = 2;  // 2: 32 bits that are no sequence
  const wire::IkeTransform* transform = choices.find(wire::ike_transform::sequence_numbers);
  if (transform == nullptr) return false;
  if (transform->id > largest)
    choices.say(fmt::format("espdump does not have sequence numbers of kind {}", transform->id));
  return transform->id == esn;
}

}  // namespace

AlgorithmChoice encryption_of_transform(std::uint16_t id, std::uint16_t key_bits) noexcept {
  const Row* row = row_of(encryptions, id);
  if (row == nullptr) return {};
  AlgorithmChoice choice{find_algorithm(row->kind, row->name), row->icv_bits, 0};
  if (choice.info != nullptr) choice.key_size = cipher_key_size(*choice.info, key_bits != 0 ? key_bits : row->key_bits);
  return choice;
}

AlgorithmChoice integrity_of_transform(std::uint16_t id) noexcept {
  const Row* row = row_of(integrities, id);
  if (row == nullptr) return {};
  AlgorithmChoice choice{find_algorithm(row->kind, row->name), row->icv_bits, 0};
  if (choice.info != nullptr) choice.key_size = choice.info->key_min;  // AES-CMAC-96 has the least of the table
  return choice;
}

Prf prf_of_transform(std::uint16_t id) noexcept {
  switch (id) {
    case 1: return Prf::hmac_md5;
    case 2: return Prf::hmac_sha1;
    case 4: return Prf::aes_xcbc;
    case 5: return Prf::hmac_sha256;
    case 6: return Prf::hmac_sha384;
    case 7: return Prf::hmac_sha512;
    case 8: return Prf::aes_cmac;
    default: return Prf::unknown;
  }
}

std::optional<IkeSuite> suite_of(const wire::IkeProposal& chosen, std::string& problem) {
  namespace protocol = wire::ike_protocol;
  Choices choices{chosen, problem};
  const bool ike = choices.of(protocol::ike), ah = choices.of(protocol::ah);
  if (!ike && !ah && !choices.of(protocol::esp))
    choices.say(fmt::format("the proposal is of protocol {}, neither IKE nor AH nor ESP", chosen.protocol));
  IkeSuite suite;
  if (!ah) suite.encryption = chosen_encryption(choices);
  suite.integrity = chosen_integrity(choices);
  check_together(suite, choices);
  if (ike)
    suite.prf = chosen_prf(choices);
  else
    suite.esn = chosen_esn(choices);
  if (const auto* group = choices.find(wire::ike_transform::key_exchange)) suite.group = group->id;
  if (!choices.ok()) return std::nullopt;
  return suite;
}

}  // namespace espdump
