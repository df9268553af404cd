// Notes what decoding a frame shows, for partial results.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include <espdump/dissector.hpp>
#include <espdump/keystore.hpp>

#include "decode/ike_children.hpp"
#include "decode/record.hpp"
#include "decode/work.hpp"

namespace espdump {

class Recorder {
 public:
  // Until finish() all that is noted goes to `out`.
  void begin(const Frame& frame, FrameRecord& out);
  // Once the packet is decoded: what of its bytes later steps look at. Contents are left out.
  void finish();

  // The layers from `before` on, and the findings from there on, which dissecting `work` yielded.
  void chain(const Packet& packet, const Work& work, std::size_t before, std::size_t findings, const ChainEnd& end);
  // What is noted from now on is about that chain.
  void follow(const Work& work) { current_ = work.chain; }
  // Numbers what it was unwrapped to.
  void children(std::vector<Work>& found);

  void sealed(std::uint64_t digest);
  // Whether what an opener is asked for is to be noted.
  void set_trying(bool trying) { trying_ = trying; }
  [[nodiscard]] bool trying() const { return trying_; }
  void tried(const TryRecord& one) {
    now().tries.push_back(one);
    payloads_.emplace_back();
  }
  // What the last of these carries.
  void carries(const EspTrailer& trailer, bool convincing);
  // The latest packet is taken for what that payload is of.
  void opened(Bytes payload);
  void counter_iv(std::size_t size) { chain_extra_[current_] = size; }
  void diagnosed(const IcvDiagnosis& diagnosis) { now().diagnosis = diagnosis; }
  void repaired(const FlippedBit& flipped, std::uint32_t high_half) {
    now().flipped = flipped;
    now().flipped_high = high_half;
  }
  void tried_learned() { now().tried_learned = true; }
  void behind_nat(KeysId keys) { now().behind_nat.push_back(keys); }

  void joined(const Packet& packet, const Layer& layer, const std::vector<Work>& found, std::size_t findings);
  void inflated(const Packet& packet, std::uint8_t next_header, std::size_t size, bool whole, std::size_t findings);
  void begin_ike(std::uint64_t digest) { record_->chains[current_].ike.emplace().digest = digest; }
  // The SAs that it made known, and which keys these have.
  void learned(const IkeSa& sa, const IkeExchange& exchange, const Keystore& keystore,
               std::vector<AssociationPair>& made);
  // Of a copy what the first one was found to be: the frame with that may be kept by nobody.
  void end_ike();
  // Of the message under way; null: there is none.
  IkeMessageRecord* ike() { return record_->chains[current_].ike ? &*record_->chains[current_].ike : nullptr; }

 private:
  struct Parent {
    std::uint32_t chain = 0, child = 0;  // its number among the children
  };
  SealedRecord& now() { return record_->chains[current_].sealed.back(); }
  [[nodiscard]] std::vector<std::uint8_t> kept_of(std::uint32_t place) const;
  void give(std::uint32_t place, std::vector<std::uint8_t> kept);
  static std::vector<FindingRecord> findings_of(const Packet& packet, std::size_t from, bool of_opened);

  static constexpr std::size_t most_known = 4096;

  FrameRecord* record_ = nullptr;
  std::map<std::uint64_t, IkeMessageRecord> known_;  // by digest: what no copy shows by itself
  std::uint32_t current_ = 0;
  bool trying_ = false;
  std::vector<Work> works_;               // by chain
  std::vector<Parent> parents_;           // by chain
  std::vector<std::size_t> chain_extra_;  // by chain: bytes behind its last header that are kept, too
  std::vector<Bytes> payloads_;           // by try, of the latest sealed packet
  struct Opened {
    std::size_t place = 0;  // of the try
    Bytes payload;
  };
  std::vector<Opened> opened_;  // by chain: the try that was believed
};

}  // namespace espdump
