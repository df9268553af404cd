// What is wrong with an IKE SA, and the words for it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <espdump/codes.hpp>
#include <espdump/decoder.hpp>
#include <espdump/ike.hpp>

namespace espdump {

struct IkeVerdict {
  const FindingInfo* info = nullptr;
  FrameNumber frame = 0;
  std::uint16_t file = 0;
  IkeSaNumber sa = 0;
  std::string what, why, remedy;  // as of a Conclusion; line breaks in `why` are kept in the report
};

// One that stands at a message, without words yet.
IkeVerdict verdict_at(const FindingInfo& info, const IkeSa& sa, const IkeMessage& message);

// What all judgements go by.
struct IkeEvidence {
  const Decoder& decoder;
  std::vector<const IkeSa*> sas;
  std::vector<SaStatistics> ipsec;
  Timestamp last;  // of the capture
};

// A response that has just come: whether it refuses something.
std::optional<IkeVerdict> judge_response(const IkeSa& sa, const IkeExchange& exchange, const Decoder& decoder);
// The same of a request, which may say that the other end's proof was not accepted.
std::optional<IkeVerdict> judge_request(const IkeSa& sa, const IkeExchange& exchange);
// Of a message that cannot be read, what its size tells once the capture is over.
std::optional<IkeVerdict> judge_size(const IkeSa& sa, const IkeEvidence& evidence);
// Answers that want another key exchange group, once the capture shows whether the initiator came back with it.
std::vector<IkeVerdict> judge_groups(const IkeSa& sa);
// Requests that nobody answered, or that had to be sent again.
std::vector<IkeVerdict> judge_silence(const IkeSa& sa, const IkeEvidence& evidence);
// What an IKE SA that came up looks like: NAT, algorithms, modes, SAs used after their end.
std::vector<IkeVerdict> judge_state(const IkeSa& sa, const IkeEvidence& evidence);

// "aes128-sha256-x25519", as swanctl.conf writes it; several with ", " between them.
std::string offers_text(const std::vector<IkeOffer>& offers);
// "10.1.0.0/16, 10.2.0.0/16"
std::string selectors_text(const std::vector<wire::TrafficSelector>& selectors);
// "IKE_AUTH 1"
std::string exchange_text(const IkeExchange& exchange);
// "frame 7", over several captures "frame 1:7".
std::string frame_text(const IkeMessage& message);
// Who began the exchange and who is to answer it.
const IpAddress& asker(const IkeSa& sa, const IkeExchange& exchange);
const IpAddress& answerer(const IkeSa& sa, const IkeExchange& exchange);

}  // namespace espdump
