// Separate integrity algorithms: HMAC with any digest, AES-XCBC and AES-CMAC.
#pragma once

#include <array>

#include <espdump/sa.hpp>

#include "crypto/openssl.hpp"

namespace espdump {

class Mac {
 public:
  static constexpr std::size_t largest = 64;
  using Value = std::array<std::uint8_t, largest>;

  // Error: algorithm not available, key of a wrong length.
  static Result<Mac> make(const AlgorithmUse& use);
  static Result<Mac> make(const AlgorithmInfo& info, Bytes key);

  [[nodiscard]] std::size_t size() const { return size_; }  // bytes before truncation
  // The MAC of `first` followed by `second` into the first size() bytes of `value`. False on failure.
  bool compute(Bytes first, Bytes second, Value& value) noexcept;

 private:
  static Result<Mac> make_block_mac(const AlgorithmInfo& info, Bytes key);
  bool compute_block_mac(Bytes first, Bytes second, Value& value) noexcept;
  bool last_block_key(bool whole, MutableBytes block) noexcept;

  openssl::MacContext hmac_;
  openssl::CipherContext chain_;   // AES-CBC under the key that chains the blocks
  openssl::CipherContext derive_;  // AES-ECB under the SA's own key
  bool xcbc_ = false;
  std::size_t size_ = 0;
};

}  // namespace espdump
