// Answers, out of what was noted, what decoding would ask bytes and keys for.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include <espdump/dissector.hpp>
#include <espdump/packet.hpp>

#include "decode/ike_children.hpp"
#include "decode/record.hpp"
#include "decode/work.hpp"

namespace espdump {

// The chain of what a recording never unwrapped.
inline constexpr std::uint32_t never_noted = ~std::uint32_t{0};

// What was noted may come from a damaged or forged file: whatever does not fit is taken for not noted.
class Replayer {
 public:
  // The frame, with zeros for contents, in the arena of the packet.
  Bytes begin(const FrameRecord& record, Packet& packet);
  [[nodiscard]] const FrameRecord& frame() const { return *record_; }

  // The layers of a chain; nothing where none were noted.
  std::optional<ChainEnd> chain(Packet& packet, const Work& work);
  void follow(const Work& work) {
    current_ = work.chain;
    next_sealed_ = 0;
    sealed_ = nullptr;
  }
  void children(std::vector<Work>& found) const;

  // The next packet that is to be judged.
  void next_sealed();
  [[nodiscard]] std::uint64_t digest() const { return sealed_ == nullptr ? 0 : sealed_->digest; }
  // Null: it was not tried, and would not have verified.
  [[nodiscard]] const TryRecord* find(KeysId keys, bool esn, std::uint32_t high, std::uint32_t assumed) const;
  [[nodiscard]] IcvDiagnosis diagnosis() const;
  // Whether these keys follow from IKE that was not in sight where the packet was recorded.
  [[nodiscard]] bool lacked(KeysId keys) const;
  [[nodiscard]] std::optional<FlippedBit> flipped(std::uint32_t high_half) const;
  [[nodiscard]] bool behind_nat(KeysId keys) const;

  // What the pieces up to this frame's became.
  void join(Packet& packet, std::size_t layer, const Nesting& around, std::vector<Work>& found) const;
  [[nodiscard]] const InflatedRecord* inflated(Packet& packet) const;
  [[nodiscard]] const IkeMessageRecord* ike() const;
  // The SAs that the message under way made known, with false keys.
  [[nodiscard]] std::vector<AssociationPair> learned(const IkeChild& child);

 private:
  [[nodiscard]] const ChainRecord& now() const { return record_->chains[current_]; }
  static void complain(Packet& packet, const std::vector<FindingRecord>& findings, SaNumber sa);

  const FrameRecord* record_ = nullptr;
  std::uint32_t current_ = 0;
  std::size_t next_sealed_ = 0;
  const SealedRecord* sealed_ = nullptr;
  SecretArena false_keys_;
};

// `kept`, then zeros.
void fill(MutableBytes out, Bytes kept);

}  // namespace espdump
