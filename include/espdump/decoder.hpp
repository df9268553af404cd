// The one place where layers meet keys: frames go in, packets with verdicts come out.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <espdump/capture.hpp>
#include <espdump/crypto.hpp>
#include <espdump/ike.hpp>
#include <espdump/keystore.hpp>
#include <espdump/packet.hpp>

namespace espdump {

// Whether decoding notes what later steps need (FrameRecord), or has only that, and neither bytes nor keys.
enum class Taping : std::uint8_t { none, records, replays };

struct DecoderOptions {
  bool verify_only = false;         // check ICVs and numbers, decrypt nothing
  bool keep_inner_packets = false;  // rebuild transport mode packets whole, for a writer or an inner filter
  CryptoBackend crypto = CryptoBackend::automatic;  // what opens ESP; trials of what else may fit take OpenSSL
  bool note_nonces = true;                          // for nonce.reuse; takes some 34 MiB in the end
  Taping taping = Taping::none;
};

// What a Linux receiver with this SA would have counted, in the names of `ip -s xfrm state`.
struct KernelCounters {
  std::uint64_t replay_window = 0;  // refused before the ICV was looked at: left of the window
  std::uint64_t replay = 0;         // refused before the ICV was looked at: seen before
  std::uint64_t failed = 0;         // ICV did not verify (under ESN also too old a number)
  // Refused for their form once their number had passed: no counter of the SA, XfrmInStateProtoError alone.
  std::uint64_t errors = 0;
};

// Why the ICVs of an SA do not verify, as far as trying showed. Bounded work per SA.
struct IcvDiagnosis {
  IcvCause cause = IcvCause::none_found;
  std::uint16_t icv_bits = 0;                // of truncation and other_algorithm
  std::uint32_t other = 0;                   // of another SA: index into Keystore::associations()
  FrameNumber frame = 0;                     // the frame that was tried
  const AlgorithmInfo* algorithm = nullptr;  // of other_algorithm
};

// Everything counted for one (source, destination, protocol, SPI, key generation) seen on the wire.
// A frame that captured another one's packet a second time counts only in `capture_duplicates`.
struct SaStatistics {
  SaNumber number = 0;
  IpAddress source, destination;  // as captured
  IpsecProtocol protocol = IpsecProtocol::esp;
  std::uint32_t spi = 0;
  Encapsulation encapsulation = Encapsulation::none;
  const SecurityAssociation* association = nullptr;  // null: unknown SPI
  std::string key_error;          // why its packets cannot be verified, decrypted, or both; empty: they can
  bool can_verify = false;        // its ICVs can be checked
  bool can_decrypt = false;       // its payloads can be read
  SaMode mode = SaMode::unknown;  // the SA's, or what its packets showed
  bool nat = false;               // found by SPI alone, confirmed by an ICV: addresses changed on the way

  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;  // from SPI to the end of the ICV, on the wire
  std::uint64_t decrypted = 0;
  std::uint64_t dummies = 0;  // of these, packets that carry nothing (RFC 4303 section 2.6)
  std::uint64_t icv_ok = 0;
  std::uint64_t icv_bad = 0;
  std::uint64_t unauthenticated = 0;  // the SA has no integrity
  std::uint64_t cut = 0;              // cut by the snap length
  std::uint64_t replayed = 0;         // duplicates of authentic packets
  std::uint64_t stale = 0;
  std::uint64_t reordered = 0;
  std::uint64_t capture_duplicates = 0;
  std::uint64_t restarts = 0;
  std::uint64_t largest_reorder = 0;  // how far behind the newest number a reordered packet came
  KernelCounters kernel;
  IcvDiagnosis diagnosis;

  FrameNumber first_frame = 0, last_frame = 0;
  std::uint16_t first_file = 0;
  Timestamp first_time, last_time;
  // Of the numbers accepted, or, where none can be verified, seen.
  std::optional<std::uint64_t> first_sequence, last_sequence;
  std::uint64_t lost = 0;  // numbers between them never accepted
  // The first of the ranges never accepted, at most 64.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> gaps;
};

// What captures have in pieces and not whole. What is under way where a capture ends another may have more of, or may
// have left like this one; so each state is known by 64 bits, which are the same in whatever run.
struct Unfinished {
  std::uint64_t given_up = 0;           // for good: too old, or for want of room
  std::vector<std::uint64_t> left;      // under way at the end of a capture
  std::vector<std::uint64_t> taken_on;  // to which a capture had something to add

  // Of each kind, so that captures without number leave memory bounded. What is left beyond counts as given up.
  static constexpr std::size_t most_states = 1U << 16U;
  void add(const Unfinished& other);
  // How much never became whole. What two captures left alike counts once, what one of them took on does not.
  [[nodiscard]] std::uint64_t count() const;
};

// Totals of what reassembly could not finish, for the report.
struct ReassemblyStatistics {
  Unfinished datagrams;       // of which fragments are missing
  Unfinished streams;         // places in TCP connections with ESP where bytes are missing
  std::uint64_t aggfrag = 0;  // inner packets begun of which an AGGFRAG piece is missing
};

// What went beyond the bounds of tables.
struct LeftOut {
  std::uint64_t untried_sas = 0;   // that have their SPI in common with so many others that they are not tried
  std::uint64_t learned_sas = 0;   // that IKE made known
  std::uint64_t ike_messages = 0;  // in fragments, given up
  // Replayed, their beginning and their end recorded apart: what was in them, and followed from them, nobody knew.
  std::uint64_t torn_exchanges = 0;
  std::uint64_t untried_packets = 0;  // replayed, of SAs whose keys nobody knew where they were recorded
};

class PreDecoded;
struct FrameRecord;

// Not thread-safe. The keystore must be sealed and outlive the decoder.
class Decoder {
 public:
  Decoder(const Keystore& keystore, DecoderOptions options = {});
  Decoder(Decoder&&) noexcept;
  Decoder& operator=(Decoder&&) noexcept;
  ~Decoder();

  // Takes the frame apart as far as keys allow. `out` is reset first; it keeps spans of `frame.bytes`, which must
  // live as long as it is used. Bad packets are findings in `out`, never errors. Ends the program when memory does.
  void decode(const Frame& frame, Packet& out) noexcept;
  // The same in the turn of a frame for which PreDecoder::prepare() filled both.
  void decode(const PreDecoded& done, Packet& out) noexcept;
  // The same, and notes in `record` what replay() needs; of a decoder that records.
  void decode(const Frame& frame, Packet& out, FrameRecord& record) noexcept;
  // The same packet from what was noted; of a decoder that replays. Bytes of contents are zeros. `record` must live as
  // long as `out` is used.
  void replay(const FrameRecord& record, Packet& out) noexcept;
  // What the decoders that recorded counted, for reassembly() and left_out() of one that replays.
  void take_totals(const ReassemblyStatistics& reassembly, std::uint64_t ike_messages);
  static constexpr std::size_t most_expected = 32;
  // Asks for the memory that decoding the first `most_expected` of these will look at: it is in no cache among many
  // SAs.
  void expect(std::span<const PreDecoded> coming) const noexcept;

  // One entry per SA seen so far, in the order of first frames. Numbers, losses and gaps are brought up to date.
  [[nodiscard]] std::vector<SaStatistics> statistics() const;
  [[nodiscard]] ReassemblyStatistics reassembly() const;
  [[nodiscard]] LeftOut left_out() const;
  // What came so far is from before the first `captures`, which are those that matter: reassembly() is of what follows
  // in these.
  void count_anew(std::size_t captures);
  // Packets on unknown SPIs beyond the first 1,024 such flows, which are not told apart any more.
  [[nodiscard]] std::uint64_t untracked_packets() const;
  [[nodiscard]] const Keystore& keystore() const;
  // The SA of the keystore that a used one is, which IKE messages may have filled in; null: they made it known.
  [[nodiscard]] const SecurityAssociation* loaded(const SecurityAssociation& used) const noexcept;
  // Every IKE SA that is followed, in the order of first frames. Valid until the next decode().
  [[nodiscard]] std::vector<const IkeSa*> ike_sas() const;
  // The one behind a number that a packet carries; null for 0, and where it had to make room for others.
  [[nodiscard]] const IkeSa* ike_sa(IkeSaNumber number) const noexcept;
  // IKE messages that belong to no SA in ike_sas(), for there were too many of them.
  [[nodiscard]] std::uint64_t untracked_ike_messages() const;
  // How many packets of an SA have verified so far; `number` is one that a packet carries, and not 0.
  [[nodiscard]] std::uint64_t verified(SaNumber number) const noexcept;
  // The SA in the keystore behind a number that a packet carries; null for 0 and where none answers for it.
  [[nodiscard]] const SecurityAssociation* association(SaNumber number) const noexcept;

 private:
  friend class PreDecoder;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace espdump
