// AES-GCM (RFC 4106), AES-GMAC (RFC 4543) and ChaCha20-Poly1305 (RFC 7634), for builds with libipsec-mb.
// Its direct calls are used, one packet at a time; what it does faster only when several packets wait is left alone.
#include "crypto/ipsec_mb.hpp"

#include <fmt/core.h>
#include <intel-ipsec-mb.h>
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

IMB_MGR* start() noexcept {
  IMB_MGR* manager = alloc_mb_mgr(0);
  if (manager != nullptr) init_mb_mgr_auto(manager, nullptr);
  return manager;
}

// For its table of functions, chosen by CPU. The direct calls keep nothing in it, so that one is enough for all
// threads; it lives to the end, as what it points to may be in use until then.
IMB_MGR* manager() noexcept {
  static IMB_MGR* const once = start();
  return once;
}

// The library does nothing, and says so nowhere near, when it does not like what it is given.
bool is_acceptable(const SealedBody& body, Bytes nonce, MutableBytes out) noexcept {
  return nonce.size() == nonce_size && out.size() == body.ciphertext.size() && !out.empty() && !body.aad.empty() &&
         !body.icv.empty() && body.icv.size() <= Tag{}.size();
}

// An ICV may be truncated: it is the beginning of the tag then.
bool matches(const Tag& tag, Bytes icv) noexcept { return sodium_memcmp(tag.data(), icv.data(), icv.size()) == 0; }

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

// What GCM and GMAC share. The working memory holds parts of a key stream: it is wiped with the key.
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

class ChaCha final : public AeadKey {
 public:
  ChaCha(const IMB_MGR& mb, Bytes key) : mb_(mb) { std::copy(key.begin(), key.end(), key_.begin()); }
  ~ChaCha() override {
    wipe(key_);
    sodium_memzero(&working_, sizeof working_);
  }

  bool open(const SealedBody& body, Bytes nonce, MutableBytes out) noexcept override {
    if (!is_acceptable(body, nonce, out)) return false;
    Tag tag;
    mb_.chacha20_poly1305_init(key_.data(), &working_, nonce.data(), body.aad.data(), body.aad.size());
    mb_.chacha20_poly1305_dec_update(key_.data(), &working_, out.data(), body.ciphertext.data(), out.size());
    mb_.chacha20_poly1305_finalize(&working_, tag.data(), tag.size());
    return matches(tag, body.icv);
  }

 private:
  const IMB_MGR& mb_;
  std::array<std::uint8_t, chacha_key_size> key_{};
  alignas(alignment) chacha20_poly1305_context_data working_{};
};

Status check() {
  constexpr std::uint64_t wanted = IMB_FEATURE_SSE4_2 | IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ;
  if (manager() == nullptr) return fail("libipsec-mb is not available: there is no memory for it");
  if ((manager()->features & wanted) != wanted)
    return fail("libipsec-mb is not available: it wants a CPU with AES-NI, PCLMULQDQ and SSE4.2");
  if (const int error = imb_get_errno(manager()); error != 0)
    return fail(fmt::format("libipsec-mb is not available: it does not start: {}", imb_get_strerror(error)));
  return Nothing{};
}

}  // namespace

Status usable() {
  static const Status once = check();
  return once;
}

std::unique_ptr<AeadKey> keyed_aead(Primitive primitive, Bytes key) {
  if (!usable()) return nullptr;
  if (primitive == Primitive::chacha20_poly1305)
    return key.size() == chacha_key_size ? std::make_unique<ChaCha>(*manager(), key) : nullptr;
  const std::optional<GcmCalls> calls = gcm_calls(*manager(), key.size());
  if (calls && primitive == Primitive::aes_gcm) return std::make_unique<Gcm>(*calls, key);
  if (calls && primitive == Primitive::aes_gmac) return std::make_unique<Gmac>(*calls, key);
  return nullptr;
}

std::string version() { return imb_get_version_str(); }

}  // namespace espdump::ipsec_mb
