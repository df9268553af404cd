// Each candidate is tried as its SA says: first the one that verified last, then exact destinations, then the others.
// Under ESN a candidate is tried with several high halves (RFC 4303 appendix A).
#include "decode/trials.hpp"

#include <bit>

#include "decode/epochs.hpp"
#include "decode/plausible.hpp"

namespace espdump {

// Where a plaintext goes; allocated when it is needed.
class Trials::Room {
 public:
  Room(Packet& packet, std::size_t size) : packet_(packet), size_(size) {}
  MutableBytes bytes() {
    if (bytes_.size() != size_) bytes_ = packet_.allocate(size_);
    return bytes_;
  }

 private:
  Packet& packet_;
  std::size_t size_;
  MutableBytes bytes_;
};

Opening Trials::try_high_half(Candidate& candidate, const Arrival& input, std::uint32_t high, Room& room) const {
  Opening opening;
  opening.high = high;
  const SealedPacket& sealed = input.sealed;
  if (input.ahead != nullptr && input.ahead->answers(*candidate.association, high, sealed.bytes)) {
    opening.outcome = input.ahead->outcome;
    if (opening.outcome == Opener::Outcome::bad_icv) return opening;
    opening.candidate = &candidate;
    opening.trailer = input.ahead->trailer;
    return opening;
  }
  Opener& opener = *candidate.opener;
  const bool opens = will_open(candidate);
  opening.outcome = opens ? opener.open(sealed, high, room.bytes()) : opener.verify(sealed, high);
  if (opening.outcome == Opener::Outcome::bad_icv) return opening;
  opening.candidate = &candidate;
  if (opens) opening.trailer = opener.contents(sealed, room.bytes());
  return opening;
}

Opening Trials::try_candidate(Candidate& candidate, const Arrival& input, Packet& packet) const {
  const std::optional<std::size_t> size = candidate.opener->plaintext_size(input.sealed);
  if (!size) return {};
  Room room{packet, *size};
  if (!candidate.association->esn) return try_high_half(candidate, input, 0, room);
  if (candidate.session != nullptr && candidate.session->started()) {
    const std::uint32_t high = candidate.session->high_half(input.low_half());
    for (const std::uint32_t half : {high, high - 1, high + 1})
      if (Opening opening = try_high_half(candidate, input, half, room); opening.candidate != nullptr) return opening;
  }
  // The search is wide for the 1st, 2nd, 4th, 8th … failure only: an SA whose key is wrong must not cost it each time.
  const bool started = candidate.session != nullptr && candidate.session->started();
  const bool wide = std::has_single_bit(candidate.failures + 1);
  if (started && (!wide || candidate.failures < 16)) return {};
  for (const std::uint32_t half : first_high_halves(*candidate.association, wide))
    if (Opening opening = try_high_half(candidate, input, half, room); opening.candidate != nullptr) return opening;
  return {};
}

// Without an ICV only sense can choose between several SAs, or believe an SA of another destination. Where an ICV is
// there but its key is not, the first packet must show that the SA's sizes and cipher are right.
bool Trials::is_believed(const Candidate& candidate, const Opening& opening) const {
  if (opening.outcome == Opener::Outcome::verified) return true;
  if (opening.outcome == Opener::Outcome::unchecked) {
    if (!opening.trailer) return false;
    const bool shown = candidate.session != nullptr && candidate.session->counts.decrypted != 0;
    return shown ? opening.trailer->standard_padding && is_plausible(*opening.trailer)
                 : is_convincing(*opening.trailer);
  }
  if (verify_only_) return !candidate.by_spi_alone;
  return opening.trailer && opening.trailer->standard_padding && is_plausible(*opening.trailer);
}

// Key files may leave out the integrity of an SA. Where its packets make no sense without an ICV, they may with one.
bool Trials::finds_icv(Candidate& candidate, const Arrival& input, Packet& packet) const {
  constexpr std::size_t sizes[] = {12, 16, 8, 20, 24, 32, 48, 64};
  Opener& opener = *candidate.opener;
  const bool opened_before = candidate.session != nullptr && candidate.session->counts.decrypted != 0;
  const bool worth_it = std::has_single_bit(candidate.failures + 1);  // for the reason given at the high halves
  if (opener.has_integrity() || !will_open(candidate) || opened_before || !worth_it) return false;
  for (const std::size_t size : sizes) {
    opener.assume_icv(size);
    const Opening opening = try_candidate(candidate, input, packet);
    if (opening.candidate != nullptr && is_believed(candidate, opening)) return true;
  }
  opener.assume_icv(0);
  return false;
}

Opening Trials::attempt(Candidate& candidate, const Arrival& input, Packet& packet) const {
  if (candidate.opener == nullptr) return {};
  Opening opening = try_candidate(candidate, input, packet);
  opening.believed = opening.candidate != nullptr && is_believed(candidate, opening);
  if (!opening.believed && finds_icv(candidate, input, packet)) {
    candidate.tell_shortcoming();
    opening = try_candidate(candidate, input, packet);
    opening.believed = true;
  }
  candidate.failures = opening.believed ? 0 : candidate.failures + 1;
  return opening;
}

Opening Trials::open(Flow& flow, const Arrival& input, Packet& packet) const {
  if (flow.current == nullptr) return search(flow, input, packet, {});
  const Opening opening = attempt(*flow.current, input, packet);
  return opening.believed ? opening : search(flow, input, packet, opening);
}

void Trials::try_others(Flow& flow, const Arrival& input, Packet& packet) const {
  constexpr std::uint64_t many = 64;
  for (Candidate& candidate : flow.candidates) {
    const auto size = candidate.opener == nullptr ? std::nullopt : candidate.opener->plaintext_size(input.sealed);
    if (!size) continue;
    Room room{packet, *size};
    const bool esn = candidate.association->esn && candidate.opener->has_integrity();
    if (!candidate.opener->can_verify()) try_high_half(candidate, input, 0, room);
    if (esn && candidate.failures < many)
      for (const std::uint32_t half : first_high_halves(*candidate.association, true))
        if (try_high_half(candidate, input, half, room).candidate != nullptr) break;
  }
}

// Among all candidates but the current one, which `first` is of.
Opening Trials::search(Flow& flow, const Arrival& input, Packet& packet, const Opening& first) const {
  Opening opening = first, unlikely;  // an SA without integrity takes what no other wants, sense or not
  const auto is_last_resort = [&](const Candidate& candidate) {
    return opening.outcome == Opener::Outcome::unauthenticated && !candidate.by_spi_alone &&
           unlikely.candidate == nullptr;
  };
  if (flow.current != nullptr && is_last_resort(*flow.current)) unlikely = opening;
  for (Candidate& candidate : flow.candidates) {
    if (&candidate == flow.current) continue;
    opening = attempt(candidate, input, packet);
    if (opening.believed) return opening;
    if (is_last_resort(candidate)) unlikely = opening;
  }
  return unlikely;
}

}  // namespace espdump
