// AES-GCM (RFC 4106) by libipsec-mb.
#include "bench/raw_loop_ipsec_mb.hpp"

#include <stdexcept>

#ifdef ESPDUMP_BENCH_IPSEC_MB

#include <intel-ipsec-mb.h>

#include <array>
#include <cstring>

namespace espdump::bench {

struct IpsecMbGcm::State {
  std::unique_ptr<IMB_MGR, decltype(&free_mb_mgr)> manager{alloc_mb_mgr(0), free_mb_mgr};
  gcm_key_data key{};
  gcm_context_data context{};
  aes_gcm_enc_dec_t decrypt = nullptr;
  std::array<std::uint8_t, 12> nonce{};
};

IpsecMbGcm::IpsecMbGcm(const Suite& suite, const SuiteKeys& keys) : state_(std::make_unique<State>()) {
  IMB_MGR* const manager = state_->manager.get();
  if (!suite.is_aead() || (suite.name != "aes128gcm16" && suite.name != "aes256gcm16") || manager == nullptr)
    throw std::runtime_error("the loop of ipsec-mb is for AES-GCM");
  init_mb_mgr_auto(manager, nullptr);
  const bool small = suite.key == 16;
  state_->decrypt = small ? manager->gcm128_dec : manager->gcm256_dec;
  (small ? manager->gcm128_pre : manager->gcm256_pre)(keys.cipher.data(), &state_->key);
  std::memcpy(state_->nonce.data(), keys.cipher.data() + suite.key, 4);
}
IpsecMbGcm::~IpsecMbGcm() = default;

bool IpsecMbGcm::open(std::span<const std::uint8_t> packet, std::span<std::uint8_t> out) {
  constexpr std::size_t head = 16, icv = 16;
  std::array<std::uint8_t, icv> tag{};
  std::memcpy(state_->nonce.data() + 4, packet.data() + 8, 8);
  state_->decrypt(&state_->key, &state_->context, out.data(), packet.data() + head, packet.size() - head - icv,
                  state_->nonce.data(), packet.data(), 8, tag.data(), icv);
  return std::memcmp(tag.data(), packet.data() + packet.size() - icv, icv) == 0;
}

}  // namespace espdump::bench

#else

namespace espdump::bench {

struct IpsecMbGcm::State {};
IpsecMbGcm::IpsecMbGcm(const Suite&, const SuiteKeys&) { throw std::runtime_error("built without libipsec-mb"); }
IpsecMbGcm::~IpsecMbGcm() = default;
bool IpsecMbGcm::open(std::span<const std::uint8_t>, std::span<std::uint8_t>) { return false; }

}  // namespace espdump::bench

#endif
