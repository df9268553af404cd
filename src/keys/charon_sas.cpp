// An IKE SA has a number of its own from "CREATED => CONNECTING" to "… => DESTROYING". Numbers begin again at 1 when
// charon is started, and logs of several hosts may stand in one file.
#include "keys/charon_sas.hpp"

#include "keys/text.hpp"

namespace espdump::keys {

CharonSas::Sa& CharonSas::at(std::uint32_t sa) {
  constexpr std::size_t most = 65536;
  if (sas_.size() == most && sas_.find(sa) == sas_.end()) sas_.clear();
  return sas_[sa];
}

const CharonSas::Sa* CharonSas::find(std::uint32_t sa) const {
  const auto found = sas_.find(sa);
  return found == sas_.end() ? nullptr : &found->second;
}

void CharonSas::read(const CharonLine& line) {
  if (line.group == "DMN" && starts_with(line.message, "Starting ")) sas_.clear();
  if (line.group == "IKE" && starts_with(line.message, "IKE_SA ")) change_state(line.message);
  if (!line.sa) return;
  constexpr std::string_view selected = "selected proposal: IKE:";
  if (line.group == "CFG" && starts_with(line.message, selected))
    at(*line.sa).proposal = line.message.substr(selected.size());
  const bool message = starts_with(line.message, "parsed ") || starts_with(line.message, "generating ");
  if (line.group == "ENC" && message && line.message.find(" IKE_INTERMEDIATE ") != std::string_view::npos)
    at(*line.sa).intermediate = true;
}

// "IKE_SA lab[1] state change: CREATED => CONNECTING", logged under any number.
void CharonSas::change_state(std::string_view message) {
  constexpr std::string_view change = "] state change: ";
  const auto close = message.find(change);
  if (close == std::string_view::npos) return;
  const auto bracket = message.rfind('[', close);
  if (bracket == std::string_view::npos) return;
  const auto sa = number(message.substr(bracket + 1, close - bracket - 1));
  if (!sa) return;
  const std::string_view states = message.substr(close + change.size());
  if (starts_with(states, "CREATED => ")) {
    // One that exchanged nonces does not begin again: two IKE SAs of that number are mixed.
    Sa& begun = at(*sa);
    const bool mixed = begun.created != 0 && begun.spis.responder != 0;
    begun = {};
    begun.created = mixed ? 0 : ++created_;
  } else if (ends_with(states, " => ESTABLISHED")) {
    at(*sa).established = true;
  } else if (ends_with(states, " => DESTROYING")) {
    sas_.erase(*sa);
  }
}

void CharonSas::name(Sa& sa, SpiPair spis) {
  sa.awaits = Awaits::nothing;
  table_.set_spis(*sa.keys, spis.initiator, spis.responder);
}

// The first message has the initiator's SPI alone, the answer both. Later ones do not count: an IKE SA that was rekeyed
// may send them, too.
void CharonSas::hashed(std::uint32_t number, unsigned thread, SpiPair spis) {
  Sa& sa = at(number);
  if (sa.created == 0 || sa.established) return;
  const bool first = spis.responder == 0;
  const std::uint64_t known = first ? sa.spis.initiator : sa.spis.responder;
  const bool fits = first || sa.spis.initiator == spis.initiator;
  if (!fits || (known != 0 && known != (first ? spis.initiator : spis.responder))) {
    sa = {};  // another IKE SA of that number is mixed in
    return;
  }
  (first ? sa.spis.initiator : sa.spis.responder) = first ? spis.initiator : spis.responder;
  if (!first && sa.awaits == Awaits::hash && sa.thread == thread) name(sa, sa.spis);
}

void CharonSas::sent(std::uint32_t number, SpiPair spis) {
  if (awaits_header(number) && spis.initiator != 0 && spis.responder != 0) name(at(number), spis);
}

bool CharonSas::awaits_header(std::uint32_t sa) const {
  const Sa* known = find(sa);
  return known != nullptr && known->awaits == Awaits::header;
}

std::string_view CharonSas::proposal(std::uint32_t sa) const {
  const Sa* known = find(sa);
  return known == nullptr ? std::string_view{} : known->proposal;
}

std::uint64_t CharonSas::beginning(std::uint32_t sa) const {
  const Sa* known = find(sa);
  return known == nullptr ? 0 : known->created;
}

// Keys are renewed before the IKE SA is established, and only by exchanges made for that (RFC 9370).
bool CharonSas::owns_keys(std::uint32_t sa) const {
  const Sa* known = find(sa);
  return known != nullptr && known->created != 0 && !known->established && (!known->keys || known->intermediate);
}

void CharonSas::own(std::uint32_t number, std::uint32_t keys, unsigned thread, bool successor) {
  Sa& sa = at(number);
  sa.keys = keys, sa.thread = thread;
  sa.intermediate = false;
  sa.awaits = successor ? Awaits::header : Awaits::hash;
  if (sa.spis.responder != 0) name(sa, sa.spis);
}

std::optional<std::uint32_t> CharonSas::keys_of(std::uint32_t sa) const {
  const Sa* known = find(sa);
  return known == nullptr || known->established ? std::nullopt : known->keys;
}

}  // namespace espdump::keys
