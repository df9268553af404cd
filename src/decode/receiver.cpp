// The order of RFC 4303 section 3.4 and RFC 4302 section 3.4: look up, ICV, number, decrypt, trailer.
// Nothing unverified is handed out.
#include "decode/receiver.hpp"

#include <espdump/codes.hpp>

#include <array>
#include <bit>
#include <string>

#include "decode/diagnose.hpp"
#include "decode/epochs.hpp"
#include "decode/plausible.hpp"
#include "decode/repair.hpp"

namespace espdump {
namespace {

constexpr std::uint8_t next_header_dummy = 59;

std::uint32_t low_half(const Arrival& input) { return static_cast<std::uint32_t>(input.sighting.sequence); }

// Linux: esp_remove_trailer() wants at least one byte of payload; a dummy packet is an error to it.
bool receiver_fails(const std::optional<EspTrailer>& trailer) {
  return !trailer || trailer->payload.empty() || trailer->next_header == next_header_dummy;
}

// Where the IV is implicit (RFC 8750), it is the sequence number.
std::uint64_t nonce_digest(std::uint32_t key_group, std::uint64_t sequence, Bytes iv) {
  std::array<std::uint8_t, 12> facts{};
  write_u32(facts, 0, key_group);
  write_u32(facts, 4, static_cast<std::uint32_t>(sequence >> 32));
  write_u32(facts, 8, static_cast<std::uint32_t>(sequence));
  const std::uint64_t digest = keyed_hash(Bytes{facts}.first(iv.empty() ? facts.size() : 4), iv);
  return digest == 0 ? 1 : digest;
}

// Under a separate ICV a wrong cipher key still yields noise that verifies, and one packet of it in some hundred looks
// possible. So a packet that does not convince is believed only while nothing has spoken against the cipher.
bool makes_sense(Session& session, const Opener& opener, const std::optional<EspTrailer>& trailer) {
  if (!trailer) return false;
  if (!opener.decrypts()) return true;
  if (opener.has_authentic_contents()) return is_plausible(*trailer, true);
  if (!is_plausible(*trailer)) {
    session.cipher_doubted = true;
    return false;
  }
  session.cipher_proven = session.cipher_proven || is_convincing(*trailer);
  return session.cipher_proven || !session.cipher_doubted;
}

// Of an SA whose key file does not say its mode. What BEET carries looks like transport mode.
SaMode mode_of(std::uint8_t next_header) {
  constexpr std::uint8_t ipv4 = 4, ipv6 = 41, dummy = 59;
  if (next_header == dummy) return SaMode::unknown;
  return next_header == ipv4 || next_header == ipv6 ? SaMode::tunnel : SaMode::transport;
}

std::string cut_text(const Arrival& input, IpsecProtocol protocol) {
  const bool esp = protocol == IpsecProtocol::esp;
  return "captured " + std::to_string(input.sealed.bytes.size()) + " of " + std::to_string(input.length) +
         (esp ? " bytes of ESP: the ICV is not in the capture"
              : " bytes from AH on: what the ICV covers is not all in the capture");
}

}  // namespace

// Frames that no key can judge: captured twice, cut, of an unknown SPI, or of an SA without a usable key.
bool Receiver::unchecked(Flow& flow, const Arrival& input, OpenRecord& record, Packet& packet) {
  Candidate* known = nullptr;
  bool have_key = false;
  for (Candidate& candidate : flow.candidates) {
    candidate.prepare();
    have_key = have_key || candidate.opener != nullptr;
    if (known == nullptr && !candidate.by_spi_alone) known = &candidate;
  }
  if (flow.current != nullptr) known = flow.current;
  const bool cut = input.sealed.bytes.size() < input.length;
  if (!cut && have_key) return false;
  if (known != nullptr)
    record.unchecked = cut ? Unchecked::cut : Unchecked::no_key;
  else
    record.unchecked = Unchecked::no_sa;
  Session& session = known != nullptr ? flows_.session_of(flow, *known) : flows_.unknown_session_of(flow);
  record.sa = session.counts.number;
  if (known != nullptr) record.mode = known->association->mode;
  if (cut) {
    ++session.counts.cut;
    packet.add_finding(codes::esp_truncated_capture, cut_text(input, record.protocol), record.sa);
  }
  session.note_unverified(low_half(input));
  return true;
}

bool Receiver::will_open(const Candidate& candidate) const {
  return !options_.verify_only && candidate.opener->can_open();
}

Receiver::Opening Receiver::try_high_half(Candidate& candidate, const SealedPacket& sealed, std::uint32_t high,
                                          MutableBytes out) {
  Opening opening;
  opening.high = high;
  Opener& opener = *candidate.opener;
  const bool opens = will_open(candidate);
  opening.outcome = opens ? opener.open(sealed, high, out) : opener.verify(sealed, high);
  if (opening.outcome == Opener::Outcome::bad_icv) return opening;
  opening.candidate = &candidate;
  if (opens) opening.trailer = opener.contents(sealed, out);
  return opening;
}

Receiver::Opening Receiver::try_candidate(Candidate& candidate, const Arrival& input, Packet& packet) {
  const SealedPacket& sealed = input.sealed;
  const std::optional<std::size_t> size = candidate.opener->plaintext_size(sealed);
  if (!size) return {};
  const MutableBytes out = will_open(candidate) ? packet.allocate(*size) : MutableBytes{};
  if (!candidate.association->esn) return try_high_half(candidate, sealed, 0, out);
  if (candidate.session != nullptr && candidate.session->started()) {
    const std::uint32_t high = candidate.session->high_half(low_half(input));
    for (const std::uint32_t half : {high, high - 1, high + 1})
      if (Opening opening = try_high_half(candidate, sealed, half, out); opening.candidate != nullptr) return opening;
  }
  // The search is wide for the 1st, 2nd, 4th, 8th … failure only: an SA whose key is wrong must not cost it each time.
  const bool started = candidate.session != nullptr && candidate.session->started();
  const bool wide = std::has_single_bit(candidate.failures + 1);
  if (started && (!wide || candidate.failures < 16)) return {};
  for (const std::uint32_t half : first_high_halves(*candidate.association, wide))
    if (Opening opening = try_high_half(candidate, sealed, half, out); opening.candidate != nullptr) return opening;
  return {};
}

// Without an ICV only sense can choose between several SAs, or believe an SA of another destination. Where an ICV is
// there but its key is not, the first packet must show that the SA's sizes and cipher are right.
bool Receiver::is_believed(const Candidate& candidate, const Opening& opening) const {
  if (opening.outcome == Opener::Outcome::verified) return true;
  if (opening.outcome == Opener::Outcome::unchecked) {
    if (!opening.trailer) return false;
    const bool shown = candidate.session != nullptr && candidate.session->counts.decrypted != 0;
    return shown ? opening.trailer->standard_padding && is_plausible(*opening.trailer)
                 : is_convincing(*opening.trailer);
  }
  if (options_.verify_only) return !candidate.by_spi_alone;
  return opening.trailer && opening.trailer->standard_padding && is_plausible(*opening.trailer);
}

// Key files may leave out the integrity of an SA. Where its packets make no sense without an ICV, they may with one.
bool Receiver::finds_icv(Candidate& candidate, const Arrival& input, Packet& packet) {
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

Receiver::Opening Receiver::attempt(Candidate& candidate, const Arrival& input, Packet& packet) {
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

Receiver::Opening Receiver::open(Flow& flow, const Arrival& input, Packet& packet) {
  Opening opening, unlikely;  // an SA without integrity takes what no other wants, sense or not
  const auto believes = [&](Candidate& candidate) {
    opening = attempt(candidate, input, packet);
    const bool takes_all = opening.outcome == Opener::Outcome::unauthenticated;
    if (takes_all && !opening.believed && !candidate.by_spi_alone && unlikely.candidate == nullptr) unlikely = opening;
    return opening.believed;
  };
  if (flow.current != nullptr && believes(*flow.current)) return opening;
  for (Candidate& candidate : flow.candidates)
    if (&candidate != flow.current && believes(candidate)) return opening;
  return unlikely;
}

// Whom to hold responsible for a packet that no candidate verifies: not an SA that was only guessed from the SPI,
// unless it is of AH and would verify without a NAT.
Candidate* Receiver::blamed_candidate(Flow& flow, const Arrival& input) const {
  if (flow.current != nullptr) return flow.current;
  for (Candidate& candidate : flow.candidates)
    if (!candidate.by_spi_alone && candidate.opener != nullptr) return &candidate;
  for (Candidate& candidate : flow.candidates) {
    const bool worth_it = candidate.opener != nullptr && std::has_single_bit(candidate.failures);
    if (!candidate.behind_nat && worth_it)
      candidate.behind_nat = verifies_before_nat(*candidate.association, input.sealed, 0);
    if (candidate.behind_nat) return &candidate;
  }
  return nullptr;
}

// No candidate verifies.
void Receiver::refuse(Flow& flow, const Arrival& input, OpenRecord& record, Packet& packet) {
  Candidate* blamed = blamed_candidate(flow, input);
  if (blamed == nullptr) {
    record.unchecked = Unchecked::no_sa;
    Session& session = flows_.unknown_session_of(flow);
    record.sa = session.counts.number;
    session.note_unverified(low_half(input));
    return;
  }
  Session& session = flows_.session_of(flow, *blamed);
  record.sa = session.counts.number;
  record.mode = blamed->association->mode;
  const Opener& opener = *blamed->opener;
  if (!opener.can_verify()) {  // no key for the ICV; or none to verify, and the size alone is wrong
    record.unchecked = opener.has_integrity() ? Unchecked::no_key : Unchecked::malformed;
    session.note_unverified(low_half(input));
    if (opener.has_integrity()) return;
  } else {
    record.icv = IcvVerdict::bad;
    session.refuse(low_half(input), opener.reaches_icv(input.sealed));
    diagnose(*blamed, session, input, record, packet.frame);
  }
  // An ICV of another length leaves no whole blocks either: then it is the SA that is wrong, not the packet.
  const bool unexplained = session.counts.icv_ok != 0 || session.counts.diagnosis.cause == IcvCause::none_found;
  if (!opener.plaintext_size(input.sealed) && unexplained)
    packet.add_finding(codes::esp_malformed, opener.wrong_size(input.sealed), record.sa);
}

// The doctor: of an SA that never verified, which mistake explains it; of one that does, which bit of a packet is
// wrong.
void Receiver::diagnose(Candidate& blamed, Session& session, const Arrival& input, OpenRecord& record,
                        FrameNumber frame) {
  IcvDiagnosis& diagnosis = session.counts.diagnosis;
  const std::uint32_t high_half = session.high_half(low_half(input));
  if (session.counts.icv_ok == 0) {
    if (diagnosis.cause == IcvCause::none_found && std::has_single_bit(session.counts.icv_bad)) {
      diagnosis = diagnose_icv(flows_.keystore(), *blamed.association, input.sealed, high_half);
      diagnosis.frame = frame;
    }
    record.icv_cause = diagnosis.cause;
    return;
  }
  const bool in_bounds = session.repairs_tried < most_repairs && repairs_tried_ < most_repairs_in_all;
  if (!in_bounds || !blamed.opener->plaintext_size(input.sealed)) return;
  ++session.repairs_tried;
  ++repairs_tried_;
  const std::optional<FlippedBit> flipped = find_flipped_bit(*blamed.opener, input.sealed, high_half);
  if (!flipped) return;
  record.icv_cause = IcvCause::bit_flip;
  record.flipped = *flipped;
}

// Judges a packet that verified, or that its SA cannot verify.
void Receiver::judge(const Arrival& input, const Opening& opening, Session& session, OpenRecord& record) {
  if (opening.outcome == Opener::Outcome::unchecked) {
    record.unchecked = Unchecked::no_key;
    return session.note_unverified(low_half(input));
  }
  const bool verified = opening.outcome == Opener::Outcome::verified;
  record.icv = verified ? IcvVerdict::ok : IcvVerdict::none;
  ++(verified ? session.counts.icv_ok : session.counts.unauthenticated);

  const SecurityAssociation& association = *opening.candidate->association;
  const Opener& opener = *opening.candidate->opener;
  Authentic authentic;
  authentic.sequence = std::uint64_t{opening.high} << 32 | low_half(input);
  authentic.sighting = input.sighting;
  authentic.other_cycle = association.esn && session.started() && session.high_half(low_half(input)) != opening.high;
  authentic.receiver_fails = will_open(*opening.candidate) && opener.decrypts() && receiver_fails(opening.trailer);
  session.accept(authentic, record);
  const std::optional<Bytes> iv = verified ? opener.counter_iv(input.sealed) : std::nullopt;
  if (iv) record.nonce = nonce_digest(association.encryption.key_group, authentic.sequence, *iv);
}

std::optional<Contents> Receiver::accept(Flow& flow, const Arrival& input, Opening& opening, OpenRecord& record,
                                         Packet& packet) {
  Candidate& candidate = *opening.candidate;
  flow.current = &candidate;
  Session& session = flows_.session_of(flow, candidate);
  record.sa = session.counts.number;
  record.mode = candidate.association->mode;
  judge(input, opening, session, record);
  if (!will_open(candidate)) return std::nullopt;

  if (opening.trailer) {
    record.pad_length = opening.trailer->pad_length;
    record.next_header = opening.trailer->next_header;
  }
  if (!makes_sense(session, *candidate.opener, opening.trailer)) {
    const bool is_noise = record.icv == IcvVerdict::ok && !candidate.opener->has_authentic_contents();
    record.wrong_cipher = is_noise && !session.cipher_proven;
    if (!record.wrong_cipher)
      packet.add_finding(codes::esp_malformed,
                         record.icv == IcvVerdict::ok
                             ? "the ICV verifies, but what the cipher yields has no possible trailer or inner packet: "
                               "the sender is broken"
                             : "what the cipher yields has no possible trailer or inner packet, and there is no ICV "
                               "to check",
                         record.sa);
    return std::nullopt;
  }
  if (!opening.trailer->standard_padding)
    packet.add_finding(codes::esp_malformed, "the padding is not 1, 2, 3 … (RFC 4303 section 2.4); Linux does not mind",
                       record.sa);
  if (record.mode == SaMode::unknown) record.mode = session.counts.mode = mode_of(opening.trailer->next_header);
  record.decrypted = true;
  ++session.counts.decrypted;
  return Contents{candidate.association, *opening.trailer};
}

void Receiver::count(const Arrival& input, OpenRecord& record, const Packet& packet) {
  SaStatistics& counts = flows_.session(record.sa).counts;
  if (counts.packets++ == 0) {
    counts.first_frame = packet.frame;
    counts.first_file = packet.file;
    counts.first_time = packet.time;
    counts.encapsulation = record.encapsulation;
  }
  counts.bytes += input.length;
  counts.last_frame = packet.frame;
  counts.last_time = packet.time;
}

std::optional<Contents> Receiver::receive(const Arrival& input, OpenRecord& record, Packet& packet) {
  Flow* flow = flows_.find({record.source, record.destination, record.spi, record.protocol});
  if (flow == nullptr) {
    record.unchecked = Unchecked::no_sa;
    return std::nullopt;
  }
  if (const Sighting* before = flow->sightings.find_copied(input.sighting)) {
    record.unchecked = Unchecked::duplicate;
    record.replay = ReplayVerdict::capture_duplicate;
    record.sa = before->sa;
    record.first_frame = before->frame;
    record.first_file = before->file;
    record.since_first = input.sighting.time - before->time;
    ++flows_.session(before->sa).counts.capture_duplicates;
    return std::nullopt;
  }
  std::optional<Contents> contents;
  if (!unchecked(*flow, input, record, packet)) {
    Opening opening = open(*flow, input, packet);
    if (opening.candidate != nullptr)
      contents = accept(*flow, input, opening, record, packet);
    else
      refuse(*flow, input, record, packet);
  }
  count(input, record, packet);
  Sighting sighting = input.sighting;
  sighting.sa = record.sa;
  flow->sightings.remember(sighting);
  return contents;
}

}  // namespace espdump
