// OpenSSL contexts that free themselves, and algorithms fetched once per process.
// OpenSSL 3 looks a name up in its providers at each fetch, which costs more than opening a packet.
#include "crypto/openssl.hpp"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <map>
#include <mutex>

namespace espdump::openssl {
namespace {

// Never freed: OpenSSL's own cleanup at exit may run before the destructor of a static of ours.
template <typename T, typename Fetch>
T* fetched(const std::string& name, Fetch fetch) noexcept {
  static std::mutex& mutex = *new std::mutex;
  static auto& known = *new std::map<std::string, T*>;
  const std::lock_guard lock(mutex);
  const auto [entry, added] = known.try_emplace(name, nullptr);
  if (added) entry->second = fetch(name.c_str());
  if (entry->second == nullptr) ERR_clear_error();
  return entry->second;
}

EVP_MAC* hmac() noexcept {
  return fetched<EVP_MAC>("HMAC", [](const char* name) { return EVP_MAC_fetch(nullptr, name, nullptr); });
}

EVP_MD* digest(const std::string& name) noexcept {
  return fetched<EVP_MD>(name, [](const char* text) { return EVP_MD_fetch(nullptr, text, nullptr); });
}

bool failed() noexcept {
  ERR_clear_error();
  return false;
}

}  // namespace

void Free::operator()(evp_cipher_ctx_st* context) const noexcept { EVP_CIPHER_CTX_free(context); }
void Free::operator()(evp_mac_ctx_st* context) const noexcept { EVP_MAC_CTX_free(context); }

const evp_cipher_st* cipher(const std::string& name) noexcept {
  return fetched<EVP_CIPHER>(name, [](const char* text) { return EVP_CIPHER_fetch(nullptr, text, nullptr); });
}

std::string cipher_name(const char* family, std::size_t key_size, const char* mode) {
  return fmt::format("{}-{}-{}", family, key_size * 8, mode);
}

Result<CipherContext> keyed_cipher(const std::string& name, Bytes key, Direction direction) {
  const EVP_CIPHER* algorithm = cipher(name);
  if (algorithm == nullptr) return fail(fmt::format("{} is not available: this OpenSSL has no such cipher", name));
  if (static_cast<std::size_t>(EVP_CIPHER_get_key_length(algorithm)) != key.size())
    return fail(fmt::format("a key of {} bits does not fit {}", key.size() * 8, name));
  CipherContext context{EVP_CIPHER_CTX_new()};
  if (!context ||
      EVP_CipherInit_ex2(context.get(), algorithm, key.data(), nullptr, static_cast<int>(direction), nullptr) != 1 ||
      EVP_CIPHER_CTX_set_padding(context.get(), 0) != 1) {
    ERR_clear_error();
    return fail(fmt::format("OpenSSL refuses the key of {}", name));
  }
  return context;
}

Result<MacContext> keyed_hmac(const std::string& digest_name, Bytes key) {
  if (hmac() == nullptr || digest(digest_name) == nullptr)
    return fail(fmt::format("HMAC-{} is not available: this OpenSSL lacks it", digest_name));
  MacContext context{EVP_MAC_CTX_new(hmac())};
  std::string name = digest_name;
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0),
                               OSSL_PARAM_construct_end()};
  if (key.empty() || !context || EVP_MAC_init(context.get(), key.data(), key.size(), params) != 1) {
    ERR_clear_error();
    return fail(fmt::format("OpenSSL refuses the key of HMAC-{}", digest_name));
  }
  return context;
}

bool set_iv(evp_cipher_ctx_st* context, Bytes iv) noexcept {
  return EVP_CipherInit_ex2(context, nullptr, nullptr, iv.empty() ? nullptr : iv.data(), -1, nullptr) == 1 || failed();
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
