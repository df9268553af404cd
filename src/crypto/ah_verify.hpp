// Verifying the AH packets of one SA (RFC 4302 sections 2 and 3.4.4).
// Not for two threads at once: the contexts are used in place.
#pragma once

#include <espdump/bytes.hpp>
#include <espdump/result.hpp>
#include <espdump/sa.hpp>

#include "crypto/mac.hpp"

namespace espdump {

// What AH protects: the datagram from its IP header on, mutable fields zeroed, as the receiver of this AH sees it.
struct AhDatagram {
  MutableBytes bytes;      // whole, even between calls
  std::size_t header = 0;  // where in it AH begins; room for all of AH is there
};

class AhTransform {
 public:
  // The ready contexts of one SA, whose keys must live as long. Error: algorithm not available, key unusable.
  static Result<AhTransform> make(const SecurityAssociation& sa);

  [[nodiscard]] std::size_t icv_size() const { return icv_size_; }
  // Whether an AH header of so many bytes may be one of this SA's: ICV, truncated or not, and padding to a multiple of
  // 4 bytes or of 8. RFC 4302 wants 4 under IPv4, Linux makes 8 unless told `align4`.
  [[nodiscard]] bool fits(std::size_t header_length) const;
  // Whether a Linux receiver takes it, too: it knows one padding only, that of the SA's `align4` and IP version.
  [[nodiscard]] bool suits_linux(std::size_t header_length, bool under_ipv6) const;
  // How long Linux makes it.
  [[nodiscard]] std::size_t linux_length(bool under_ipv6) const;
  // Whether the ICV is right. The header's length must fit.
  bool verify(const AhDatagram& datagram, std::uint32_t seq_high) noexcept;

 private:
  explicit AhTransform(Mac mac) : mac_(std::move(mac)) {}

  Mac mac_;
  std::size_t icv_size_ = 0;
  bool esn_ = false;
  bool align4_ = false;
};

}  // namespace espdump
