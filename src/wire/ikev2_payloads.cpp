// The chain of IKEv2 payloads and the simple bodies, RFC 7296 sections 3.2 and 3.4 to 3.16.
#include <espdump/wire/ikev2_payloads.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace espdump::wire {
namespace {

constexpr std::uint8_t critical_bit = 0x80;

bool ends_chain(std::uint8_t type) { return type == ike_payload::encrypted || type == ike_payload::encrypted_fragment; }

}  // namespace

std::optional<IkePayload> IkePayloadChain::next() {
  if (next_ == ike_payload::none || !error_.empty()) return std::nullopt;
  if (rest_.size() < generic_header) {
    error_ = fmt::format("payload of type {}: its header needs 4 bytes, {} are there", next_, rest_.size());
    return std::nullopt;
  }
  const std::size_t length = read_u16(rest_, 2);
  if (length < generic_header) {
    error_ = fmt::format("payload of type {} has length {}, less than its header's 4", next_, length);
    return std::nullopt;
  }
  if (length > rest_.size()) {
    error_ = fmt::format("payload of type {} has length {}, {} bytes are there", next_, length, rest_.size());
    return std::nullopt;
  }
  const IkePayload payload{next_, (rest_[1] & critical_bit) != 0, rest_.first(length).subspan(generic_header), offset_,
                           rest_[0]};
  // What an encrypted payload names next is inside it.
  next_ = ends_chain(payload.type) ? ike_payload::none : payload.next;
  rest_ = rest_.subspan(length);
  offset_ += length;
  return payload;
}

std::optional<IkeKeyExchange> read_ike_key_exchange(Bytes body) {
  ByteReader in{body};
  const std::uint16_t group = in.u16();
  in.skip(2);
  if (!in.ok()) return std::nullopt;
  return IkeKeyExchange{group, in.rest()};
}

std::optional<IkeIdentity> read_ike_identity(Bytes body) {
  ByteReader in{body};
  const std::uint8_t type = in.u8();
  in.skip(3);
  if (!in.ok()) return std::nullopt;
  return IkeIdentity{type, in.rest()};
}

std::optional<IkeCertificate> read_ike_certificate(Bytes body) {
  if (body.empty()) return std::nullopt;
  return IkeCertificate{body[0], body.subspan(1)};
}

std::optional<IkeAuth> read_ike_auth(Bytes body) {
  ByteReader in{body};
  const std::uint8_t method = in.u8();
  in.skip(3);
  if (!in.ok()) return std::nullopt;
  return IkeAuth{method, in.rest()};
}

std::optional<IkeNotify> read_ike_notify(Bytes body) {
  ByteReader in{body};
  IkeNotify notify;
  notify.protocol = in.u8();
  const std::size_t spi_size = in.u8();
  notify.type = in.u16();
  notify.spi = in.take(spi_size);
  notify.data = in.rest();
  return in.ok() ? std::optional{notify} : std::nullopt;
}

std::optional<IkeDelete> read_ike_delete(Bytes body, std::size_t most) {
  ByteReader in{body};
  IkeDelete out;
  out.protocol = in.u8();
  const std::size_t spi_size = in.u8();
  const std::size_t count = in.u16();
  if (!in.ok() || in.remaining() != spi_size * count) return std::nullopt;
  if (spi_size == 0) return out;
  for (std::size_t i = 0; i < std::min(count, most); ++i) out.spis.push_back(in.take(spi_size));
  return out;
}

std::optional<IkeConfiguration> read_ike_configuration(Bytes body, std::size_t most) {
  ByteReader in{body};
  IkeConfiguration out;
  out.type = in.u8();
  in.skip(3);
  while (in.remaining() != 0 && in.ok()) {
    const std::uint16_t type = in.u16() & 0x7fff;  // the highest bit is reserved
    const Bytes value = in.take(in.u16());
    if (out.attributes.size() < most) out.attributes.push_back({type, value});
  }
  return in.ok() ? std::optional{std::move(out)} : std::nullopt;
}

std::optional<IkeEap> read_ike_eap(Bytes body) {
  constexpr std::size_t header = 4;
  constexpr std::uint8_t request = 1, response = 2;
  ByteReader in{body};
  IkeEap eap;
  eap.code = in.u8();
  eap.identifier = in.u8();
  const std::size_t length = in.u16();
  if (!in.ok() || length < header) return std::nullopt;
  in.limit(length - header);
  if (eap.code == request || eap.code == response) eap.type = in.u8();
  eap.data = in.rest();
  return in.ok() ? std::optional{eap} : std::nullopt;
}

}  // namespace espdump::wire
