// What certificates and the names in them say (RFC 5280), as text that is safe to show. Nothing is verified.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <espdump/bytes.hpp>

namespace espdump {

struct Certificate {
  std::string subject, issuer;                 // as distinguished_name() writes them
  std::string serial;                          // hexadecimal
  std::int64_t not_before = 0, not_after = 0;  // seconds since 1970-01-01 00:00 UTC
  std::vector<std::string> alternative_names;  // "DNS:g1.lab.example", "IP:192.0.2.1"; the first 32
  std::string key_type;                        // "RSA", "EC P-256", "ED25519"
  std::size_t key_bits = 0;                    // 0: not known of this type
  std::string signature_algorithm;             // "ecdsa-with-SHA256"
  bool self_issued = false;                    // subject and issuer are one: a root, if the signature is its own
};

// Nothing where `der` is not one certificate and no more.
std::optional<Certificate> read_certificate(Bytes der);

// "C=CH, O=Lab, CN=g1", in the order of the encoding; commas in a value become "\,". Nothing where `der` is no Name.
std::optional<std::string> distinguished_name(Bytes der);

// An AlgorithmIdentifier: "ecdsa-with-SHA256", "RSASSA-PSS with SHA256", or numbers of an unknown one.
std::optional<std::string> algorithm_name(Bytes der);

// "2026-01-31 23:59:59 UTC", of seconds since 1970.
std::string utc_text(std::int64_t seconds);

}  // namespace espdump
