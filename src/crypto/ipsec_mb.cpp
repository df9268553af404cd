// AES-GCM (RFC 4106), AES-GMAC (RFC 4543), ChaCha20-Poly1305 (RFC 7634), AES-CBC (RFC 3602), with libipsec-mb.
// One packet at a time. Its HMACs are left alone: made for many at once, they take two to five times OpenSSL's time.
#include "crypto/ipsec_mb.hpp"

#include <fmt/core.h>
#include <intel-ipsec-mb.h>
#include <openssl/crypto.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <optional>

#include "crypto/aead.hpp"

namespace espdump::ipsec_mb {
namespace {

constexpr std::size_t nonce_size = 12;
constexpr std::size_t chacha_key_size = 32;
constexpr std::size_t alignment = 64;  // of what the library loads a whole cache line of
using Tag = std::array<std::uint8_t, 16>;

struct FreeManager {
  void operator()(IMB_MGR* manager) const noexcept { free_mb_mgr(manager); }
};
using Manager = std::unique_ptr<IMB_MGR, FreeManager>;

bool has_features(const IMB_MGR& mb) noexcept {
  constexpr std::uint64_t wanted = IMB_FEATURE_SSE4_2 | IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ;
  return (mb.features & wanted) == wanted;
}

Manager start() noexcept {
  Manager manager{alloc_mb_mgr(0)};
  if (manager != nullptr && has_features(*manager)) init_mb_mgr_auto(manager.get(), nullptr);
  return manager;
}

// One per thread: a table of functions, chosen by CPU, and a queue, which is empty between calls. Null without memory
// or, mostly, without AES-NI.
IMB_MGR* manager() noexcept {
  thread_local const Manager own = start();
  return own.get();
}

// The library does nothing, and says so nowhere near, when it does not like what it is given.
bool is_acceptable(const SealedBody& body, Bytes nonce, MutableBytes out) noexcept {
  return nonce.size() == nonce_size && out.size() == body.ciphertext.size() && !out.empty() && !body.aad.empty() &&
         !body.icv.empty() && body.icv.size() <= Tag{}.size();
}

// An ICV may be truncated: it is the beginning of the tag then.
bool matches(const Tag& tag, Bytes icv) noexcept { return CRYPTO_memcmp(tag.data(), icv.data(), icv.size()) == 0; }

// The functions for one length of key.
struct GcmCalls {
  aes_gcm_pre_t expand;
  aes_gcm_enc_dec_t decrypt;
  aes_gmac_init_t mac_begin;
  aes_gmac_update_t mac_add;
  aes_gmac_finalize_t mac_end;
};

std::optional<GcmCalls> gcm_calls(const IMB_MGR& mb, std::size_t key_size) {
  switch (key_size) {
    case IMB_GCM_128_KEY_LEN:
      return GcmCalls{mb.gcm128_pre, mb.gcm128_dec, mb.gmac128_init, mb.gmac128_update, mb.gmac128_finalize};
    case IMB_GCM_192_KEY_LEN:
      return GcmCalls{mb.gcm192_pre, mb.gcm192_dec, mb.gmac192_init, mb.gmac192_update, mb.gmac192_finalize};
    case IMB_GCM_256_KEY_LEN:
      return GcmCalls{mb.gcm256_pre, mb.gcm256_dec, mb.gmac256_init, mb.gmac256_update, mb.gmac256_finalize};
    default: return std::nullopt;
  }
}

// What GCM and GMAC share: calls that keep nothing in the manager, so that any thread's will do.
// The working memory holds parts of a key stream: it is wiped with the key.
class GcmBased : public AeadKey {
 public:
  GcmBased(const GcmCalls& calls, Bytes key) : calls_(calls) { calls_.expand(key.data(), &schedule_); }
  ~GcmBased() override {
    sodium_memzero(&schedule_, sizeof schedule_);
    sodium_memzero(&working_, sizeof working_);
  }

 protected:
  GcmCalls calls_;
  alignas(alignment) gcm_key_data schedule_{};
  alignas(alignment) gcm_context_data working_{};
};

class Gcm final : public GcmBased {
 public:
  using GcmBased::GcmBased;

  bool open(const SealedBody& body, Bytes nonce, MutableBytes out) noexcept override {
    if (!is_acceptable(body, nonce, out)) return false;
    Tag tag;
    calls_.decrypt(&schedule_, &working_, out.data(), body.ciphertext.data(), out.size(), nonce.data(), body.aad.data(),
                   body.aad.size(), tag.data(), tag.size());
    return matches(tag, body.icv);
  }
};

// Nothing is encrypted: IV and body are authenticated data (RFC 4543 section 3.3).
class Gmac final : public GcmBased {
 public:
  using GcmBased::GcmBased;

  bool open(const SealedBody& body, Bytes nonce, MutableBytes out) noexcept override {
    if (!is_acceptable(body, nonce, out) || body.iv.empty()) return false;
    Tag tag;
    calls_.mac_begin(&schedule_, &working_, nonce.data(), nonce.size());
    for (const Bytes part : {body.aad, body.iv, body.ciphertext})
      calls_.mac_add(&schedule_, &working_, part.data(), part.size());
    calls_.mac_end(&schedule_, &working_, tag.data(), tag.size());
    if (!matches(tag, body.icv)) return false;
    std::copy(body.ciphertext.begin(), body.ciphertext.end(), out.begin());
    return true;
  }
};

// A job, as that takes half the time of the direct calls for short packets. It is done when it comes back.
class ChaCha final : public AeadKey {
 public:
  explicit ChaCha(Bytes key) { std::copy(key.begin(), key.end(), key_.begin()); }
  ~ChaCha() override {
    wipe(key_);
    sodium_memzero(&working_, sizeof working_);
  }

  bool open(const SealedBody& body, Bytes nonce, MutableBytes out) noexcept override {
    IMB_MGR* mb = manager();
    if (mb == nullptr || !is_acceptable(body, nonce, out)) return false;
    Tag tag;
    IMB_JOB& job = *IMB_GET_NEXT_JOB(mb);
    describe(job, body, nonce, out, tag);
    const IMB_JOB* done = IMB_SUBMIT_JOB(mb);
    return done == &job && job.status == IMB_STATUS_COMPLETED && matches(tag, body.icv);
  }

 private:
  void describe(IMB_JOB& job, const SealedBody& body, Bytes nonce, MutableBytes out, Tag& tag) noexcept {
    job.cipher_mode = IMB_CIPHER_CHACHA20_POLY1305;
    job.hash_alg = IMB_AUTH_CHACHA20_POLY1305;
    job.cipher_direction = IMB_DIR_DECRYPT;
    job.chain_order = IMB_ORDER_HASH_CIPHER;
    job.enc_keys = job.dec_keys = key_.data();
    job.key_len_in_bytes = key_.size();
    job.src = body.ciphertext.data();
    job.dst = out.data();
    job.cipher_start_src_offset_in_bytes = job.hash_start_src_offset_in_bytes = 0;
    job.msg_len_to_cipher_in_bytes = job.msg_len_to_hash_in_bytes = out.size();
    job.iv = nonce.data();
    job.iv_len_in_bytes = nonce.size();
    job.auth_tag_output = tag.data();
    job.auth_tag_output_len_in_bytes = tag.size();
    job.u.CHACHA20_POLY1305.aad = body.aad.data();
    job.u.CHACHA20_POLY1305.aad_len_in_bytes = body.aad.size();
    job.u.CHACHA20_POLY1305.ctx = &working_;
  }

  std::array<std::uint8_t, chacha_key_size> key_{};
  alignas(alignment) chacha20_poly1305_context_data working_{};
};

std::optional<keyexp_t> cbc_expansion(const IMB_MGR& mb, std::size_t key_size) {
  switch (key_size) {
    case IMB_KEY_128_BYTES: return mb.keyexp_128;
    case IMB_KEY_192_BYTES: return mb.keyexp_192;
    case IMB_KEY_256_BYTES: return mb.keyexp_256;
    default: return std::nullopt;
  }
}

class AesCbc final : public CbcKey {
 public:
  AesCbc(keyexp_t expand, Bytes key) : key_size_(static_cast<IMB_KEY_SIZE_BYTES>(key.size())) {
    alignas(alignment) Schedule encryption;  // made in any case
    expand(key.data(), encryption.data(), schedule_.data());
    wipe(encryption);
  }
  ~AesCbc() override { wipe(schedule_); }

  bool decrypt(Bytes iv, Bytes ciphertext, MutableBytes out) noexcept override {
    IMB_MGR* mb = manager();
    if (mb == nullptr || iv.size() != block_size || ciphertext.empty() || ciphertext.size() % block_size != 0 ||
        out.size() != ciphertext.size())
      return false;
    job_.dec_keys = schedule_.data();
    job_.src = ciphertext.data();
    job_.dst = out.data();
    job_.msg_len_to_cipher_in_bytes = ciphertext.size();
    job_.iv = iv.data();
    job_.iv_len_in_bytes = iv.size();
    return IMB_SUBMIT_CIPHER_BURST(mb, &job_, 1, IMB_CIPHER_CBC, IMB_DIR_DECRYPT, key_size_) == 1 &&
           job_.status == IMB_STATUS_COMPLETED;
  }

 private:
  static constexpr std::size_t block_size = 16;
  using Schedule = std::array<std::uint8_t, 15 * block_size>;  // of the longest key: 14 rounds and what comes before

  alignas(alignment) Schedule schedule_{};
  IMB_JOB job_{};
  IMB_KEY_SIZE_BYTES key_size_;
};

// Without AES-NI there is no manager at all, unless the library was made to do without.
Status check() {
  IMB_MGR* mb = manager();
  const int error = imb_get_errno(mb);
  if (mb != nullptr ? !has_features(*mb) : error == IMB_ERR_NO_AESNI_EMU)
    return fail("libipsec-mb is not available: it wants a CPU with AES-NI, PCLMULQDQ and SSE4.2");
  if (mb == nullptr || error != 0)
    return fail(fmt::format("libipsec-mb is not available: it does not start: {}", imb_get_strerror(error)));
  return Nothing{};
}

const Status& state() {
  static const Status once = check();
  return once;
}

// To be asked for only when a key needs it: a manager tests itself first, for some milliseconds.
const IMB_MGR* ready_manager() { return state() ? manager() : nullptr; }

}  // namespace

Status usable() { return state(); }

std::unique_ptr<AeadKey> keyed_aead(Primitive primitive, Bytes key) {
  const bool chacha = primitive == Primitive::chacha20_poly1305;
  const bool gcm = primitive == Primitive::aes_gcm;
  if (!(chacha || gcm || primitive == Primitive::aes_gmac)) return nullptr;
  const IMB_MGR* mb = ready_manager();
  if (mb == nullptr) return nullptr;
  if (chacha) return key.size() == chacha_key_size ? std::make_unique<ChaCha>(key) : nullptr;
  const std::optional<GcmCalls> calls = gcm_calls(*mb, key.size());
  if (!calls) return nullptr;
  if (gcm) return std::make_unique<Gcm>(*calls, key);
  return std::make_unique<Gmac>(*calls, key);
}

std::unique_ptr<CbcKey> keyed_cbc(Primitive primitive, Bytes key) {
  const IMB_MGR* mb = primitive == Primitive::aes_cbc ? ready_manager() : nullptr;
  const std::optional<keyexp_t> expand = mb != nullptr ? cbc_expansion(*mb, key.size()) : std::nullopt;
  return expand ? std::make_unique<AesCbc>(*expand, key) : nullptr;
}

std::string version() { return imb_get_version_str(); }

}  // namespace espdump::ipsec_mb
