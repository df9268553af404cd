// The pseudorandom functions of IKEv2 and prf+ (RFC 7296 section 2.13).
#pragma once

#include <cstddef>
#include <span>

#include <espdump/bytes.hpp>
#include <espdump/ike_keys.hpp>
#include <espdump/result.hpp>

namespace espdump {

// Bytes of its output, which is also the length of its preferred key; 0 for Prf::unknown.
std::size_t prf_size(Prf prf) noexcept;

// prf(key, parts[0] | parts[1] | …) into `out`, of prf_size(). Error: not available in this OpenSSL.
Status compute_prf(Prf prf, Bytes key, std::span<const Bytes> parts, MutableBytes out);
// prf+(key, parts[0] | parts[1] | …), as many bytes as `out` has; at most 255 times prf_size().
Status prf_plus(Prf prf, Bytes key, std::span<const Bytes> parts, MutableBytes out);

}  // namespace espdump
