// Reads payloads into IkeContents. What cannot be read is left out here; the dissector of payloads says what is wrong.
#include "decode/ike_contents.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <utility>

#include <espdump/wire/ikev2_names.hpp>

#include "base/pseudonyms.hpp"
#include "base/x509.hpp"

namespace espdump {
namespace {

namespace payload = wire::ike_payload;

constexpr std::size_t most_payloads = 64, most_notices = 32, most_offers = 32, most_transforms = 64, most_deletes = 64,
                      most_selectors = 32, most_hashes = 8, most_certificates = 4, longest_nonce = 256,
                      longest_text = 256;

std::uint64_t spi_number(Bytes spi) {
  std::uint64_t out = 0;
  if (spi.size() <= 8)
    for (const std::uint8_t byte : spi) out = out << 8 | byte;
  return out;
}

std::string bounded(std::string text) {
  if (text.size() > longest_text) text.resize(longest_text);
  return text;
}

std::uint32_t notice_number(const wire::IkeNotify& notify) {
  switch (notify.type) {
    case wire::ike_notify::invalid_ke_payload: return notify.data.size() == 2 ? read_u16(notify.data, 0) : 0U;
    case wire::ike_notify::auth_lifetime:
    case wire::ike_notify::set_window_size: return notify.data.size() == 4 ? read_u32(notify.data, 0) : 0U;
    default: return 0;
  }
}

std::optional<NatHash> nat_hash(Bytes data) {
  NatHash out{};
  if (data.size() != out.size()) return std::nullopt;
  std::copy(data.begin(), data.end(), out.begin());
  return out;
}

void read_notify(const wire::IkeNotify& notify, IkeContents& out) {
  if (out.notices.size() < most_notices)
    out.notices.push_back({notify.type, notify.protocol,
                           notify.spi.size() == 4 ? static_cast<std::uint32_t>(spi_number(notify.spi)) : 0U,
                           notice_number(notify)});
  const std::optional<NatHash> hash = nat_hash(notify.data);
  if (notify.type == wire::ike_notify::nat_detection_source_ip && hash && out.nat_source.size() < most_hashes)
    out.nat_source.push_back(*hash);
  if (notify.type == wire::ike_notify::nat_detection_destination_ip && hash) out.nat_destination = hash;
}

void read_offers(Bytes body, IkeContents& out) {
  for (wire::IkeProposal& proposal : wire::read_ike_proposals(body, most_offers, most_transforms).list) {
    if (out.offers.size() == most_offers) return;
    out.offers.push_back(
        {proposal.number, proposal.protocol, spi_number(proposal.spi), std::move(proposal.transforms)});
  }
}

void read_delete(const wire::IkeDelete& deleted, IkeContents& out) {
  if (deleted.protocol == wire::ike_protocol::ike) out.deletes_ike = true;
  for (const Bytes spi : deleted.spis)
    if (spi.size() == 4 && out.deletes.size() < most_deletes)
      out.deletes.emplace_back(deleted.protocol, static_cast<std::uint32_t>(spi_number(spi)));
}

void read_nonce(Bytes body, IkeContents& out) {
  if (body.size() <= longest_nonce) out.nonce.assign(body.begin(), body.end());
}

void read_vendor_id(Bytes body, IkeContents& out) {
  out.says_strongswan = out.says_strongswan || wire::ike_vendor_name(body) == "strongSwan";
}

std::string shown_name(const std::string& name) {
  const Pseudonyms* others = pseudonyms();
  return others == nullptr ? name : others->of_name(name);
}

void read_certificate_payload(Bytes body, IkeContents& out) {
  constexpr std::uint8_t x509_signature = 4;  // RFC 7296 section 3.6
  const auto payload = wire::read_ike_certificate(body);
  if (!payload || payload->encoding != x509_signature || out.certificates.size() == most_certificates) return;
  if (auto certificate = read_certificate(payload->data))
    out.certificates.push_back({bounded(shown_name(certificate->subject)), bounded(shown_name(certificate->issuer)),
                                certificate->not_before, certificate->not_after});
}

void read_payload(const wire::IkePayload& it, IkeContents& out) {
  switch (it.type) {
    case payload::sa: return read_offers(it.body, out);
    case payload::ke:
      if (const auto exchange = wire::read_ike_key_exchange(it.body)) {
        out.group = exchange->group;
        out.key_exchange_size = exchange->data.size();
      }
      return;
    case payload::idi:
    case payload::idr:
      if (const auto identity = wire::read_ike_identity(it.body))
        (it.type == payload::idi ? out.initiator_id : out.responder_id) = bounded(wire::identity_text(*identity));
      return;
    case payload::cert: return read_certificate_payload(it.body, out);
    case payload::auth:
      if (const auto auth = wire::read_ike_auth(it.body)) out.auth_method = auth->method;
      return;
    case payload::nonce: return read_nonce(it.body, out);
    case payload::notify:
      if (const auto notify = wire::read_ike_notify(it.body)) read_notify(*notify, out);
      return;
    case payload::del:
      if (const auto deleted = wire::read_ike_delete(it.body, most_deletes)) read_delete(*deleted, out);
      return;
    case payload::vendor_id: return read_vendor_id(it.body, out);
    case payload::tsi:
    case payload::tsr:
      if (auto selectors = wire::read_traffic_selectors(it.body, most_selectors))
        (it.type == payload::tsi ? out.initiator_selectors : out.responder_selectors) = std::move(*selectors);
      return;
    case payload::eap: out.eap = wire::ike_eap_words(it.body); return;
    case payload::cp:
      if (const auto configuration = wire::read_ike_configuration(it.body)) out.configuration = configuration->type;
      return;
    default: return;
  }
}

}  // namespace

void read_ike_contents(std::uint8_t first, Bytes chain, IkeContents& contents) {
  wire::IkePayloadChain payloads{first, chain};
  while (const auto it = payloads.next()) {
    if (contents.payloads.size() < most_payloads) contents.payloads.push_back(it->type);
    read_payload(*it, contents);
  }
  if (contents.malformed.empty()) contents.malformed = payloads.error();
}

}  // namespace espdump
