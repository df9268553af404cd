// Opening the Encrypted (and Authenticated) payloads SK and SKF (RFC 7296 section 3.14, RFC 5282, RFC 5930, RFC 7383,
// RFC 7634). A separate ICV is checked before anything is decrypted; an AEAD's failure leaves zeros.
#include "crypto/ike_open.hpp"

#include <fmt/core.h>
#include <openssl/crypto.h>

#include "crypto/aead.hpp"
#include "crypto/cipher.hpp"
#include "crypto/mac.hpp"

namespace espdump {
namespace {

// The algorithms of both directions.
struct Algorithms {
  AlgorithmChoice encryption, integrity;
  [[nodiscard]] bool aead() const { return encryption.info->kind == AlgorithmKind::aead; }
  [[nodiscard]] bool ciphers() const { return encryption.info->key_max != 0; }
};

// The ready contexts of one direction: an AEAD, or a cipher and a MAC, or nothing.
struct Direction {
  std::optional<Aead> aead;
  std::optional<BodyCipher> cipher;
  std::optional<Mac> mac;
  [[nodiscard]] bool ready() const { return aead.has_value() || mac.has_value(); }
};

Algorithms algorithms_of(const IkeSuite& suite, const IkeKeys& keys) {
  if (suite.encryption.info == nullptr && keys.names_algorithms) return {keys.encryption, keys.integrity};
  return {suite.encryption, suite.integrity};
}

// The implicit IVs of RFC 8750 are made of ESP's numbers, and AES-GMAC (RFC 4543) does not encrypt.
bool for_esp_only(const AlgorithmInfo& info) {
  return info.primitive == Primitive::aes_gmac || (info.kind == AlgorithmKind::aead && info.iv == 0);
}

Status check(const Algorithms& algorithms) {
  if (algorithms.encryption.info == nullptr) return fail("the encryption algorithm of the IKE SA is not known");
  const AlgorithmInfo& cipher = *algorithms.encryption.info;
  if (for_esp_only(cipher)) return fail(fmt::format("{} is for ESP only", cipher.label));
  if (algorithms.aead()) return Nothing{};
  const AlgorithmInfo* mac = algorithms.integrity.info;
  if (mac == nullptr) return fail(fmt::format("{} needs an integrity algorithm in IKE SAs", cipher.label));
  if (!is_legal_icv(*mac, algorithms.integrity.icv_bits))
    return fail(fmt::format("{} has no ICV of {} bits", mac->label, algorithms.integrity.icv_bits));
  return Nothing{};
}

// Of an algorithm whose length of keys nobody said, all lengths of the table are right.
Status check_key(const AlgorithmChoice& choice, const Secret& key) {
  const AlgorithmInfo& info = *choice.info;
  const std::size_t least = std::size_t{info.key_min} + info.salt, most = std::size_t{info.key_max} + info.salt;
  const bool fits = choice.key_size != 0
                        ? key.size() == choice.key_size
                        : key.size() >= least && key.size() <= most && (key.size() - least) % info.key_step == 0;
  if (!fits) return fail(fmt::format("a key of {} bits is not one of {}", key.size() * 8, info.label));
  return Nothing{};
}

// Nothing inside where a key is not there.
Result<Direction> direction_of(const Algorithms& algorithms, const Secret& sk_e, const Secret& sk_a) {
  Direction direction;
  if (algorithms.ciphers()) {
    if (sk_e.empty()) return direction;
    if (Status fits = check_key(algorithms.encryption, sk_e); !fits) return Unexpected{fits.error()};
  }
  const AlgorithmUse encryption = algorithms.encryption.with(sk_e);
  if (algorithms.aead()) {
    auto aead = Aead::make(encryption);
    if (!aead) return Unexpected{aead.error()};
    direction.aead = std::move(*aead);
    return direction;
  }
  if (sk_a.empty()) return direction;
  if (Status fits = check_key(algorithms.integrity, sk_a); !fits) return Unexpected{fits.error()};
  auto cipher = BodyCipher::make(encryption);
  if (!cipher) return Unexpected{cipher.error()};
  auto mac = Mac::make(algorithms.integrity.with(sk_a));
  if (!mac) return Unexpected{mac.error()};
  direction.cipher = std::move(*cipher);
  direction.mac = std::move(*mac);
  return direction;
}

// In front of the pad length and the padding.
Bytes without_padding(Bytes plaintext) {
  const Bytes padded = plaintext.first(plaintext.size() - 1);
  const std::size_t padding = plaintext.back();
  return padding > padded.size() ? padded : padded.first(padded.size() - padding);
}

}  // namespace

struct IkeOpener::State {
  Direction initiator, responder;
  std::size_t iv_size = 0, icv_size = 0, cipher_block = 1;

  Direction& of(bool from_initiator) { return from_initiator ? initiator : responder; }
  bool decrypt(Direction& direction, Bytes covered, Bytes body, MutableBytes out) const noexcept;
};

IkeOpener::IkeOpener(std::unique_ptr<State> state) : state_(std::move(state)) {}
IkeOpener::IkeOpener(IkeOpener&&) noexcept = default;
IkeOpener& IkeOpener::operator=(IkeOpener&&) noexcept = default;
IkeOpener::~IkeOpener() = default;

Result<IkeOpener> IkeOpener::make(const IkeSuite& suite, const IkeKeys& keys) {
  const Algorithms algorithms = algorithms_of(suite, keys);
  if (Status good = check(algorithms); !good) return Unexpected{good.error()};
  auto initiator = direction_of(algorithms, keys.sk_ei, keys.sk_ai);
  if (!initiator) return Unexpected{initiator.error()};
  auto responder = direction_of(algorithms, keys.sk_er, keys.sk_ar);
  if (!responder) return Unexpected{responder.error()};
  if (!initiator->ready() && !responder->ready()) return fail("the keys of the IKE SA are missing");
  auto state = std::make_unique<State>();
  state->iv_size = algorithms.encryption.info->iv;
  state->icv_size = (algorithms.aead() ? algorithms.encryption : algorithms.integrity).icv_bits / 8U;
  const Direction& ready = initiator->ready() ? *initiator : *responder;
  if (ready.cipher) state->cipher_block = ready.cipher->cipher_block();
  state->initiator = std::move(*initiator);
  state->responder = std::move(*responder);
  return IkeOpener{std::move(state)};
}

bool IkeOpener::opens(bool from_initiator) const noexcept { return state_->of(from_initiator).ready(); }

// The pad length is always there.
std::optional<std::size_t> IkeOpener::plaintext_size(Bytes body) const noexcept {
  const std::size_t around = state_->iv_size + state_->icv_size;
  if (body.size() <= around || body.size() > openssl::largest_message) return std::nullopt;
  const std::size_t size = body.size() - around;
  if (size % state_->cipher_block != 0) return std::nullopt;
  return size;
}

bool IkeOpener::State::decrypt(Direction& direction, Bytes covered, Bytes body, MutableBytes out) const noexcept {
  const Bytes iv = body.first(iv_size), icv = body.last(icv_size), ciphertext = body.subspan(iv_size, out.size());
  if (direction.aead) return direction.aead->open({covered, iv, ciphertext, icv}, out);
  Mac::Value value{};
  return direction.mac && direction.mac->compute(covered, body.first(body.size() - icv_size), value) &&
         CRYPTO_memcmp(value.data(), icv.data(), icv_size) == 0 && direction.cipher->decrypt(iv, ciphertext, out);
}

std::optional<Bytes> IkeOpener::open(bool from_initiator, Bytes covered, Bytes body, MutableBytes out) noexcept {
  const auto size = plaintext_size(body);
  if (size) ESPDUMP_ASSERT(out.size() == *size);
  if (size && state_->decrypt(state_->of(from_initiator), covered, body, out)) return without_padding(out);
  wipe(out);
  return std::nullopt;
}

}  // namespace espdump
