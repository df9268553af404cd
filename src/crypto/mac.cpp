// Separate integrity algorithms: HMAC (RFC 2104), AES-XCBC (RFC 3566), AES-CMAC (RFC 4493).
// The two block MACs share one code over AES-CBC; what they derive from the key is made anew and wiped each time.
#include "crypto/mac.hpp"

#include <fmt/core.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>

namespace espdump {
namespace {

constexpr std::size_t block_size = 16;
using Block = std::array<std::uint8_t, block_size>;
constexpr Block zero_iv{};

using openssl::Provider;

// What OpenSSL calls the digest of an HMAC.
struct Row {
  Primitive primitive;
  const char* digest;
  std::size_t size;
  Provider provider;
};
constexpr Row hmacs[] = {
    {Primitive::hmac_md5, "MD5", 16, Provider::standard},
    {Primitive::hmac_sha1, "SHA1", 20, Provider::standard},
    {Primitive::hmac_sha256, "SHA256", 32, Provider::standard},
    {Primitive::hmac_sha384, "SHA384", 48, Provider::standard},
    {Primitive::hmac_sha512, "SHA512", 64, Provider::standard},
    {Primitive::hmac_ripemd160, "RIPEMD160", 20, Provider::legacy},
    {Primitive::hmac_sm3, "SM3", 32, Provider::standard},
};

bool encrypt_constant(evp_cipher_ctx_st* ecb, std::uint8_t constant, MutableBytes block) noexcept {
  Block filled;
  filled.fill(constant);
  return openssl::set_iv(ecb, {}) && openssl::update(ecb, filled, block);
}

// Multiplies by x in GF(2^128), RFC 4493 section 2.3; without a branch on what is a secret.
void double_block(MutableBytes block) {
  const auto reduce = static_cast<std::uint8_t>(0x87 & -(block[0] >> 7));
  for (std::size_t i = 0; i + 1 < block.size(); ++i)
    block[i] = static_cast<std::uint8_t>(block[i] << 1 | block[i + 1] >> 7);
  block.back() = static_cast<std::uint8_t>(block.back() << 1 ^ reduce);
}

// Two byte strings read as one.
struct Joined {
  Bytes first, second;
  [[nodiscard]] std::size_t size() const { return first.size() + second.size(); }
  // As much as lies in one run from `offset`, at most `limit` bytes.
  [[nodiscard]] Bytes run(std::size_t offset, std::size_t limit) const {
    const Bytes rest = offset < first.size() ? first.subspan(offset) : second.subspan(offset - first.size());
    return rest.first(std::min(limit, rest.size()));
  }
};

// Chains whole blocks and keeps nothing of the output: only the context's state counts.
bool absorb(evp_cipher_ctx_st* chain, const Joined& message, std::size_t size) noexcept {
  std::array<std::uint8_t, 512> discarded;
  for (std::size_t offset = 0; offset < size;) {
    const Bytes run = message.run(offset, std::min(size - offset, discarded.size() - block_size));
    int written = 0;
    if (EVP_CipherUpdate(chain, discarded.data(), &written, run.data(), static_cast<int>(run.size())) != 1)
      return false;
    offset += run.size();
  }
  wipe(discarded);
  return true;
}

}  // namespace

Result<Mac> Mac::make(const AlgorithmUse& use) { return make(*use.info, reveal(use.key)); }

Result<Mac> Mac::make(const AlgorithmInfo& info, Bytes key) {
  const auto* row = std::find_if(std::begin(hmacs), std::end(hmacs),
                                 [&info](const Row& each) { return each.primitive == info.primitive; });
  if (row == std::end(hmacs)) return make_block_mac(info, key);
  auto context = openssl::keyed_hmac({row->digest, row->provider}, key);
  if (!context) return Unexpected{context.error()};
  Mac mac;
  mac.hmac_ = std::move(*context);
  mac.size_ = row->size;
  return mac;
}

Result<Mac> Mac::make_block_mac(const AlgorithmInfo& info, Bytes key) {
  using openssl::Direction;
  Mac mac;
  mac.xcbc_ = info.primitive == Primitive::aes_xcbc;
  if (!mac.xcbc_ && info.primitive != Primitive::aes_cmac) return fail(fmt::format("{} is not a MAC", info.label));
  if (key.size() < info.key_min || key.size() > info.key_max)
    return fail(fmt::format("a key of {} bits does not fit {}", key.size() * 8, info.label));
  auto derive = openssl::keyed_cipher({openssl::sized_name("AES-{}-ECB", key.size())}, key, Direction::encrypt);
  if (!derive) return Unexpected{derive.error()};
  Block chain_key{};
  if (mac.xcbc_ && !encrypt_constant(derive->get(), 1, chain_key))
    return fail("OpenSSL cannot derive the key of AES-XCBC");
  const Bytes chained = mac.xcbc_ ? Bytes{chain_key} : key;  // of 128 bits, however long the key of the SA is
  auto chain = openssl::keyed_cipher({openssl::sized_name("AES-{}-CBC", chained.size())}, chained, Direction::encrypt);
  wipe(chain_key);
  if (!chain) return Unexpected{chain.error()};
  mac.derive_ = std::move(*derive);
  mac.chain_ = std::move(*chain);
  mac.size_ = block_size;
  return mac;
}

bool Mac::compute(Bytes first, Bytes second, Value& value) noexcept {
  if (!hmac_) {
    const bool done = compute_block_mac(first, second, value);
    if (!done) ERR_clear_error();
    return done;
  }
  std::size_t written = 0;
  const bool done = EVP_MAC_init(hmac_.get(), nullptr, 0, nullptr) == 1 &&
                    EVP_MAC_update(hmac_.get(), first.data(), first.size()) == 1 &&
                    (second.empty() || EVP_MAC_update(hmac_.get(), second.data(), second.size()) == 1) &&
                    EVP_MAC_final(hmac_.get(), value.data(), &written, value.size()) == 1 && written == size_;
  if (!done) ERR_clear_error();
  return done;
}

// What the last block is combined with: one value for a whole block, another for a padded one.
bool Mac::last_block_key(bool whole, MutableBytes block) noexcept {
  if (xcbc_) return encrypt_constant(derive_.get(), whole ? 2 : 3, block);
  if (!encrypt_constant(derive_.get(), 0, block)) return false;
  double_block(block);
  if (!whole) double_block(block);
  return true;
}

bool Mac::compute_block_mac(Bytes first, Bytes second, Value& value) noexcept {
  const Joined message{first, second};
  const std::size_t before = message.size() == 0 ? 0 : (message.size() - 1) / block_size * block_size;
  Block last{}, combine{};
  std::size_t filled = 0;
  for (std::size_t offset = before; offset < message.size();) {
    const Bytes run = message.run(offset, block_size);
    std::copy(run.begin(), run.end(), last.begin() + static_cast<std::ptrdiff_t>(filled));
    filled += run.size();
    offset += run.size();
  }
  if (filled < block_size) last[filled] = 0x80;
  bool done = last_block_key(filled == block_size, combine);
  for (std::size_t i = 0; i < block_size; ++i) last[i] ^= combine[i];
  done = done && openssl::set_iv(chain_.get(), zero_iv) && absorb(chain_.get(), message, before) &&
         openssl::update(chain_.get(), last, MutableBytes{value}.first(block_size));
  wipe(combine);
  wipe(last);
  return done;
}

}  // namespace espdump
