// Fields of CERT, CERTREQ and AUTH payloads, RFC 7296 sections 3.6 to 3.8 and RFC 7427 section 3.
#include <espdump/wire/ikev2_names.hpp>

#include <fmt/core.h>

#include "base/x509.hpp"
#include "dissect/ike_fields.hpp"

namespace espdump {
namespace {

constexpr std::uint8_t x509_signature = 4, hash_and_url = 12, hash_and_url_of_bundle = 13;
constexpr std::uint8_t digital_signature = 14;
constexpr std::size_t sha1_size = 20;
constexpr std::size_t most_authorities = 64;

void describe_hash_and_url(const Part& data, FieldSink& out) {
  describe_rest("hash", data.slice(0, sha1_size), out);
  const Part url = data.from(sha1_size);
  if (const auto text = readable(url.bytes))
    out.text("url", url.where(), *text);
  else
    describe_rest("url", url, out);
}

// RFC 7427 section 3: the length of an AlgorithmIdentifier, it, the signature.
bool describe_digital_signature(const Part& data, FieldSink& out) {
  if (data.bytes.empty() || data.bytes.size() - 1 < data.bytes[0]) return false;
  const Part algorithm = data.slice(1, data.bytes[0]);
  const auto name = algorithm_name(algorithm.bytes);
  if (!name) return false;
  out.safe_text("algorithm", algorithm.where(), *name);
  describe_rest("signature", data.from(1 + algorithm.bytes.size()), out);
  return true;
}

}  // namespace

void describe_certificate(std::string_view name, const Part& der, FieldSink& out) {
  const auto certificate = read_certificate(der.bytes);
  if (!certificate) return describe_rest(name, der, out);
  out.begin(name, der.where(), fmt::format("X.509, {} bytes", der.bytes.size()));
  out.safe_text("subject", der.where(), certificate->subject);
  out.safe_text("issuer", der.where(), certificate->issuer);
  out.text("serial", der.where(), certificate->serial);
  out.text("not_before", der.where(), utc_text(certificate->not_before));
  out.text("not_after", der.where(), utc_text(certificate->not_after));
  for (const std::string& alternative : certificate->alternative_names)
    out.safe_text("subject_alt_name", der.where(), alternative);
  out.text("public_key", der.where(),
           certificate->key_bits != 0 ? fmt::format("{}, {} bits", certificate->key_type, certificate->key_bits)
                                      : certificate->key_type);
  out.text("signature", der.where(), certificate->signature_algorithm);
  out.flag("self_issued", {}, certificate->self_issued);
  out.end();
}

void describe_ike_certificate(const Part& body, FieldSink& out) {
  const auto certificate = wire::read_ike_certificate(body.bytes);
  if (!certificate) return;
  const std::uint8_t encoding = certificate->encoding;
  out.number("encoding", body.at(0, 1), encoding, wire::ike_certificate_encoding_name(encoding));
  if (encoding == x509_signature)
    describe_certificate("certificate", body.from(1), out);
  else if (encoding == hash_and_url || encoding == hash_and_url_of_bundle)
    describe_hash_and_url(body.from(1), out);
  else
    describe_rest("data", body.from(1), out);
}

void describe_ike_certificate_request(const Part& body, FieldSink& out) {
  const auto request = wire::read_ike_certificate(body.bytes);
  if (!request) return;
  const Part hashes = body.from(1);
  out.number("encoding", body.at(0, 1), request->encoding, wire::ike_certificate_encoding_name(request->encoding));
  if (hashes.bytes.size() % sha1_size != 0) return describe_rest("authority", hashes, out);
  const std::size_t count = hashes.bytes.size() / sha1_size;
  out.number("authorities", {}, count);
  for (std::size_t i = 0; i < std::min(count, most_authorities); ++i)
    describe_rest("authority", hashes.slice(i * sha1_size, sha1_size), out);
}

void describe_ike_auth(const Part& body, FieldSink& out) {
  const auto auth = wire::read_ike_auth(body.bytes);
  if (!auth) return;
  out.number("method", body.at(0, 1), auth->method, wire::ike_auth_method_name(auth->method));
  const Part data = body.from(4);
  if (auth->method != digital_signature || !describe_digital_signature(data, out)) describe_rest("data", data, out);
}

}  // namespace espdump
