// What partial results consist of, described once for writing and reading. docs/partials.md is the format.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <espdump/ike_log.hpp>
#include <espdump/keystore.hpp>

#include "decode/record.hpp"
#include "partial/archive.hpp"
#include "partial/names.hpp"

namespace espdump::partial {

// What a reader believes; a packet has less.
inline constexpr std::size_t most_items = 1U << 22, most_chains = 1U << 14, most_layers_of_a_chain = 64;
inline constexpr std::uint64_t most_bytes = 1U << 18, most_bytes_of_a_frame = 1U << 23;
inline constexpr std::size_t most_memory_of_a_frame = 1U << 25, most_memory_of_an_end = 1U << 26;

// --- small things ---------------------------------------------------------------------------------------------------

template <typename A>
void describe_shape(A& a, bool& value) {
  std::uint8_t number = value ? 1 : 0;
  a.shape(number);
  value = number != 0;
}

template <typename A, typename T>
void describe_limited(A& a, Column column, T& value, std::uint64_t most) {
  a.number(column, value);
  if constexpr (A::reads)
    if (static_cast<std::uint64_t>(value) > most) a.fail();
}

// A number that follows from another, or nearly so.
template <typename A, typename T>
void describe_near(A& a, T& value, std::uint64_t expected) {
  auto difference = static_cast<std::int64_t>(static_cast<std::uint64_t>(value) - expected);
  a.shape_of(difference);
  value = static_cast<T>(static_cast<std::uint64_t>(difference) + expected);
}

template <typename A, typename T>
void describe_enum(A& a, T& value, T last) {
  a.shape(value);
  if constexpr (A::reads)
    if (value > last) a.fail(), value = T{};
}

template <typename A, typename T>
void describe_named(A& a, const std::vector<const T*>& known, const Names& names, const T*& value) {
  std::uint64_t number = 0;
  if constexpr (!A::reads) number = names.number_of(value);
  a.shape(number);
  if constexpr (A::reads) {
    if (number >= known.size() || (number != 0 && known[static_cast<std::size_t>(number)] == nullptr)) return a.fail();
    value = known[static_cast<std::size_t>(number)];
  }
}

template <typename A, typename T, typename F>
void describe_list(A& a, std::vector<T>& list, F each) {
  a.size(list, most_items);
  for (T& one : list) {
    if (a.failed()) return;
    each(one);
  }
}

template <typename A, typename T, typename F>
void describe_optional(A& a, std::optional<T>& value, F what) {
  bool there = value.has_value();
  describe_shape(a, there);
  if constexpr (A::reads) {
    value.reset();
    if (there) value.emplace();
  }
  if (value) what(*value);
}

template <typename A>
void describe_address(A& a, IpAddress& address) {
  std::vector<std::uint8_t> bytes(address.bytes().begin(), address.bytes().end());
  a.bytes(bytes);
  if constexpr (A::reads) address = IpAddress{bytes};
}

template <typename A>
void describe_prefix(A& a, Prefix& prefix) {
  describe_address(a, prefix.address);
  a.number(Column::other, prefix.length);
}

// --- frames ---------------------------------------------------------------------------------------------------------

template <typename A>
void describe(A& a, const Names& names, FindingRecord& finding) {
  describe_named(a, names.codes, names, finding.info);
  a.text(finding.message);
  a.text(finding.remedy);
  describe_shape(a, finding.of_opened);
  if constexpr (A::reads)
    if (finding.info == nullptr) a.fail();
}

template <typename A>
void describe(A& a, const Names& names, std::vector<LayerRecord>& layers, std::uint64_t size) {
  std::uint64_t begin = 0, end = size;
  describe_list(a, layers, [&](LayerRecord& layer) {
    describe_named(a, names.protocols, names, layer.protocol);
    describe_near(a, layer.header, begin);
    a.shape(layer.header_size);
    describe_near(a, layer.payload, std::uint64_t{layer.header} + layer.header_size);
    describe_near(a, layer.payload_size, end - layer.payload);
    describe_near(a, layer.claimed, layer.payload_size);
    a.number(Column::other, layer.reached_by);
    a.shape(layer.outer);
    describe_shape(a, layer.quoted);
    describe_shape(a, layer.malformed);
    begin = layer.payload;
    end = std::uint64_t{layer.payload} + layer.payload_size;
    if constexpr (A::reads)
      if (layer.protocol == nullptr || end > most_bytes || layers.size() > most_layers_of_a_chain) a.fail();
  });
}

template <typename A>
void describe(A& a, TryRecord& one, std::uint64_t sealed_size) {
  a.shape(one.keys);
  a.shape(one.high);
  a.shape(one.assumed);
  describe_enum(a, one.outcome, Opener::Outcome::bad_icv);
  describe_shape(a, one.esn);
  describe_shape(a, one.has_trailer);
  if (!one.has_trailer) {
    if constexpr (A::reads) {
      one.standard_padding = true, one.convincing = false;
      one.pad_length = one.next_header = 0, one.payload_size = 0;
      one.kept.clear();
    }
    return;
  }
  describe_shape(a, one.standard_padding);
  describe_shape(a, one.convincing);
  a.number(Column::padding, one.pad_length);
  a.shape(one.next_header);
  describe_near(a, one.payload_size, sealed_size - one.pad_length);
  a.row(one.kept);
  if constexpr (A::reads)
    if (one.payload_size > most_bytes) a.fail();
}

template <typename A>
void describe(A& a, const Names& names, IcvDiagnosis& diagnosis) {
  describe_enum(a, diagnosis.cause, IcvCause::bit_flip);
  a.shape(diagnosis.icv_bits);
  a.shape(diagnosis.other);
  describe_named(a, names.algorithms, names, diagnosis.algorithm);
}

inline constexpr std::string_view flipped_fields[] = {"sequence number", "IV", "ICV"};

template <typename A>
void describe(A& a, FlippedBit& flipped) {
  std::size_t field = 0;
  for (std::size_t i = 0; i < std::size(flipped_fields); ++i)
    if (flipped_fields[i] == flipped.field) field = i;
  a.number(Column::other, field);
  a.number(Column::other, flipped.byte);
  a.number(Column::other, flipped.bit);
  if constexpr (A::reads) {
    if (field >= std::size(flipped_fields) || flipped.bit > 7) return a.fail();
    flipped.field = flipped_fields[field];
  }
}

template <typename A>
void describe(A& a, const Names& names, SealedRecord& sealed, std::uint64_t size) {
  a.digest(sealed.digest);
  describe_list(a, sealed.tries, [&](TryRecord& one) { describe(a, one, size); });
  describe_optional(a, sealed.diagnosis, [&](IcvDiagnosis& one) { describe(a, names, one); });
  describe_optional(a, sealed.flipped, [&](FlippedBit& one) {
    describe(a, one);
    a.number(Column::other, sealed.flipped_high);
  });
  describe_shape(a, sealed.tried_learned);
  describe_list(a, sealed.behind_nat, [&](KeysId& one) { a.shape(one); });
}

template <typename A>
void describe(A& a, PieceRecord& piece) {
  describe_limited(a, Column::other, piece.size, most_bytes);
  describe_near(a, piece.claimed, piece.size);
  describe_enum(a, piece.claim.space, Space::internal);
  a.shape(piece.claim.value);
  describe_enum(a, piece.origin, Origin::reconstructed);
  describe_shape(a, piece.in_place);
  a.number(Column::other, piece.offset);
  describe_shape(a, piece.overlapped);
  a.row(piece.kept);
}

template <typename A>
void describe(A& a, wire::IkeTransform& one) {
  a.number(Column::other, one.type);
  a.number(Column::other, one.id);
  a.number(Column::other, one.key_bits);
}

template <typename A>
void describe(A& a, wire::TrafficSelector& one) {
  a.number(Column::other, one.type);
  a.number(Column::other, one.protocol);
  a.number(Column::other, one.start_port);
  a.number(Column::other, one.end_port);
  describe_address(a, one.first);
  describe_address(a, one.last);
}

template <typename A>
void describe(A& a, IkeCertificateFacts& one) {
  a.text(one.subject);
  a.text(one.issuer);
  a.near(Column::other, one.not_before, 0);
  a.near(Column::other, one.not_after, 0);
}

template <typename A>
void describe_hash(A& a, NatHash& hash) {
  std::vector<std::uint8_t> bytes(hash.begin(), hash.end());
  a.bytes(bytes);
  if constexpr (A::reads) {
    if (bytes.size() != hash.size()) return a.fail();
    std::copy(bytes.begin(), bytes.end(), hash.begin());
  }
}

template <typename A>
void describe(A& a, IkeContents& said) {
  a.bytes(said.payloads);
  describe_list(a, said.notices, [&](IkeNotice& one) {
    a.number(Column::other, one.type);
    a.number(Column::other, one.protocol);
    a.number(Column::other, one.spi);
    a.number(Column::other, one.number);
  });
  describe_list(a, said.offers, [&](IkeOffer& one) {
    a.number(Column::other, one.number);
    a.number(Column::other, one.protocol);
    a.number(Column::other, one.spi);
    describe_list(a, one.transforms, [&](wire::IkeTransform& transform) { describe(a, transform); });
  });
  describe_optional(a, said.group, [&](std::uint16_t& group) { a.number(Column::other, group); });
  a.number(Column::other, said.key_exchange_size);
  std::uint64_t nonce = said.nonce.size();
  describe_limited(a, Column::other, nonce, most_bytes);
  if constexpr (A::reads)
    if (!a.failed()) said.nonce.assign(static_cast<std::size_t>(nonce), 0);
  describe_optional(a, said.initiator_id, [&](std::string& id) { a.text(id); });
  describe_optional(a, said.responder_id, [&](std::string& id) { a.text(id); });
  a.number(Column::other, said.auth_method);
  describe_list(a, said.initiator_selectors, [&](wire::TrafficSelector& one) { describe(a, one); });
  describe_list(a, said.responder_selectors, [&](wire::TrafficSelector& one) { describe(a, one); });
  describe_list(a, said.deletes, [&](std::pair<std::uint8_t, std::uint32_t>& one) {
    a.number(Column::other, one.first);
    a.number(Column::other, one.second);
  });
  describe_shape(a, said.deletes_ike);
  a.text(said.eap);
  a.number(Column::other, said.configuration);
  describe_list(a, said.certificates, [&](IkeCertificateFacts& one) { describe(a, one); });
  describe_list(a, said.nat_source, [&](NatHash& hash) { describe_hash(a, hash); });
  describe_optional(a, said.nat_destination, [&](NatHash& hash) { describe_hash(a, hash); });
  describe_shape(a, said.says_strongswan);
  a.text(said.malformed);
}

template <typename A>
void describe(A& a, IkeMessageRecord& message) {
  a.digest(message.digest);
  describe_enum(a, message.sealed, IkeSealed::unusable);
  describe_shape(a, message.opened);
  a.number(Column::other, message.first);
  describe_limited(a, Column::other, message.size, most_bytes);
  describe_enum(a, message.origin, Origin::reconstructed);
  describe(a, message.contents);
  describe_list(a, message.learned, [&](LearnedRecord& one) {
    a.number(Column::other, one.forth);
    a.number(Column::other, one.back);
    describe_limited(a, Column::other, one.encryption_size, 256);
    describe_limited(a, Column::other, one.integrity_size, 256);
  });
  describe_shape(a, message.lacks_beginning);
}

// `size`: of the bytes that the chain was given.
template <typename A>
void describe(A& a, const Names& names, ChainRecord& chain, std::uint64_t size) {
  describe_shape(a, chain.known);
  if (!chain.known) {
    if constexpr (A::reads) chain = ChainRecord{};
    return;
  }
  describe(a, names, chain.layers, size);
  describe_list(a, chain.findings, [&](FindingRecord& one) { describe(a, names, one); });
  describe_enum(a, chain.end, Step::Kind::quoted);
  a.shape(chain.last);
  describe_shape(a, chain.shortfall);
  a.shape(chain.first_child);
  a.shape(chain.children);
  const std::uint64_t sealed = chain.layers.empty() ? 0 : chain.layers.back().payload_size;
  describe_list(a, chain.sealed, [&](SealedRecord& one) { describe(a, names, one, sealed); });
  describe_list(a, chain.pieces, [&](PieceRecord& one) { describe(a, one); });
  describe_list(a, chain.join_findings, [&](FindingRecord& one) { describe(a, names, one); });
  describe_optional(a, chain.inflated, [&](InflatedRecord& one) {
    a.shape(one.next_header);
    describe_limited(a, Column::size, one.size, most_bytes);
    a.row(one.kept);
  });
  describe_optional(a, chain.ike, [&](IkeMessageRecord& one) { describe(a, one); });
}

// What the bytes of a chain's children are as long as, where that can be told.
inline std::uint64_t child_size(const ChainRecord& parent, std::uint32_t child) {
  if (child < parent.pieces.size()) return parent.pieces[child].size;
  if (parent.inflated) return parent.inflated->size;
  if (parent.ike && parent.ike->opened) return parent.ike->size;
  if (!parent.sealed.empty())
    for (const TryRecord& one : parent.sealed.back().tries)
      if (one.has_trailer) return one.payload_size;
  return 0;
}

struct Before {
  FrameNumber number = 0;
  std::int64_t time = 0;
};

template <typename A>
void describe(A& a, const Names& names, FrameRecord& frame, std::vector<Before>& before) {
  a.begin_frame();
  a.shape(frame.file);
  if (frame.file >= before.size()) before.resize(std::size_t{frame.file} + 1);
  Before& last = before[frame.file];
  a.near(Column::number, frame.number, static_cast<std::int64_t>(last.number + 1));
  a.near(Column::time, frame.time.nanoseconds, last.time);
  last = {frame.number, frame.time.nanoseconds};
  a.shape(frame.interface);
  a.shape(frame.link_type);
  describe_limited(a, Column::size, frame.size, most_bytes);
  describe_near(a, frame.wire_length, frame.size);
  a.size(frame.chains, most_chains);
  if constexpr (A::reads)
    if (a.failed() || frame.chains.empty()) return a.fail();
  std::vector<std::uint64_t> sizes(frame.chains.size());
  std::uint64_t all = sizes[0] = frame.size;
  for (std::uint32_t i = 0; i < frame.chains.size() && !a.failed(); ++i) {
    ChainRecord& chain = frame.chains[i];
    describe(a, names, chain, sizes[i]);
    if constexpr (A::reads)
      if (chain.children != 0 && (chain.first_child <= i || chain.first_child > frame.chains.size() ||
                                  chain.children > frame.chains.size() - chain.first_child))
        return a.fail();
    for (std::uint32_t child = 0; child < chain.children; ++child)
      all += sizes[chain.first_child + child] = child_size(chain, child);
    if constexpr (A::reads)
      if (all > most_bytes_of_a_frame) return a.fail();
  }
  a.row(frame.kept);
  a.end_frame();
  if constexpr (A::reads) frame.memory = a.memory();
}

// --- keystores ------------------------------------------------------------------------------------------------------

template <typename A>
void describe(A& a, const Names& names, AlgorithmUse& use) {
  describe_named(a, names.algorithms, names, use.info);
  a.number(Column::other, use.icv_bits);
  describe_enum(a, use.state, KeyState::unusable);
  describe_enum(a, use.weakness, KeyWeakness::des_weak_key);
  a.number(Column::other, use.key_group);
}

template <typename A>
void describe(A& a, Selector& selector) {
  describe_prefix(a, selector.source);
  describe_prefix(a, selector.destination);
  a.number(Column::other, selector.protocol);
  describe_optional(a, selector.source_port, [&](std::uint16_t& port) { a.number(Column::other, port); });
  describe_optional(a, selector.destination_port, [&](std::uint16_t& port) { a.number(Column::other, port); });
}

template <typename A>
void describe(A& a, const Names& names, SecurityAssociation& sa) {
  describe_address(a, sa.source);
  describe_address(a, sa.destination);
  describe_enum(a, sa.protocol, IpsecProtocol::ipcomp);
  a.number(Column::other, sa.spi);
  describe_enum(a, sa.mode, SaMode::unknown);
  a.number(Column::other, sa.reqid);
  describe(a, names, sa.encryption);
  describe(a, names, sa.integrity);
  describe_shape(a, sa.esn);
  describe_shape(a, sa.align4);
  a.number(Column::other, sa.replay_window);
  describe_enum(a, sa.encapsulation, Encapsulation::tcp);
  a.number(Column::other, sa.source_port);
  a.number(Column::other, sa.destination_port);
  describe_optional(a, sa.selector, [&](Selector& one) { describe(a, one); });
  a.shape(sa.selector_family);
  a.number(Column::other, sa.mark);
  a.number(Column::other, sa.mark_mask);
  describe_optional(a, sa.if_id, [&](std::uint32_t& one) { a.number(Column::other, one); });
  describe_list(a, sa.positions, [&](WindowPosition& one) {
    a.number(Column::other, one.received);
    a.number(Column::other, one.sent);
  });
  describe_list(a, sa.mapped_ports, [&](std::uint16_t& one) { a.number(Column::other, one); });
  describe_optional(a, sa.wildcards, [&](Wildcards& one) {
    describe_prefix(a, one.source);
    describe_prefix(a, one.destination);
    a.number(Column::other, one.spi_mask);
  });
  describe_list(a, sa.policies, [&](Selector& one) { describe(a, one); });
  describe_enum(a, sa.ending, Ending::expired);
  describe_optional(a, sa.ended, [&](Timestamp& one) { a.near(Column::other, one.nanoseconds, 0); });
  a.text(sa.file);
  a.number(Column::other, sa.line);
}

template <typename A>
void describe(A& a, wire::IkeProposal& one) {
  a.number(Column::other, one.number);
  a.number(Column::other, one.protocol);
  describe_list(a, one.transforms, [&](wire::IkeTransform& transform) { describe(a, transform); });
}

template <typename A>
void describe(A& a, const Names& names, Keystore::Told& told) {
  a.begin_frame();
  describe_list(a, told.associations, [&](SecurityAssociation& one) { describe(a, names, one); });
  describe_list(a, told.key_sizes, [&](std::pair<std::uint16_t, std::uint16_t>& one) {
    describe_limited(a, Column::other, one.first, 4096);
    describe_limited(a, Column::other, one.second, 4096);
  });
  describe_list(a, told.proposals, [&](LoggedProposals& one) {
    describe_list(a, one.received, [&](wire::IkeProposal& proposal) { describe(a, proposal); });
    describe_list(a, one.configured, [&](wire::IkeProposal& proposal) { describe(a, proposal); });
    a.text(one.file);
    a.number(Column::other, one.line);
  });
  describe_list(a, told.selectors, [&](LoggedSelectors& one) {
    a.text(one.asked_here);
    a.text(one.asked_there);
    a.text(one.allowed_here);
    a.text(one.allowed_there);
    a.text(one.file);
    a.number(Column::other, one.line);
  });
  describe_shape(a, told.ike_keys);
  a.end_frame();
}

}  // namespace espdump::partial
