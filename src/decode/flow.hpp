// One (source, destination, protocol, SPI) on the wire, and the SAs that may be behind it.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include <espdump/address.hpp>
#include <espdump/keystore.hpp>
#include <espdump/packet.hpp>

#include "base/packet_hash.hpp"
#include "decode/learned_sas.hpp"
#include "decode/opener.hpp"
#include "decode/session.hpp"
#include "decode/sighting.hpp"

namespace espdump {

struct FlowKey {
  IpAddress source, destination;
  std::uint32_t spi = 0;
  IpsecProtocol protocol = IpsecProtocol::esp;
  bool operator==(const FlowKey&) const = default;
};
struct FlowKeyHash {
  std::size_t operator()(const FlowKey& key) const noexcept;
};

// An SA of the keystore, or one that IKE messages made known, that may be the one of a flow.
struct Candidate {
  const SecurityAssociation* association = nullptr;
  bool by_spi_alone = false;   // its destination is another one, or its SPI is open: believed only when an ICV verifies
  Session* session = nullptr;  // from its first packet on
  bool behind_nat = false;     // AH that verifies with the addresses of the SA alone
  std::uint64_t failures = 0;  // packets that did not verify, or make sense, in a row
  std::optional<std::uint32_t> taught;  // with which high half pre-decoders were told of it last
  bool prepared = false;                // the two below are decided
  std::shared_ptr<Opener> opener;
  bool can_open = false;  // as the opener says
  std::string error;      // why there is no opener, or what it cannot do

  void prepare(Openers& openers);
  // The session, if there is one, learns what the opener can do by now.
  void tell_shortcoming();
};

struct Flow {
  FlowKey key;
  std::vector<Candidate> candidates;  // the exact destination's first, the newest generation last among them
  bool prepared = false;              // all candidates are
  Candidate* current = nullptr;       // the one that verified last
  Session* unknown = nullptr;         // counts what no candidate answers for
  SightingRing sightings;

  [[nodiscard]] std::optional<std::size_t> current_index() const;
  // That of the SA which verified last, or else of one that was counted at all; null where none was.
  [[nodiscard]] const Session* latest_session() const;
};

// All flows and sessions of a run. Sessions keep their address.
class FlowTable {
 public:
  explicit FlowTable(const Keystore& keystore) : keystore_(keystore) {}

  // The flow for a key; null when too many of its kind are kept already.
  Flow* find(const FlowKey& key);
  // Asks for what find() and those who work on the flow will look at, for several packets at once: a key and the low
  // half of a number each.
  struct Coming {
    FlowKey key;
    std::uint32_t low = 0;
    const Candidate* current = nullptr;  // out: the flow's; null where there is none
  };
  void expect(std::span<Coming> coming) noexcept;
  // The flow where packets were seen already; never makes one.
  [[nodiscard]] const Flow* peek(const FlowKey& key) const;
  Session& session_of(Flow& flow, Candidate& candidate);
  Session& unknown_session_of(Flow& flow);
  // Takes in an SA that IKE messages made known. Where the keystore has the very same one under the same keys, what it
  // leaves open (mode, selectors, ESN) is filled in. The latest 65,536 are kept.
  void learn(SecurityAssociation sa);

  // The session with that number, which must have been given out.
  Session& session(SaNumber number) { return *numbered_[number - 1]; }
  [[nodiscard]] const Session& session(SaNumber number) const { return *numbered_[number - 1]; }

  [[nodiscard]] const std::deque<Session>& sessions() const { return sessions_; }
  [[nodiscard]] const LearnedSas& learned() const { return learned_; }
  [[nodiscard]] std::uint64_t untracked() const { return untracked_; }
  // The most SAs that some flow had beyond those that are tried.
  [[nodiscard]] std::uint64_t untried() const { return untried_; }
  [[nodiscard]] const Keystore& keystore() const { return keystore_; }

 private:
  static constexpr std::size_t most_unknown_flows = 1024;
  static constexpr std::size_t most_candidates = 64;
  std::size_t most_known_flows() const;
  void reconsider(Flow& flow, const SecurityAssociation& made);
  void add_candidate(Flow& flow, const SecurityAssociation& sa, bool by_spi_alone);
  void add_candidates(Flow& flow, std::span<const std::uint32_t> indices, bool by_spi_alone);
  Session& new_session(const Flow& flow, const SecurityAssociation* association);

  // Open addressing, never more than half full: a few bits of the hash, and which flow, from 1.
  struct Slot {
    std::uint32_t tag = 0, flow = 0;
  };
  Flow*& recent(const FlowKey& key) { return recent_[key.spi % recent_.size()]; }
  [[nodiscard]] std::size_t slot_of(const FlowKey& key, std::uint64_t hash) const;
  void widen();
  Flow& keep(const FlowKey& key, std::uint64_t hash);

  const Keystore& keystore_;
  std::deque<Flow> flows_;  // in the order of their first packets
  std::vector<Slot> slots_;
  std::unordered_multimap<std::uint64_t, Flow*, SecretHash> by_spi_;
  std::deque<Session> sessions_;
  std::vector<Session*> numbered_;  // the same, found faster: every packet asks several times
  LearnedSas learned_;
  std::size_t unknown_flows_ = 0;
  std::uint64_t untracked_ = 0, untried_ = 0;
  // By the lowest bits of the SPI: few flows are under way at a time, and comparing keys is cheaper than hashing one.
  std::array<Flow*, 64> recent_{};
};

}  // namespace espdump
