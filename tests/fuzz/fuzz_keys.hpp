// The keys that fuzzed frames are decoded with.
#pragma once

#include <espdump/assert.hpp>
#include <espdump/keystore.hpp>

#include <string_view>

namespace espdump::fuzz {

// Between 192.0.2.1 and 192.0.2.2. Some have neither cipher nor integrity, or none that
// can be checked: what they carry is fuzzed, too.
inline constexpr std::string_view dump = R"(src 192.0.2.1 dst 192.0.2.2
	proto esp spi 0x00001001 reqid 1 mode tunnel
	replay-window 32
	aead rfc4106(gcm(aes)) 0x000102030405060708090a0b0c0d0e0f10111213 128
	sel src 0.0.0.0/0 dst 0.0.0.0/0
src 192.0.2.1 dst 192.0.2.2
	proto esp spi 0x00001002 reqid 1 mode transport
	replay-window 32
	auth-trunc hmac(sha1) 0x000102030405060708090a0b0c0d0e0f10111213 96
	enc cbc(aes) 0x00112233445566778899aabbccddeeff
src 192.0.2.1 dst 192.0.2.2
	proto esp spi 0x00001003 reqid 1 mode beet
	replay-window 32
	aead rfc4106(gcm(aes)) 0x000102030405060708090a0b0c0d0e0f10111213 128
	sel src 10.0.0.1/32 dst 10.0.0.2/32
src 192.0.2.1 dst 192.0.2.2
	proto esp spi 0x00001004 reqid 1 mode tunnel
	replay-window 32
	auth-trunc hmac(sha1) 0x000102030405060708090a0b0c0d0e0f10111213 96
	enc ecb(cipher_null) 
src 192.0.2.1 dst 192.0.2.2
	proto esp spi 0x00001005 reqid 1 mode tunnel
	replay-window 0 flag esn
	aead rfc4106(gcm(aes)) 0x000102030405060708090a0b0c0d0e0f10111213 128
	anti-replay esn context:
	 seq-hi 0x0, seq 0x0, oseq-hi 0x0, oseq 0x0
	 replay_window 128, bitmap-length 4
	 00000000 00000000 00000000 00000000
src 192.0.2.1 dst 192.0.2.2
	proto esp spi 0x00001006 reqid 1 mode tunnel
	replay-window 32
	enc ecb(cipher_null) 
src 192.0.2.1 dst 192.0.2.2
	proto esp spi 0x00001007 reqid 1 mode beet
	replay-window 32
	enc ecb(cipher_null) 
	sel src fd00::1/128 dst fd00::2/128
src 192.0.2.1 dst 192.0.2.2
	proto esp spi 0x00001008 reqid 1 mode tunnel
	replay-window 32
	auth-trunc hmac(sha1) <<Keys hidden>> 96
	enc ecb(cipher_null) 
src 192.0.2.1 dst 192.0.2.2
	proto esp spi 0x00001009 reqid 1 mode tunnel
	replay-window 32
	auth-trunc hmac(sha1) 0x000102030405060708090a0b0c0d0e0f10111213 96
src 192.0.2.1 dst 192.0.2.2
	proto ah spi 0x0000100a reqid 1 mode tunnel
	replay-window 32
	auth-trunc hmac(sha1) 0x000102030405060708090a0b0c0d0e0f10111213 96
)";

inline Keystore sealed_store() {
  Keystore keys;
  const auto report = keys.import_text("fuzz", {reinterpret_cast<const std::uint8_t*>(dump.data()), dump.size()});
  ESPDUMP_ASSERT(report && report->usable == 9);
  keys.seal();
  return keys;
}

}  // namespace espdump::fuzz
