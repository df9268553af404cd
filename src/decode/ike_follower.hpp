// Follows IKE SAs through their messages: opens what keys are there for, pairs requests with responses, and makes Child
// SAs and rekeyed IKE SAs known as soon as their exchanges end.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include <espdump/ike.hpp>
#include <espdump/packet.hpp>

#include "decode/flow.hpp"
#include "decode/ike_children.hpp"
#include "decode/ike_fragments.hpp"
#include "decode/ike_keyring.hpp"
#include "decode/ip_layer.hpp"
#include "decode/message_log.hpp"
#include "decode/tape.hpp"

namespace espdump {

// What is kept of an IKE SA beside what reports show.
struct FollowedIkeSa {
  IkeSa facts;
  IkeKeyring keyring;
  IkeFragments fragments;
  MessageLog log;
  std::vector<std::uint8_t> initiator_nonce, responder_nonce;  // of IKE_SA_INIT
  std::optional<IkeContents> child_request;                    // of IKE_AUTH: the one with SA, TSi and TSr
};

class IkeFollower {
 public:
  IkeFollower(const Keystore& keystore, FlowTable& flows, Tape& tape) : source_(keystore), flows_(flows), tape_(tape) {}

  // The payloads inside an encrypted one, in the arena of the packet.
  struct Opened {
    std::uint8_t first = 0;  // the type of the first of them
    Bytes payloads;
    Origin origin = Origin::decrypted;
  };
  // Follows the message whose header is layer `header`; `sealed` is the layer of its encrypted payload, or no_layer.
  // Adds its record to the packet. What was inside, once it is whole.
  std::optional<Opened> follow(Packet& packet, LayerIndex header, LayerIndex sealed, const IpLayer& outer);

  [[nodiscard]] std::vector<const IkeSa*> all() const;
  [[nodiscard]] const IkeSa* find(IkeSaNumber number) const noexcept;
  [[nodiscard]] std::uint64_t untracked() const { return untracked_; }
  // Messages in fragments that there was no room for.
  [[nodiscard]] std::uint64_t given_up() const;
  // Replayed exchanges and messages in fragments whose beginning was not seen where their end was recorded.
  [[nodiscard]] std::uint64_t torn() const { return torn_; }

 private:
  static constexpr std::size_t most_sas = 4096;
  using SpiPair = std::pair<std::uint64_t, std::uint64_t>;

  // One message on its way through follow().
  struct Arrived;
  Arrived arrived(const Packet& packet, LayerIndex header, LayerIndex sealed, const IpLayer& outer) const;
  FollowedIkeSa* sa_of(const Arrived& message);
  FollowedIkeSa* answered(const Arrived& message);
  FollowedIkeSa* make(const Arrived& message);
  bool make_room();
  std::optional<Opened> open(FollowedIkeSa& sa, Arrived& message, Packet& packet);
  static IkeContents contents_of(const Arrived& message, const std::optional<Opened>& opened);
  void meet(FollowedIkeSa& sa, Arrived& message, const std::optional<Opened>& opened, IkeContents contents);
  void note_beginning(const FollowedIkeSa& sa, const IkeExchange& exchange);
  void note(FollowedIkeSa& sa, Arrived& message, const std::optional<Opened>& opened, IkeContents contents);
  // In ike_effects.cpp.
  void take_effect(FollowedIkeSa& sa, IkeExchange& exchange, bool response);
  static void conclude(IkeSa& sa, const IkeExchange& exchange, bool response);
  void answer_init(FollowedIkeSa& sa, const IkeExchange& exchange);
  void answer_auth(FollowedIkeSa& sa, const IkeExchange& exchange);
  void answer_create_child(FollowedIkeSa& sa, const IkeExchange& exchange);
  void make_child(FollowedIkeSa& sa, const IkeExchange& exchange, const IkeContents& request);
  void rekey_ike(FollowedIkeSa& sa, const IkeExchange& exchange);
  void replace_child(FollowedIkeSa& sa, IkeChild& successor);
  bool lives_on(const IkeSa& sa);
  void apply_deletes(FollowedIkeSa& sa, const IkeMessage& message, bool by_initiator);
  IkeChild* child_of(FollowedIkeSa& sa, std::uint8_t protocol, std::uint32_t spi, bool of_initiator);

  std::optional<Opened> replay(FollowedIkeSa& sa, Arrived& message, Packet& packet) const;
  void learn(const FollowedIkeSa& sa, const IkeExchange& exchange, IkeChild& child, std::vector<AssociationPair> made);

  IkeKeySource source_;
  FlowTable& flows_;
  Tape& tape_;
  std::map<IkeSaNumber, FollowedIkeSa> sas_;
  std::map<SpiPair, IkeSaNumber> by_spis_;
  // Initiator's SPI and address.
  struct Initiator {
    std::uint64_t spi = 0;
    IpAddress address;
    bool operator==(const Initiator&) const = default;
  };
  struct InitiatorHash {
    std::size_t operator()(const Initiator& it) const noexcept;
  };
  std::unordered_map<Initiator, IkeSaNumber, InitiatorHash> unanswered_;
  std::deque<IkeSaNumber> calling_;  // those that began without an answer, oldest first
  IkeSaNumber last_ = 0;
  std::uint64_t untracked_ = 0, torn_ = 0;
};

}  // namespace espdump
