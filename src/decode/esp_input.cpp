// The order of RFC 4303 section 3.4: look up, ICV, number, decrypt, trailer. Nothing unverified is handed out.
#include "decode/esp_input.hpp"

#include <espdump/codes.hpp>

#include <array>
#include <bit>
#include <string>

#include "decode/diagnose.hpp"
#include "decode/epochs.hpp"
#include "decode/plausible.hpp"

namespace espdump {
namespace {

constexpr std::uint8_t next_header_dummy = 59;

std::uint32_t low_half(const EspInput& input) { return static_cast<std::uint32_t>(input.sighting.sequence); }

// Linux: esp_remove_trailer() wants at least one byte of payload; a dummy packet is an error to it.
// Ciphers whose security ends where an IV comes twice under one key.
bool repeats_keystream(const SecurityAssociation& association) {
  if (association.encryption.info == nullptr) return false;
  return association.is_aead() || association.encryption.info->primitive == Primitive::aes_ctr;
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

bool receiver_fails(const std::optional<EspTrailer>& trailer) {
  return !trailer || trailer->payload.empty() || trailer->next_header == next_header_dummy;
}

std::string wrong_size(const EspTransform& transform, std::size_t size) {
  std::string out = std::to_string(size) + " bytes of ESP";
  if (size < transform.minimum_size())
    out += ", but this SA's packets have at least " + std::to_string(transform.minimum_size());
  else
    out += " do not hold whole blocks of " + std::to_string(transform.block_size()) + " bytes";
  if (!transform.has_integrity())
    out += "; the key file gives the SA no integrity algorithm, and packets that carry an ICV look so";
  return out;
}

}  // namespace

// Frames that no key can judge: captured twice, cut, of an unknown SPI, or of an SA without a usable key.
bool EspReceiver::unchecked(Flow& flow, const EspInput& input, OpenRecord& record, Packet& packet) {
  Candidate* known = nullptr;
  bool have_key = false;
  for (Candidate& candidate : flow.candidates) {
    candidate.prepare();
    have_key = have_key || candidate.transform;
    if (known == nullptr && !candidate.by_spi_alone) known = &candidate;
  }
  if (flow.current != nullptr) known = flow.current;
  const bool cut = input.bytes.size() < input.length;
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
    packet.add_finding(codes::esp_truncated_capture,
                       "captured " + std::to_string(input.bytes.size()) + " of " + std::to_string(input.length) +
                           " bytes of ESP: the ICV is not in the capture",
                       record.sa);
  }
  session.note_unverified(low_half(input));
  return true;
}

bool EspReceiver::will_decrypt(const Candidate& candidate) const {
  return !options_.verify_only && candidate.transform->can_decrypt();
}

EspReceiver::Opening EspReceiver::try_high_half(Candidate& candidate, const EspParts& parts, std::uint32_t high,
                                                MutableBytes out) {
  Opening opening;
  opening.high = high;
  const bool decrypts = will_decrypt(candidate);
  opening.outcome = decrypts ? candidate.transform->open(parts, high, out) : candidate.transform->verify(parts, high);
  if (opening.outcome == EspTransform::Outcome::bad_icv) return opening;
  opening.candidate = &candidate;
  if (!decrypts) return opening;
  opening.plaintext = out;
  opening.trailer = read_trailer(out);
  return opening;
}

EspReceiver::Opening EspReceiver::try_candidate(Candidate& candidate, const EspInput& input, Packet& packet) {
  const std::optional<EspParts> parts = candidate.transform->split(input.bytes);
  if (!parts) return {};
  const MutableBytes out = will_decrypt(candidate) ? packet.allocate(parts->ciphertext.size()) : MutableBytes{};
  if (!candidate.association->esn) return try_high_half(candidate, *parts, 0, out);
  if (candidate.session != nullptr && candidate.session->started()) {
    const std::uint32_t high = candidate.session->high_half(low_half(input));
    for (const std::uint32_t half : {high, high - 1, high + 1})
      if (Opening opening = try_high_half(candidate, *parts, half, out); opening.candidate != nullptr) return opening;
  }
  // The search is wide for the 1st, 2nd, 4th, 8th … failure only: an SA whose key is wrong must not cost it each time.
  const bool started = candidate.session != nullptr && candidate.session->started();
  const bool wide = std::has_single_bit(candidate.failures + 1);
  if (started && (!wide || candidate.failures < 16)) return {};
  for (const std::uint32_t half : first_high_halves(*candidate.association, wide))
    if (Opening opening = try_high_half(candidate, *parts, half, out); opening.candidate != nullptr) return opening;
  return {};
}

// Without an ICV only sense can choose between several SAs, or believe an SA of another destination. Where an ICV is
// there but its key is not, the first packet must show that the SA's sizes and cipher are right.
bool EspReceiver::is_believed(const Candidate& candidate, const Opening& opening) const {
  if (opening.outcome == EspTransform::Outcome::verified) return true;
  if (opening.outcome == EspTransform::Outcome::unchecked) {
    if (!opening.trailer) return false;
    const bool shown = candidate.session != nullptr && candidate.session->counts.decrypted != 0;
    return shown ? opening.trailer->standard_padding && is_plausible(*opening.trailer)
                 : is_convincing(*opening.trailer);
  }
  if (options_.verify_only) return !candidate.by_spi_alone;
  return opening.trailer && opening.trailer->standard_padding && is_plausible(*opening.trailer);
}

// Key files may leave out the integrity of an SA. Where its packets make no sense without an ICV, they may with one.
bool EspReceiver::finds_icv(Candidate& candidate, const EspInput& input, Packet& packet) {
  constexpr std::size_t sizes[] = {12, 16, 8, 20, 24, 32, 48, 64};
  EspTransform& transform = *candidate.transform;
  const bool opened_before = candidate.session != nullptr && candidate.session->counts.decrypted != 0;
  const bool worth_it = std::has_single_bit(candidate.failures + 1);  // for the reason given at the high halves
  if (transform.has_integrity() || !will_decrypt(candidate) || opened_before || !worth_it) return false;
  for (const std::size_t size : sizes) {
    transform.assume_icv(size);
    const Opening opening = try_candidate(candidate, input, packet);
    if (opening.candidate != nullptr && is_believed(candidate, opening)) return true;
  }
  transform.assume_icv(0);
  return false;
}

EspReceiver::Opening EspReceiver::attempt(Candidate& candidate, const EspInput& input, Packet& packet) {
  if (!candidate.transform) return {};
  Opening opening = try_candidate(candidate, input, packet);
  opening.believed = opening.candidate != nullptr && is_believed(candidate, opening);
  if (!opening.believed && finds_icv(candidate, input, packet)) {
    flows_.tell_shortcoming(candidate);
    opening = try_candidate(candidate, input, packet);
    opening.believed = true;
  }
  candidate.failures = opening.believed ? 0 : candidate.failures + 1;
  return opening;
}

EspReceiver::Opening EspReceiver::open(Flow& flow, const EspInput& input, Packet& packet) {
  Opening unlikely;  // an SA without integrity takes what no other wants, sense or not
  const auto believes = [&](Candidate& candidate, Opening& opening) {
    opening = attempt(candidate, input, packet);
    const bool takes_all = opening.outcome == EspTransform::Outcome::unauthenticated;
    if (takes_all && !opening.believed && !candidate.by_spi_alone && unlikely.candidate == nullptr) unlikely = opening;
    return opening.believed;
  };
  Opening opening;
  if (flow.current != nullptr && believes(*flow.current, opening)) return opening;
  for (Candidate& candidate : flow.candidates)
    if (&candidate != flow.current && believes(candidate, opening)) return opening;
  return unlikely;
}

// No candidate verifies. An SA that was only guessed from the SPI is not held responsible.
void EspReceiver::refuse(Flow& flow, const EspInput& input, OpenRecord& record, Packet& packet) {
  Candidate* blamed = flow.current;
  for (Candidate& candidate : flow.candidates)
    if (blamed == nullptr && !candidate.by_spi_alone && candidate.transform) blamed = &candidate;
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
  const EspTransform& transform = *blamed->transform;
  if (!transform.can_verify()) {  // no key for the ICV; or none to verify, and the size alone is wrong
    record.unchecked = transform.has_integrity() ? Unchecked::no_key : Unchecked::malformed;
    session.note_unverified(low_half(input));
    if (transform.has_integrity()) return;
  } else {
    const std::size_t least_for_icv = sizeof(std::uint64_t) + transform.iv_size() + transform.icv_size();
    record.icv = IcvVerdict::bad;
    session.refuse(low_half(input), input.bytes.size() >= least_for_icv);
  }
  IcvDiagnosis& diagnosis = session.counts.diagnosis;
  const auto unexplained = [&] { return session.counts.icv_ok != 0 || diagnosis.cause == IcvCause::none_found; };
  if (session.counts.icv_ok == 0 && unexplained() && std::has_single_bit(session.counts.icv_bad)) {
    diagnosis = diagnose_icv(flows_.keystore(), *blamed->association, input.bytes, session.high_half(low_half(input)));
    diagnosis.frame = packet.frame;
  }
  if (session.counts.icv_ok == 0) record.icv_cause = diagnosis.cause;
  // An ICV of another length leaves no whole blocks either: then it is the SA that is wrong, not the packet.
  if (!transform.split(input.bytes) && unexplained())
    packet.add_finding(codes::esp_malformed, wrong_size(transform, input.bytes.size()), record.sa);
}

// Judges a packet that verified, or that its SA cannot verify.
void EspReceiver::judge(const EspInput& input, const Opening& opening, Session& session, OpenRecord& record) {
  if (opening.outcome == EspTransform::Outcome::unchecked) {
    record.unchecked = Unchecked::no_key;
    return session.note_unverified(low_half(input));
  }
  const bool verified = opening.outcome == EspTransform::Outcome::verified;
  record.icv = verified ? IcvVerdict::ok : IcvVerdict::none;
  ++(verified ? session.counts.icv_ok : session.counts.unauthenticated);

  const SecurityAssociation& association = *opening.candidate->association;
  Authentic authentic;
  authentic.sequence = std::uint64_t{opening.high} << 32 | low_half(input);
  authentic.sighting = input.sighting;
  authentic.other_cycle = association.esn && session.started() && session.high_half(low_half(input)) != opening.high;
  authentic.receiver_fails = will_decrypt(*opening.candidate) && receiver_fails(opening.trailer);
  session.accept(authentic, record);
  if (verified && repeats_keystream(association))
    record.nonce = nonce_digest(association.encryption.key_group, authentic.sequence,
                                input.bytes.subspan(sizeof(std::uint64_t), opening.candidate->transform->iv_size()));
}

std::optional<EspContents> EspReceiver::accept(Flow& flow, const EspInput& input, Opening& opening, OpenRecord& record,
                                               Packet& packet) {
  Candidate& candidate = *opening.candidate;
  flow.current = &candidate;
  Session& session = flows_.session_of(flow, candidate);
  record.sa = session.counts.number;
  record.mode = candidate.association->mode;
  judge(input, opening, session, record);
  if (!will_decrypt(candidate)) return std::nullopt;

  if (opening.trailer) {
    record.pad_length = opening.trailer->pad_length;
    record.next_header = opening.trailer->next_header;
  }
  if (!opening.trailer || !is_plausible(*opening.trailer, candidate.transform->is_aead())) {
    packet.add_finding(
        codes::esp_malformed,
        record.icv == IcvVerdict::ok
            ? "the ICV verifies, but what the cipher yields has no possible trailer or inner packet: the "
              "encryption key or cipher in the key file is not the one in use, or the sender is broken"
            : "what the cipher yields has no possible trailer or inner packet, and there is no ICV to check",
        record.sa);
    return std::nullopt;
  }
  if (!opening.trailer->standard_padding)
    packet.add_finding(codes::esp_malformed, "the padding is not 1, 2, 3 … (RFC 4303 section 2.4); Linux does not mind",
                       record.sa);
  record.decrypted = true;
  ++session.counts.decrypted;
  return EspContents{candidate.association, *opening.trailer};
}

void EspReceiver::count(const EspInput& input, OpenRecord& record, const Packet& packet) {
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

std::optional<EspContents> EspReceiver::receive(const EspInput& input, OpenRecord& record, Packet& packet) {
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
  std::optional<EspContents> contents;
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
