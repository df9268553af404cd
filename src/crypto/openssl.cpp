// OpenSSL contexts that free themselves, and algorithms fetched once per process.
// OpenSSL 3 looks a name up in its providers at each fetch, which costs more than opening a packet.
#include "crypto/openssl.hpp"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include <map>
#include <mutex>
#include <utility>

namespace espdump::openssl {
namespace {

// The legacy algorithms' own context; neither is ever freed, for the reason given at fetched().
struct Legacy {
  OSSL_LIB_CTX* context = nullptr;
  bool loaded = false;  // the provider was found
};

Legacy load_legacy() noexcept {
  OSSL_LIB_CTX* context = OSSL_LIB_CTX_new();
  if (context == nullptr) return {};
  // HMAC is there, and RIPEMD-160 moved there with OpenSSL 3.0.7.
  OSSL_PROVIDER_load(context, "default");
  const bool loaded = OSSL_PROVIDER_load(context, "legacy") != nullptr;
  ERR_clear_error();
  return {context, loaded};
}

const Legacy& legacy() noexcept {
  static const Legacy once = load_legacy();
  return once;
}

OSSL_LIB_CTX* context_of(Provider provider) noexcept {
  return provider == Provider::legacy ? legacy().context : nullptr;
}

// Never freed: OpenSSL's own cleanup at exit may run before the destructor of a static of ours.
template <typename T, typename Fetch>
T* fetched(const Name& name, Fetch fetch) {
  static std::mutex& mutex = *new std::mutex;
  static auto& known = *new std::map<std::pair<std::string, Provider>, T*>;
  const std::lock_guard lock(mutex);
  const auto [entry, added] = known.try_emplace({name.text, name.provider}, nullptr);
  if (added) entry->second = fetch(context_of(name.provider), name.text.c_str());
  if (entry->second == nullptr) ERR_clear_error();
  return entry->second;
}

EVP_MAC* hmac(Provider provider) {
  return fetched<EVP_MAC>({"HMAC", provider},
                          [](OSSL_LIB_CTX* from, const char* name) { return EVP_MAC_fetch(from, name, nullptr); });
}

EVP_MD* digest(const Name& name) {
  return fetched<EVP_MD>(name, [](OSSL_LIB_CTX* from, const char* text) { return EVP_MD_fetch(from, text, nullptr); });
}

Unexpected<Error> missing(const std::string& algorithm, Provider provider) {
  if (provider == Provider::legacy && !legacy().loaded)
    return fail(
        fmt::format("{} is not available: OpenSSL does not find its legacy provider, the module legacy.so; "
                    "Debian 13 has it in the package openssl-provider-legacy",
                    algorithm));
  return fail(fmt::format("{} is not available: this OpenSSL does not have it", algorithm));
}

bool failed() noexcept {
  ERR_clear_error();
  return false;
}

// EVP_CIPHER_CTX_set_padding() would be repeated by OpenSSL with each IV, which costs more than a block of AES.
bool set_no_padding(evp_cipher_ctx_st* context) noexcept {
  unsigned int none = 0;
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_uint(OSSL_CIPHER_PARAM_PADDING, &none), OSSL_PARAM_construct_end()};
  return EVP_CIPHER_CTX_set_params(context, params) == 1;
}

}  // namespace

void load() noexcept {
  OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, nullptr);
  digest({"SHA1", Provider::standard});  // the first that is fetched readies much else
  legacy();
}

void Free::operator()(evp_cipher_ctx_st* context) const noexcept { EVP_CIPHER_CTX_free(context); }
void Free::operator()(evp_mac_ctx_st* context) const noexcept { EVP_MAC_CTX_free(context); }

std::string sized_name(const char* pattern, std::size_t key_size) {
  return fmt::format(fmt::runtime(pattern), key_size * 8);
}

Result<const evp_cipher_st*> cipher(const Name& name) {
  const EVP_CIPHER* found = fetched<EVP_CIPHER>(
      name, [](OSSL_LIB_CTX* from, const char* text) { return EVP_CIPHER_fetch(from, text, nullptr); });
  if (found == nullptr) return missing(name.text, name.provider);
  return found;
}

Result<CipherContext> keyed_cipher(const Name& name, Bytes key, Direction direction) {
  const auto algorithm = cipher(name);
  if (!algorithm) return Unexpected{algorithm.error()};
  CipherContext context{EVP_CIPHER_CTX_new()};
  EVP_CIPHER_CTX* raw = context.get();
  const int encrypt = static_cast<int>(direction);
  // Setting the length fails but for the ciphers with keys of any length.
  if (raw == nullptr || EVP_CipherInit_ex2(raw, *algorithm, nullptr, nullptr, encrypt, nullptr) != 1 ||
      EVP_CIPHER_CTX_set_key_length(raw, static_cast<int>(key.size())) != 1) {
    ERR_clear_error();
    return fail(fmt::format("a key of {} bits does not fit {}", key.size() * 8, name.text));
  }
  if (EVP_CipherInit_ex2(raw, nullptr, key.data(), nullptr, encrypt, nullptr) != 1 || !set_no_padding(raw)) {
    ERR_clear_error();
    return fail(fmt::format("OpenSSL refuses the key of {}", name.text));
  }
  return context;
}

Result<MacContext> keyed_hmac(const Name& name, Bytes key) {
  EVP_MAC* algorithm = hmac(name.provider);
  if (algorithm == nullptr || digest(name) == nullptr) return missing("HMAC-" + name.text, name.provider);
  MacContext context{EVP_MAC_CTX_new(algorithm)};
  std::string digest_name = name.text;
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name.data(), 0),
                               OSSL_PARAM_construct_end()};
  if (key.empty() || !context || EVP_MAC_init(context.get(), key.data(), key.size(), params) != 1) {
    ERR_clear_error();
    return fail(fmt::format("OpenSSL refuses the key of HMAC-{}", name.text));
  }
  return context;
}

bool set_iv(evp_cipher_ctx_st* context, Bytes iv) noexcept {
  return EVP_CipherInit_ex2(context, nullptr, nullptr, iv.empty() ? nullptr : iv.data(), -1, nullptr) == 1 || failed();
}

// TLS makes its nonces as ESP does, of a fixed part and one that each record carries.
bool salt_gcm(evp_cipher_ctx_st* context, Bytes salt) noexcept {
  if (salt.size() != 4) return false;
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TLS1_IV_FIXED,
                                                                 const_cast<std::uint8_t*>(salt.data()), salt.size()),
                               OSSL_PARAM_construct_end()};
  return EVP_CIPHER_CTX_set_params(context, params) == 1 || failed();
}

bool begin_gcm(evp_cipher_ctx_st* context, Bytes iv, Bytes icv) noexcept {
  // Both are only read, but parameters are not const.
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, const_cast<std::uint8_t*>(icv.data()), icv.size()),
      OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TLS1_SET_IV_INV, const_cast<std::uint8_t*>(iv.data()),
                                        iv.size()),
      OSSL_PARAM_construct_end()};
  return EVP_CIPHER_CTX_set_params(context, params) == 1 || failed();
}

bool update(evp_cipher_ctx_st* context, Bytes in, MutableBytes out) noexcept {
  int written = 0;
  if (in.size() > largest_message || out.size() != in.size()) return false;
  if (EVP_CipherUpdate(context, out.data(), &written, in.data(), static_cast<int>(in.size())) != 1) return failed();
  return static_cast<std::size_t>(written) == in.size();
}

bool update_aad(evp_cipher_ctx_st* context, Bytes in) noexcept {
  int written = 0;
  if (in.size() > largest_message) return false;
  return EVP_CipherUpdate(context, nullptr, &written, in.data(), static_cast<int>(in.size())) == 1 || failed();
}

}  // namespace espdump::openssl
