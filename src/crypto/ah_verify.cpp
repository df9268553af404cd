// Verifying the AH packets of one SA (RFC 4302 sections 2 and 3.4.4).
// Only the ICV itself counts as zeros; the padding behind it counts as sent (Linux leaves stale bytes there).
#include "crypto/ah_verify.hpp"

#include <espdump/wire/ah.hpp>

#include <fmt/core.h>
#include <openssl/crypto.h>

#include <algorithm>

#include "crypto/key_at_hand.hpp"

namespace espdump {

Result<AhTransform> AhTransform::make(const SecurityAssociation& sa) {
  const AlgorithmUse& use = sa.integrity;
  if (!makes_icv(use)) return fail("the key file gives it no integrity algorithm, and AH is nothing without");
  if (const Status at_hand = key_at_hand(use); !at_hand) return Unexpected{at_hand.error()};
  if (!is_legal_icv(*use.info, use.icv_bits))
    return fail(fmt::format("{} has no ICV of {} bits", use.info->label, use.icv_bits));
  auto mac = Mac::make(use);
  if (!mac) return Unexpected{mac.error()};
  AhTransform transform{std::move(*mac)};
  transform.esn_ = sa.esn;
  transform.align4_ = sa.align4;
  transform.icv_size_ = use.icv_bits / 8U;
  return transform;
}

bool AhTransform::fits(std::size_t header_length) const {
  for (const std::size_t icv : {icv_size_, mac_.size()})
    for (const bool align4 : {false, true})
      if (header_length == wire::Ah::linux_length(icv, false, align4)) return true;
  return false;
}

// net/ipv4/ah4.c and net/ipv6/ah6.c: the header of the truncated ICV, or of the whole.
bool AhTransform::suits_linux(std::size_t header_length, bool under_ipv6) const {
  return header_length == linux_length(under_ipv6) ||
         header_length == wire::Ah::linux_length(mac_.size(), under_ipv6, align4_);
}

std::size_t AhTransform::linux_length(bool under_ipv6) const {
  return wire::Ah::linux_length(icv_size_, under_ipv6, align4_);
}

bool AhTransform::verify(const AhDatagram& datagram, std::uint32_t seq_high) noexcept {
  const MutableBytes icv = datagram.bytes.subspan(datagram.header + wire::Ah::icv_offset, icv_size_);
  Mac::Value sent{}, value{};
  std::copy(icv.begin(), icv.end(), sent.begin());
  std::fill(icv.begin(), icv.end(), std::uint8_t{0});
  std::array<std::uint8_t, 4> high{};
  write_u32(high, 0, seq_high);
  const bool made = mac_.compute(datagram.bytes, esn_ ? Bytes{high} : Bytes{}, value);
  std::copy_n(sent.begin(), icv_size_, icv.begin());
  return made && CRYPTO_memcmp(value.data(), sent.data(), icv_size_) == 0;
}

}  // namespace espdump
