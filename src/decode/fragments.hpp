// One reassembler for IPv4 and IPv6 fragments: RFC 791, RFC 8200 section 4.5, RFC 5722 for overlaps.
// Bounded in datagrams, bytes, pieces and time; what it gives up is counted.
#pragma once

#include <deque>
#include <list>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <espdump/address.hpp>
#include <espdump/decoder.hpp>
#include <espdump/finding.hpp>

#include "decode/taken_on.hpp"

namespace espdump {

struct FragmentKey {
  IpAddress source, destination;
  std::uint32_t id = 0;
  std::uint8_t protocol = 0;  // 0 for IPv6
  std::uint8_t scope = 0;     // nesting depth, so that inner and outer fragments never mix
  bool operator==(const FragmentKey&) const = default;
};

struct FragmentPiece {
  std::size_t offset = 0;  // in bytes
  bool more = false;
  Bytes header;   // IP header with what precedes the fragment header, but not that
  Bytes payload;  // behind the (fragment) header
  std::uint8_t next_header = 0;
  bool cut = false;  // by the snap length
};

class FragmentReassembler {
 public:
  struct Limits {
    std::size_t datagrams = 1024;
    std::size_t bytes = 16U << 20;      // of all pieces and what keeping them costs
    std::size_t pieces = 256;           // of one datagram
    std::int64_t age = 30'000'000'000;  // nanoseconds from the first piece, as Linux has it for IPv4
  };
  enum class Kind : std::uint8_t {
    kept,
    complete,
    overlap,    // contradicts what came before: IPv4 keeps the first bytes, IPv6 gives the datagram up
    duplicate,  // came before, byte for byte
    refused,
  };
  enum class Refusal : std::uint8_t {
    none,
    empty,
    misaligned,  // no multiple of 8 where there is more to come
    too_long,    // ends behind byte 65535
    other_end,   // lies behind the end, or ends elsewhere than an earlier last piece
    too_many,    // pieces, or bytes for the limits
    cut,         // this piece, or an earlier one of its datagram, is cut by the snap length
    given_up,    // an earlier piece overlapped, IPv6
  };
  struct Outcome {
    Kind kind = Kind::kept;
    Refusal refusal = Refusal::none;
    FrameNumber first_frame = 0;  // the first frame of this datagram
    std::size_t pieces = 0;       // so far, without duplicates
    bool overlapped = false;      // IPv4: pieces of the datagram contradicted each other
    bool touched = false;         // IPv4: pieces overlap, in whatever way but exactly
    // Where complete: an IP packet with lengths, fragment fields and checksum put right, valid until the next call.
    Bytes packet{};
    std::size_t header_size = 0;  // of the header that the first fragment gave
    std::uint8_t next_header = 0;
  };
  struct Incomplete {
    FragmentKey key;
    FrameNumber first_frame = 0;
    std::size_t pieces = 0, bytes = 0;
    bool cut = false, overlapped = false;  // why it could not become whole; neither: pieces are missing
  };
  struct Counters {
    std::uint64_t complete = 0, duplicates = 0, overlaps = 0, refused = 0;
    std::uint64_t evicted_by_count = 0, evicted_by_bytes = 0, evicted_by_age = 0;
  };

  FragmentReassembler() : FragmentReassembler(Limits{}) {}
  explicit FragmentReassembler(const Limits& limits) : limits_(limits) {}
  FragmentReassembler(FragmentReassembler&&) = default;
  FragmentReassembler& operator=(FragmentReassembler&&) = default;
  FragmentReassembler(const FragmentReassembler&) = delete;
  FragmentReassembler& operator=(const FragmentReassembler&) = delete;
  ~FragmentReassembler() = default;

  Outcome add(const FragmentKey& key, const FragmentPiece& piece, FrameNumber frame, Timestamp time);

  // As PerCapture wants it. What was taken over counts as unfinished there, and here once a piece has changed it.
  void take_over(const FragmentReassembler& before);
  [[nodiscard]] bool is_idle() const { return datagrams_.empty() && finished_.empty(); }
  [[nodiscard]] std::size_t cost() const;
  [[nodiscard]] Unfinished unfinished() const;
  void count_anew();

  [[nodiscard]] const Counters& counters() const { return counters_; }
  // The first few datagrams given up, then those still waiting; oldest first. Exactly repeated pieces that came
  // behind a completed datagram are no datagram of their own and not among them.
  [[nodiscard]] std::vector<Incomplete> incomplete() const;
  [[nodiscard]] std::size_t waiting() const { return datagrams_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  struct Datagram {
    FragmentKey key;
    FrameNumber first_frame = 0;
    Timestamp since;
    std::map<std::size_t, std::vector<std::uint8_t>> parts{};  // by offset; never overlapping
    std::vector<std::uint64_t> marks{};                        // of the pieces that came
    std::vector<std::uint8_t> header{};                        // of the piece at offset 0
    std::uint8_t next_header = 0;
    std::size_t have = 0, cost = 0;
    std::size_t end = 0;  // 0: unknown
    bool cut = false, overlapped = false, touched = false, given_up = false;
    bool repeated = true;                  // all pieces are those of a completed datagram
    bool taken_over = false;               // as it is
    std::optional<std::uint64_t> state{};  // where it is known, see Unfinished
    [[nodiscard]] bool is_told() const { return taken_over || (repeated && !marks.empty()); }
  };
  // A piece seen against what is there.
  struct Overlay {
    std::vector<std::pair<std::size_t, std::size_t>> gaps{};  // from, to: what it adds
    std::size_t covered = 0;                                  // bytes that are there already
    bool differs = false;                                     // and some of them are other bytes
  };
  using Datagrams = std::list<Datagram>;  // oldest first
  struct Hash {
    std::size_t operator()(const FragmentKey& key) const noexcept;
  };

  Datagram& find_or_start(const FragmentKey& key, FrameNumber frame, Timestamp time);
  [[nodiscard]] Refusal reason_to_refuse(const Datagram& datagram, const FragmentPiece& piece) const;
  Outcome pass_atomic(const FragmentPiece& piece, FrameNumber frame);
  static Overlay lay_over(const Datagram& datagram, const FragmentPiece& piece);
  Kind place(Datagram& datagram, const FragmentPiece& piece);
  void store(Datagram& datagram, std::size_t offset, Bytes bytes);
  void give_up(Datagram& datagram);
  [[nodiscard]] std::optional<std::uint64_t> state_to_tell(Datagram& datagram) const;
  void take_on(Datagram& datagram, std::optional<std::uint64_t> state_before);
  Outcome finish(Datagram& datagram, Outcome outcome);
  Outcome refuse(Outcome outcome, Refusal refusal);
  void join(const Datagram& datagram);
  void evict(Datagrams::iterator datagram, std::uint64_t& counter);
  void drop(Datagrams::iterator datagram);
  void evict_old(Timestamp now);
  bool make_room(const Datagram& kept);
  [[nodiscard]] bool came_before(const FragmentKey& key, std::uint64_t mark) const;
  void remember(const FragmentKey& key, std::vector<std::uint64_t> marks);
  static Incomplete describe(const Datagram& datagram);
  static std::uint64_t state_of(const Datagram& datagram);

  Limits limits_;
  Datagrams datagrams_;
  std::unordered_map<FragmentKey, Datagrams::iterator, Hash> by_key_;
  std::unordered_map<FragmentKey, std::vector<std::uint64_t>, Hash> finished_;  // marks of the last completed ones
  std::deque<FragmentKey> finished_order_;
  std::vector<Incomplete> given_up_;
  std::vector<std::uint8_t> joined_;
  std::size_t bytes_ = 0;
  std::size_t finished_marks_ = 0;
  Counters counters_;
  TakenOn taken_on_;
};

// Why a piece was refused, as it goes into a message.
std::string_view to_string(FragmentReassembler::Refusal) noexcept;

}  // namespace espdump
