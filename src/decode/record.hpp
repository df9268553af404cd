// What a frame's decoding showed that only its bytes and the keys can show, so that the rest can be done again without
// either: layers, what trying keys came to, what was put together, what IKE messages said.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <espdump/capture.hpp>
#include <espdump/decoder.hpp>
#include <espdump/dissector.hpp>
#include <espdump/ike.hpp>
#include <espdump/packet.hpp>
#include <espdump/sa.hpp>

#include "decode/opener.hpp"

namespace espdump {

// Which keys an SA has, as a number that is the same in all partial results of a job, and says nothing about them: of a
// loaded one the groups of its keys, of a learned one where it came from.
using KeysId = std::uint64_t;
inline constexpr KeysId learned_keys = std::uint64_t{1} << 63;
// By which number a false key stands for each of the two.
inline std::uint64_t encryption_of(KeysId keys) { return keys & learned_keys ? keys : keys >> 32; }
inline std::uint64_t integrity_of(KeysId keys) { return keys & learned_keys ? ~keys : keys & 0xffffffff; }
inline KeysId keys_of(const SecurityAssociation& sa) noexcept {
  return sa.keys_id != 0 ? sa.keys_id
                         : std::uint64_t{sa.encryption.key_group} << 32 | std::uint64_t{sa.integrity.key_group};
}

// Offsets count from the first byte of what the chain was given.
struct LayerRecord {
  const Protocol* protocol = nullptr;
  std::uint32_t header = 0, header_size = 0;
  std::uint32_t payload = 0, payload_size = 0;
  std::uint64_t claimed = 0;
  std::uint32_t reached_by = 0;
  std::uint32_t outer = 0;  // 0: what the chain came out of; else one of its own layers, from 1
  bool quoted = false, malformed = false;
};

struct FindingRecord {
  const FindingInfo* info = nullptr;
  std::string message, remedy;
  bool of_opened = false;  // about the SA of the packet that was opened around
};

// What trying one SA came to.
struct TryRecord {
  KeysId keys = 0;
  std::uint32_t high = 0;     // half of the number
  std::uint32_t assumed = 0;  // bytes of an ICV that nobody can verify
  Opener::Outcome outcome = Opener::Outcome::bad_icv;
  bool esn = false;
  bool has_trailer = false;
  bool standard_padding = true, convincing = false;
  std::uint8_t pad_length = 0, next_header = 0;
  std::uint32_t payload_size = 0;
  std::vector<std::uint8_t> kept;  // the first bytes of the payload: headers
};

struct SealedRecord {
  std::uint64_t digest = 0;  // of the packet's bytes
  std::vector<TryRecord> tries;
  std::optional<IcvDiagnosis> diagnosis;
  std::optional<FlippedBit> flipped;
  std::uint32_t flipped_high = 0;  // of the sequence number, under which it verifies then
  bool tried_learned = false;      // in vain: keys that IKE made known
  std::vector<KeysId> behind_nat;  // SAs under which it verifies with their addresses
};

// What became whole with a frame.
struct PieceRecord {
  std::uint64_t size = 0, claimed = 0;
  Claim claim;
  Origin origin = Origin::capture;
  bool in_place = false;  // inside the layer's payload, at that offset
  std::uint64_t offset = 0;
  bool overlapped = false;
  std::vector<std::uint8_t> kept;
};

struct InflatedRecord {
  std::uint8_t next_header = 0;
  std::uint64_t size = 0;
  std::vector<std::uint8_t> kept;
};

// The keys of a pair of SAs that an exchange made known: for packets of its initiator, and the others.
struct LearnedRecord {
  KeysId forth = 0, back = 0;
  std::uint16_t encryption_size = 0, integrity_size = 0;  // bytes
};

struct IkeMessageRecord {
  std::uint64_t digest = 0;
  IkeSealed sealed = IkeSealed::cleartext;
  bool opened = false;
  std::uint8_t first = 0;  // of what was inside
  std::uint64_t size = 0;
  Origin origin = Origin::decrypted;
  IkeContents contents;  // nonces are zeros of their size
  std::vector<LearnedRecord> learned;
  bool lacks_beginning = false;  // a response that keys would follow from, had what came before it been seen
};

// A chain of layers, and what its last one was unwrapped to.
struct ChainRecord {
  bool known = false;
  std::vector<LayerRecord> layers;
  std::vector<FindingRecord> findings;
  Step::Kind end = Step::Kind::end;
  std::uint32_t last = 0;  // layer in which it ended, from the first of the chain
  bool shortfall = false;
  std::uint32_t first_child = 0, children = 0;  // places in FrameRecord::chains
  std::vector<SealedRecord> sealed;             // in the order in which they were judged
  std::vector<PieceRecord> pieces;
  std::vector<FindingRecord> join_findings;
  std::optional<InflatedRecord> inflated;
  std::optional<IkeMessageRecord> ike;
};

struct FrameRecord {
  FrameNumber number = 0;
  std::uint16_t file = 0;
  std::uint32_t interface = 0;
  Timestamp time;
  std::uint32_t link_type = 0;
  std::uint64_t size = 0, wire_length = 0;
  std::vector<std::uint8_t> kept;   // its first bytes: headers
  std::vector<ChainRecord> chains;  // [0]: of the frame itself
  std::size_t memory = 0;           // bytes that it takes beside itself, where it was read
};

// Records are read in place of others for the sake of their memory; much of it is given back before.
inline void give_back(FrameRecord& record) {
  constexpr std::size_t much = 16 * 1024;
  if (record.memory > much) record = FrameRecord{};
}

}  // namespace espdump
