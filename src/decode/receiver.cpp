// The order of RFC 4303 section 3.4 and RFC 4302 section 3.4: look up, ICV, number, decrypt, trailer.
// Nothing unverified is handed out.
#include "decode/receiver.hpp"

#include <espdump/codes.hpp>
#include <espdump/wire/next_header.hpp>

#include <algorithm>
#include <bit>
#include <string>

#include "decode/diagnose.hpp"
#include "decode/epochs.hpp"
#include "decode/plausible.hpp"
#include "decode/repair.hpp"

namespace espdump {
namespace {

// Linux: esp_remove_trailer() wants at least one byte of payload; a dummy packet is an error to it.
bool receiver_fails(const std::optional<EspTrailer>& trailer) {
  return !trailer || trailer->payload.empty() || trailer->next_header == wire::next_header::none;
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
  using namespace wire::next_header;
  if (next_header == none) return SaMode::unknown;
  return next_header == ipv4 || next_header == ipv6 ? SaMode::tunnel : SaMode::transport;
}

std::string cut_text(const Arrival& input, IpsecProtocol protocol) {
  const bool esp = protocol == IpsecProtocol::esp;
  return "captured " + std::to_string(input.sealed.bytes.size()) + " of " + std::to_string(input.length) +
         (esp ? " bytes of ESP: the ICV is not in the capture"
              : " bytes from AH on: what the ICV covers is not all in the capture");
}

// A laboratory's kernel (6.1) counted 12 bytes of ESP with a number that it had seen as a replay, and the same in UDP
// nowhere.
Session::Reached how_far(const Arrival& input, const Opener& opener, const OpenRecord& record) {
  if (input.is_dropped_before) return Session::Reached::nothing;
  if (opener.reaches_icv(input.sealed)) return Session::Reached::icv;
  return record.encapsulation == Encapsulation::none ? Session::Reached::number : Session::Reached::nothing;
}

}  // namespace

// Frames that no key can judge: captured twice, cut, of an unknown SPI, or of an SA without a usable key.
bool Receiver::unchecked(Flow& flow, const Arrival& input, OpenRecord& record, Packet& packet) {
  const bool cut = input.sealed.bytes.size() < input.length;
  const bool is_known = flow.prepared && flow.current != nullptr && flow.current->opener != nullptr;
  if (is_known && !cut) return false;
  Candidate* known = nullptr;
  bool have_key = false;
  for (Candidate& candidate : flow.candidates) {
    candidate.prepare(openers_);
    have_key = have_key || candidate.opener != nullptr;
    if (known == nullptr && !candidate.by_spi_alone) known = &candidate;
  }
  flow.prepared = true;
  if (flow.current != nullptr) known = flow.current;
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
  session.note_unverified(input.low_half());
  return true;
}

// Whom to hold responsible for a packet that no candidate verifies: not an SA that was only guessed from the SPI,
// unless it is of AH and would verify without a NAT.
Candidate* Receiver::blamed_candidate(Flow& flow, const Arrival& input) const {
  if (flow.current != nullptr) return flow.current;
  for (Candidate& candidate : flow.candidates)
    if (!candidate.by_spi_alone && candidate.opener != nullptr) return &candidate;
  for (Candidate& candidate : flow.candidates) {
    const bool worth_it = candidate.opener != nullptr && std::has_single_bit(candidate.failures);
    if (!candidate.behind_nat && worth_it) candidate.behind_nat = is_behind_nat(candidate, input.sealed);
    if (candidate.behind_nat) return &candidate;
  }
  return nullptr;
}

bool Receiver::is_behind_nat(const Candidate& candidate, const SealedPacket& sealed) const {
  if (tape_.replayer) return tape_.replayer->behind_nat(keys_of(*candidate.association));
  return verifies_before_nat(*candidate.association, sealed, 0);
}

// No candidate verifies.
void Receiver::refuse(Flow& flow, const Arrival& input, OpenRecord& record, Packet& packet) {
  Candidate* blamed = blamed_candidate(flow, input);
  if (blamed == nullptr) {
    record.unchecked = Unchecked::no_sa;
    Session& session = flows_.unknown_session_of(flow);
    record.sa = session.counts.number;
    session.note_unverified(input.low_half());
    return;
  }
  Session& session = flows_.session_of(flow, *blamed);
  record.sa = session.counts.number;
  record.mode = blamed->association->mode;
  const Opener& opener = *blamed->opener;
  if (tape_.recorder) note_tried(flow);
  if (tape_.replayer && tape_.replayer->lacked(keys_of(*blamed->association))) {
    ++untried_;
    record.unchecked = Unchecked::no_key;
    return session.note_unverified(input.low_half());
  }
  if (!opener.can_verify()) {  // no key for the ICV; or none to verify, and the size alone is wrong
    record.unchecked = opener.has_integrity() ? Unchecked::no_key : Unchecked::malformed;
    session.note_unverified(input.low_half());
    if (opener.has_integrity()) return;
    session.refuse_form(input.low_half(), how_far(input, opener, record));
  } else {
    record.icv = IcvVerdict::bad;
    session.refuse(input.low_half(), how_far(input, opener, record));
    if (tape_.recorder) note_diagnosis(*blamed, session, input);
    diagnose(*blamed, session, input, record, packet.frame);
  }
  // An ICV of another length leaves no whole blocks either: then it is the SA that is wrong, not the packet.
  const bool unexplained = session.counts.icv_ok != 0 || session.counts.diagnosis.cause == IcvCause::none_found;
  if (!opener.plaintext_size(input.sealed) && unexplained)
    packet.add_finding(codes::esp_malformed, opener.wrong_size(input.sealed), record.sa);
}

// A replay may know keys that were not known here, with which a packet was not tried.
void Receiver::note_tried(const Flow& flow) const {
  const auto is_learned = [](const Candidate& one) { return (keys_of(*one.association) & learned_keys) != 0; };
  if (std::any_of(flow.candidates.begin(), flow.candidates.end(), is_learned)) tape_.recorder->tried_learned();
}

// Which packets of an SA are looked at depends on those before them, in other captures, too: here more are.
void Receiver::note_diagnosis(Candidate& blamed, Session& session, const Arrival& input) {
  constexpr std::uint64_t most_diagnosed = 256, most_repaired = 64;
  const std::uint64_t bad = session.counts.icv_bad;
  const std::uint32_t high_half = session.high_half(input.low_half());
  if (bad <= most_diagnosed || std::has_single_bit(bad))
    tape_.recorder->diagnosed(diagnose_icv(flows_.keystore(), *blamed.association, input.sealed, high_half));
  if (bad > most_repaired || !blamed.opener->plaintext_size(input.sealed)) return;
  std::vector<std::uint32_t> halves{high_half};
  if (blamed.association->esn && !session.started())
    for (const std::uint32_t half : first_high_halves(*blamed.association, false))
      if (half != high_half) halves.push_back(half);
  for (const std::uint32_t half : halves)
    if (const auto flipped = find_flipped_bit(*blamed.opener, input.sealed, half))
      return tape_.recorder->repaired(*flipped, half);
}

// The doctor: of an SA that never verified, which mistake explains it; of one that does, which bit of a packet is
// wrong.
void Receiver::diagnose(Candidate& blamed, Session& session, const Arrival& input, OpenRecord& record,
                        FrameNumber frame) {
  IcvDiagnosis& diagnosis = session.counts.diagnosis;
  const std::uint32_t high_half = session.high_half(input.low_half());
  if (session.counts.icv_ok == 0) {
    const bool worth_it = diagnosis.cause == IcvCause::none_found && std::has_single_bit(session.counts.icv_bad);
    if (worth_it && diagnoses_left_ != 0) {
      --diagnoses_left_;
      diagnosis = tape_.replayer ? tape_.replayer->diagnosis()
                                 : diagnose_icv(flows_.keystore(), *blamed.association, input.sealed, high_half);
      diagnosis.frame = frame;
    }
    record.icv_cause = diagnosis.cause;
    return;
  }
  if (session.repairs_tried == most_repairs || !blamed.opener->plaintext_size(input.sealed)) return;
  const std::uint64_t cost = repair_cost(*blamed.opener, input.sealed);
  if (cost > repair_budget_) return;
  ++session.repairs_tried;
  repair_budget_ -= cost;
  const std::optional<FlippedBit> flipped =
      tape_.replayer ? tape_.replayer->flipped(high_half) : find_flipped_bit(*blamed.opener, input.sealed, high_half);
  if (!flipped) return;
  record.icv_cause = IcvCause::bit_flip;
  record.flipped = *flipped;
}

// Judges a packet that verified, or that its SA cannot verify.
void Receiver::judge(const Arrival& input, const Opening& opening, Session& session, OpenRecord& record) {
  if (opening.outcome == Opener::Outcome::unchecked) {
    record.unchecked = Unchecked::no_key;
    return session.note_unverified(input.low_half());
  }
  const bool verified = opening.outcome == Opener::Outcome::verified;
  record.icv = verified ? IcvVerdict::ok : IcvVerdict::none;
  ++(verified ? session.counts.icv_ok : session.counts.unauthenticated);

  const SecurityAssociation& association = *opening.candidate->association;
  const Opener& opener = *opening.candidate->opener;
  Authentic authentic;
  authentic.sequence = std::uint64_t{opening.high} << 32 | input.low_half();
  authentic.sighting = &input.sighting;
  authentic.is_dropped_before = input.is_dropped_before;
  authentic.other_cycle = association.esn && session.started() && session.high_half(input.low_half()) != opening.high;
  authentic.receiver_fails =
      (verified && !opener.reaches_icv(input.sealed)) ||
      (trials_.will_open(*opening.candidate) && opener.decrypts() && receiver_fails(opening.trailer));
  session.accept(authentic, log_, record);
  const std::optional<Bytes> iv = verified && notes_nonces_ ? opener.counter_iv(input.sealed) : std::nullopt;
  if (iv) nonces_.take(session.nonces, association.encryption.key_group, *iv, input.sighting, record);
}

// Where nothing was learned before, or the high half is another one by now.
void Receiver::teach(const Flow& flow, const Opening& opening) {
  Candidate& candidate = *opening.candidate;
  if (candidate.taught == opening.high) return;
  candidate.taught = opening.high;
  lessons_.add({flow.key, candidate.association, opening.high});
}

std::optional<Contents> Receiver::accept(Flow& flow, const Arrival& input, Opening& opening, OpenRecord& record,
                                         Packet& packet) {
  Candidate& candidate = *opening.candidate;
  flow.current = &candidate;
  if (opening.outcome == Opener::Outcome::verified && lessons_.wanted()) teach(flow, opening);
  Session& session = flows_.session_of(flow, candidate);
  record.sa = session.counts.number;
  record.mode = candidate.association->mode;
  judge(input, opening, session, record);
  if (record.icv == IcvVerdict::ok && !candidate.opener->reaches_icv(input.sealed))
    packet.add_finding(codes::esp_malformed, candidate.opener->wrong_size(input.sealed), record.sa);
  if (!trials_.will_open(candidate)) return std::nullopt;

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

void Receiver::expect(const Candidate& current, Bytes sealed) const noexcept {
  if (current.opener == nullptr || current.session == nullptr) return;
  if (const auto iv = current.opener->counter_iv({sealed})) nonces_.expect(current.session->nonces, *iv);
}

// Notes what trying comes to, and tries what a run over other captures, too, might try.
Opening Receiver::try_out(Flow& flow, const Arrival& input, Packet& packet) {
  tape_.recorder->set_trying(true);
  const Opening opening = trials_.open(flow, input, packet);
  if (opening.outcome != Opener::Outcome::verified) trials_.try_others(flow, input, packet);
  tape_.recorder->set_trying(false);
  if (opening.candidate != nullptr) return opening;
  for (const Candidate& candidate : flow.candidates)
    if (candidate.by_spi_alone && candidate.opener != nullptr && is_behind_nat(candidate, input.sealed))
      tape_.recorder->behind_nat(keys_of(*candidate.association));
  return opening;
}

std::optional<Contents> Receiver::receive(const Arrival& input, OpenRecord& record, Packet& packet) {
  Flow* flow = flows_.find({record.source, record.destination, record.spi, record.protocol});
  if (flow == nullptr) {
    record.unchecked = Unchecked::no_sa;
    return std::nullopt;
  }
  // What another capture shows, too, is noted like everything else: joined with others it may come first.
  const Sighting* before = tape_.recorder ? nullptr : flow->sightings.find_copied(input.sighting, log_);
  if (before != nullptr) {
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
    Opening opening = tape_.recorder ? try_out(*flow, input, packet) : trials_.open(*flow, input, packet);
    if (opening.candidate != nullptr)
      contents = accept(*flow, input, opening, record, packet);
    else
      refuse(*flow, input, record, packet);
  }
  count(input, record, packet);
  flow->sightings.remember(input.sighting, record.sa, log_);
  return contents;
}

}  // namespace espdump
