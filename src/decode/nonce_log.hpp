// The nonces of counter modes that packets came with: one that comes twice under a key gives away what both carry
// (RFC 3686 section 2.2, RFC 4106 section 2, RFC 7634 section 2).
#pragma once

#include <cstdint>

#include <espdump/bytes.hpp>
#include <espdump/packet.hpp>

#include "base/bucket_table.hpp"
#include "decode/sighting.hpp"

namespace espdump {

// The 64 IVs in a row among which the latest one of an SA was, and the digest of them all; 0: none was.
struct NonceRun {
  std::uint64_t number = 0, digest = 0;
};

// Of a whole run, so that SAs which share a key are covered. The latest 1,048,576.
class NonceLog {
 public:
  // Notes the nonce of a packet that verified under a key of that group. An IV that is implicit (RFC 8750) is empty:
  // it is the sequence number. Where the nonce was met before, for another packet, `record` is told where.
  void take(NonceRun& latest, std::uint32_t key_group, Bytes iv, const Sighting& sighting, OpenRecord& record);
  // Asks for what take() will look at, as far as it can be told.
  void expect(const NonceRun& latest, Bytes iv) const noexcept;

 private:
  struct Meeting {
    std::uint64_t nonce = 0;   // keyed hash of key and IV
    std::uint64_t packet = 0;  // digest of the packet that had it
    FrameNumber frame = 0;
    SaNumber sa = 0;
    std::uint16_t file = 0;
  };
  BucketTable<Meeting, &Meeting::nonce, 64, 1U << 20> seen_;
};

}  // namespace espdump
