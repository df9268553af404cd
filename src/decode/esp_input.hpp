// The receive path of one ESP packet: which SA, which number, authentic or not, and what is inside.
#pragma once

#include <optional>

#include <espdump/decoder.hpp>
#include <espdump/packet.hpp>

#include "crypto/esp_open.hpp"
#include "decode/flow.hpp"

namespace espdump {

// An ESP packet as it was met: whole IP payload, after reassembly and decapsulation.
struct EspInput {
  Bytes bytes;             // from the SPI on, as far as captured
  std::size_t length = 0;  // on the wire, to the end of the ICV
  Sighting sighting;
};

// An opened packet. The payload lives in the arena of the packet.
struct EspContents {
  const SecurityAssociation* association = nullptr;
  EspTrailer trailer;
};

class EspReceiver {
 public:
  EspReceiver(FlowTable& flows, DecoderOptions options) : flows_(flows), options_(options) {}

  // Fills `record` (whose addresses, SPI, low sequence half and length are set) with verdicts, counts, and adds what
  // is malformed to `packet`. The contents where they could be opened and make sense.
  std::optional<EspContents> receive(const EspInput& input, OpenRecord& record, Packet& packet);

 private:
  // A candidate under which the packet verified.
  struct Opening {
    Candidate* candidate = nullptr;
    EspTransform::Outcome outcome = EspTransform::Outcome::bad_icv;
    std::uint32_t high = 0;
    MutableBytes plaintext;  // empty where nothing is decrypted
    std::optional<EspTrailer> trailer;
    bool believed = false;  // it verified, or makes sense
  };
  bool unchecked(Flow& flow, const EspInput& input, OpenRecord& record, Packet& packet);
  [[nodiscard]] bool will_decrypt(const Candidate& candidate) const;
  bool is_believed(const Candidate& candidate, const Opening& opening) const;
  bool finds_icv(Candidate& candidate, const EspInput& input, Packet& packet);
  Opening attempt(Candidate& candidate, const EspInput& input, Packet& packet);
  Opening open(Flow& flow, const EspInput& input, Packet& packet);
  Opening try_candidate(Candidate& candidate, const EspInput& input, Packet& packet);
  Opening try_high_half(Candidate& candidate, const EspParts& parts, std::uint32_t high, MutableBytes out);
  void refuse(Flow& flow, const EspInput& input, OpenRecord& record, Packet& packet);
  void judge(const EspInput& input, const Opening& opening, Session& session, OpenRecord& record);
  std::optional<EspContents> accept(Flow& flow, const EspInput& input, Opening& opening, OpenRecord& record,
                                    Packet& packet);

  void count(const EspInput& input, OpenRecord& record, const Packet& packet);

  FlowTable& flows_;
  DecoderOptions options_;
};

}  // namespace espdump
