// Which library does the cryptography of the packets that are opened.
#pragma once

#include <cstdint>

#include <espdump/result.hpp>

namespace espdump {

enum class CryptoBackend : std::uint8_t {
  automatic,  // libipsec-mb where it can be used and is faster, OpenSSL for all else
  openssl,    // and, for what OpenSSL lacks or does slowly, libsodium, libgcrypt and nettle
  ipsec_mb,   // as automatic, by those who asked can_use() first
};

// Error: this build or this CPU cannot use the library named, and what to do.
Status can_use(CryptoBackend backend);

// Loads what libraries of ciphers would read from files when it is first wanted, for a process that is about to give up
// opening files. Without it they do so by themselves.
void load_ciphers() noexcept;

}  // namespace espdump
