// The text of an identity, RFC 7296 section 3.5.
#include <espdump/printable.hpp>
#include <espdump/wire/ikev2_payloads.hpp>

#include <algorithm>

#include "base/append.hpp"
#include "base/pseudonyms.hpp"
#include "base/x509.hpp"

namespace espdump::wire {
namespace {

constexpr std::uint8_t ipv4_addr = 1, fqdn = 2, rfc822_addr = 3, ipv6_addr = 5, der_asn1_dn = 9, key_id = 11, null = 13;
constexpr std::size_t longest = 256;

std::string hex_text(Bytes data) {
  std::string out = "0x";
  for (const std::uint8_t byte : data.first(std::min(data.size(), longest / 2))) append(out, "{:02x}", byte);
  return data.size() > longest / 2 ? out + "..." : out;
}

std::string plain_text(Bytes data) {
  std::string text;
  for (const std::uint8_t byte : data.first(std::min(data.size(), longest))) text += static_cast<char>(byte);
  return printable(text) + (data.size() > longest ? "..." : "");
}

bool all_printable(Bytes data) {
  return std::all_of(data.begin(), data.end(), [](std::uint8_t byte) { return byte >= 0x20 && byte < 0x7f; });
}

std::string name_text(const IkeIdentity& identity) {
  const Bytes data = identity.data;
  switch (identity.type) {
    case ipv4_addr:
      if (data.size() == 4) return IpAddress{data}.to_string();
      break;
    case ipv6_addr:
      if (data.size() == 16) return IpAddress{data}.to_string();
      break;
    case fqdn:
    case rfc822_addr: return plain_text(data);
    case der_asn1_dn:
      if (auto name = distinguished_name(data)) return *std::move(name);
      break;
    case key_id:  // any bytes, but mostly they are text
      if (!data.empty() && all_printable(data)) return plain_text(data);
      break;
    case null: return "NULL";
    default: break;
  }
  return hex_text(data);
}

}  // namespace

std::string identity_text(const IkeIdentity& identity) {
  std::string name = name_text(identity);
  const bool is_address = identity.type == ipv4_addr || identity.type == ipv6_addr;
  const Pseudonyms* others = pseudonyms();
  return others == nullptr || is_address || identity.type == null ? name : others->of_name(name);
}

}  // namespace espdump::wire
