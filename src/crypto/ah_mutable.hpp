// The fields that AH's ICV does not protect, because routers change them (RFC 4302 section 3.3.3.1 and appendix A).
#pragma once

#include <espdump/bytes.hpp>

namespace espdump {

// Zeroes them in `headers`, an IP header with its options or extension headers up to AH, and puts the addresses of a
// source route as they are on arrival. As Linux does it (ah4.c, ah6.c). What comes behind an option that does not fit
// is left alone.
void zero_mutable_fields(MutableBytes headers) noexcept;

}  // namespace espdump
