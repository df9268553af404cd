// The receive path of one ESP or AH packet: which SA, which number, authentic or not, and what is inside.
#pragma once

#include <optional>

#include <espdump/decoder.hpp>
#include <espdump/packet.hpp>

#include "decode/flow.hpp"
#include "decode/lessons.hpp"
#include "decode/nonce_log.hpp"
#include "decode/sighting_log.hpp"
#include "decode/tape.hpp"
#include "decode/trials.hpp"

namespace espdump {

// An opened packet. What ESP carried lives in the arena of the packet, what AH carried stands where it stood.
struct Contents {
  const SecurityAssociation* association = nullptr;
  EspTrailer trailer;
};

class Receiver {
 public:
  Receiver(FlowTable& flows, DecoderOptions options, Lessons& lessons, const Tape& tape)
      : flows_(flows),
        lessons_(lessons),
        tape_(tape),
        trials_(options.verify_only),
        openers_(options.crypto, tape),
        notes_nonces_(options.note_nonces) {}

  // Fills `record` (whose addresses, SPI, low sequence half and length are set) with verdicts, counts, and adds what
  // is malformed to `packet`. The contents where they could be opened and make sense.
  std::optional<Contents> receive(const Arrival& input, OpenRecord& record, Packet& packet);
  // Replayed packets of SAs whose keys nobody knew where they were recorded.
  [[nodiscard]] std::uint64_t untried() const { return untried_; }
  // Asks for what an ESP packet of this candidate will look at beside its flow.
  void expect(const Candidate& current, Bytes sealed) const noexcept;

 private:
  bool unchecked(Flow& flow, const Arrival& input, OpenRecord& record, Packet& packet);
  Candidate* blamed_candidate(Flow& flow, const Arrival& input) const;
  void refuse(Flow& flow, const Arrival& input, OpenRecord& record, Packet& packet);
  void note_tried(const Flow& flow) const;
  void diagnose(Candidate& blamed, Session& session, const Arrival& input, OpenRecord& record, FrameNumber frame);
  void note_diagnosis(Candidate& blamed, Session& session, const Arrival& input);
  [[nodiscard]] bool is_behind_nat(const Candidate& candidate, const SealedPacket& sealed) const;
  Opening try_out(Flow& flow, const Arrival& input, Packet& packet);
  void judge(const Arrival& input, const Opening& opening, Session& session, OpenRecord& record);
  std::optional<Contents> accept(Flow& flow, const Arrival& input, Opening& opening, OpenRecord& record,
                                 Packet& packet);

  void teach(const Flow& flow, const Opening& opening);
  void count(const Arrival& input, OpenRecord& record, const Packet& packet);

  static constexpr std::uint32_t most_repairs = 8;  // of one SA

  FlowTable& flows_;
  Lessons& lessons_;
  const Tape& tape_;
  SightingLog log_;
  NonceLog nonces_;
  Trials trials_;
  Openers openers_;
  bool notes_nonces_;
  std::uint64_t untried_ = 0;
  std::uint32_t diagnoses_left_ = 4096;       // of about a hundred trials each
  std::uint64_t repair_budget_ = 512U << 20;  // bytes to verify in a run: about a second
};

}  // namespace espdump
