// Reads certificates with OpenSSL's ASN.1 parser. Public keys are not decoded: a hostile one would cost time.
#include "base/x509.hpp"

#include <fmt/core.h>
#include <openssl/asn1.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <memory>
#include <string_view>

#include <espdump/address.hpp>
#include <espdump/printable.hpp>

namespace espdump {
namespace {

constexpr int most_attributes = 64;
constexpr int most_names = 32;
constexpr std::size_t longest_value = 256;
constexpr std::size_t longest_serial = 64;

template <auto free>
struct Free {
  template <typename T>
  void operator()(T* pointer) const {
    free(pointer);
  }
};
using X509Pointer = std::unique_ptr<X509, Free<X509_free>>;
using NamePointer = std::unique_ptr<X509_NAME, Free<X509_NAME_free>>;
using AlgorithmPointer = std::unique_ptr<X509_ALGOR, Free<X509_ALGOR_free>>;
using PssPointer = std::unique_ptr<RSA_PSS_PARAMS, Free<RSA_PSS_PARAMS_free>>;
using NamesPointer = std::unique_ptr<GENERAL_NAMES, Free<GENERAL_NAMES_free>>;

// What OpenSSL thinks of hostile bytes must not be found in the queue by who asks it next.
struct ErrorsForgotten {
  ErrorsForgotten() = default;
  ErrorsForgotten(const ErrorsForgotten&) = delete;
  ErrorsForgotten& operator=(const ErrorsForgotten&) = delete;
  ~ErrorsForgotten() { ERR_clear_error(); }
};

// One structure that takes all of `der`.
template <typename Pointer, typename T>
Pointer parse(Bytes der, T* (*read)(T**, const unsigned char**, long)) {
  if (der.empty()) return {};
  const unsigned char* at = der.data();
  Pointer out{read(nullptr, &at, static_cast<long>(der.size()))};
  return at == der.data() + der.size() ? std::move(out) : Pointer{};
}

Bytes bytes_of(const ASN1_STRING* string) {
  const int size = ASN1_STRING_length(string);
  return {ASN1_STRING_get0_data(string), size < 0 ? 0 : static_cast<std::size_t>(size)};
}

std::string shown(Bytes bytes) {
  const Bytes head = bytes.first(std::min(bytes.size(), longest_value));
  std::string text = printable({reinterpret_cast<const char*>(head.data()), head.size()});
  return head.size() == bytes.size() ? text : text + "...";
}

std::string value_text(const ASN1_STRING* value) {
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, value);
  if (size < 0) return shown(bytes_of(value));
  const std::string raw = shown({utf8, static_cast<std::size_t>(size)});
  OPENSSL_free(utf8);
  std::string out;
  for (const char c : raw) {
    if (c == ',') out += '\\';
    out += c;
  }
  return out;
}

std::string object_text(const ASN1_OBJECT* object) {
  const int nid = OBJ_obj2nid(object);
  if (nid != NID_undef) return OBJ_nid2sn(nid);
  char numbers[128];
  const int size = OBJ_obj2txt(numbers, sizeof numbers, object, 1);
  return size > 0 ? std::string{numbers} : std::string{"?"};
}

std::string name_text(const X509_NAME* name) {
  std::string out;
  const int count = X509_NAME_entry_count(name);
  for (int i = 0; i < std::min(count, most_attributes); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    if (!out.empty()) out += ", ";
    out += object_text(X509_NAME_ENTRY_get_object(entry)) + '=' + value_text(X509_NAME_ENTRY_get_data(entry));
  }
  return count > most_attributes ? out + ", ..." : out;
}

std::optional<std::int64_t> seconds_of(const ASN1_TIME* time) {
  std::tm tm{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &tm) != 1) return std::nullopt;
  const std::chrono::sys_days day = std::chrono::year{tm.tm_year + 1900} / (tm.tm_mon + 1) / tm.tm_mday;
  return std::int64_t{day.time_since_epoch().count()} * 86'400 + tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec;
}

std::string hex(Bytes bytes) {
  std::string out;
  for (const std::uint8_t byte : bytes) out += fmt::format("{:02x}", byte);
  return out;
}

std::string alternative_name(const GENERAL_NAME& name) {
  int type = 0;
  const void* value = GENERAL_NAME_get0_value(&name, &type);
  if (value == nullptr) return {};
  switch (type) {
    case GEN_DNS: return "DNS:" + shown(bytes_of(static_cast<const ASN1_STRING*>(value)));
    case GEN_EMAIL: return "email:" + shown(bytes_of(static_cast<const ASN1_STRING*>(value)));
    case GEN_URI: return "URI:" + shown(bytes_of(static_cast<const ASN1_STRING*>(value)));
    case GEN_IPADD: return "IP:" + IpAddress{bytes_of(static_cast<const ASN1_STRING*>(value))}.to_string();
    case GEN_DIRNAME: return "DN:" + name_text(static_cast<const X509_NAME*>(value));
    case GEN_RID: return "OID:" + object_text(static_cast<const ASN1_OBJECT*>(value));
    default: return "other";
  }
}

std::vector<std::string> alternative_names(const X509& certificate) {
  std::vector<std::string> out;
  const NamesPointer names{
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr))};
  if (!names) return out;
  for (int i = 0; i < std::min(sk_GENERAL_NAME_num(names.get()), most_names); ++i)
    out.push_back(alternative_name(*sk_GENERAL_NAME_value(names.get(), i)));
  return out;
}

// Bits of the first INTEGER in a SEQUENCE: of an RSAPublicKey that is the modulus.
std::size_t modulus_bits(Bytes key) {
  ByteReader in{key};
  const auto length = [&in] {
    std::size_t value = in.u8();
    if (value < 0x80) return value;
    const std::size_t bytes = value & 0x7f;
    value = 0;
    for (std::size_t i = 0; i < bytes && i < 4; ++i) value = value << 8 | in.u8();
    return bytes > 4 ? std::size_t{0} : value;
  };
  if (in.u8() != 0x30) return 0;
  length();
  if (in.u8() != 0x02) return 0;
  Bytes number = in.take(length());
  while (!number.empty() && number[0] == 0) number = number.subspan(1);
  if (number.empty()) return 0;
  std::size_t bits = number.size() * 8;
  for (unsigned top = number[0]; (top & 0x80) == 0; top <<= 1) --bits;
  return bits;
}

std::size_t curve_bits(int nid) {
  switch (nid) {
    case NID_X9_62_prime256v1:
    case NID_brainpoolP256r1: return 256;
    case NID_secp384r1:
    case NID_brainpoolP384r1: return 384;
    case NID_brainpoolP512r1: return 512;
    case NID_secp521r1: return 521;
    default: return 0;
  }
}

void read_key(const X509& certificate, Certificate& out) {
  ASN1_OBJECT* object = nullptr;
  const unsigned char* key = nullptr;
  int size = 0;
  X509_ALGOR* algorithm = nullptr;
  if (X509_PUBKEY_get0_param(&object, &key, &size, &algorithm, X509_get_X509_PUBKEY(&certificate)) != 1) return;
  const int nid = OBJ_obj2nid(object);
  int parameter_type = V_ASN1_UNDEF;
  const void* parameter = nullptr;
  X509_ALGOR_get0(nullptr, &parameter_type, &parameter, algorithm);
  if (nid == NID_rsaEncryption || nid == NID_rsassaPss) {
    out.key_type = "RSA";
    out.key_bits = modulus_bits({key, size < 0 ? 0 : static_cast<std::size_t>(size)});
  } else if (nid == NID_X9_62_id_ecPublicKey && parameter_type == V_ASN1_OBJECT) {
    const auto* curve = static_cast<const ASN1_OBJECT*>(parameter);
    const char* nist = EC_curve_nid2nist(OBJ_obj2nid(curve));
    out.key_type = "EC " + (nist != nullptr ? std::string{nist} : object_text(curve));
    out.key_bits = curve_bits(OBJ_obj2nid(curve));
  } else {
    out.key_type = object_text(object);
    out.key_bits = nid == NID_ED25519 ? 256 : nid == NID_ED448 ? 456 : 0;
  }
}

std::string pss_text(const ASN1_STRING& parameters) {
  const PssPointer pss = parse<PssPointer>(bytes_of(&parameters), d2i_RSA_PSS_PARAMS);
  if (!pss) return {};
  const ASN1_OBJECT* hash = nullptr;
  if (pss->hashAlgorithm != nullptr) X509_ALGOR_get0(&hash, nullptr, nullptr, pss->hashAlgorithm);
  return " with " + (hash != nullptr ? object_text(hash) : std::string{"SHA1"});
}

}  // namespace

std::optional<Certificate> read_certificate(Bytes der) {
  const ErrorsForgotten errors;
  const X509Pointer x509 = parse<X509Pointer>(der, d2i_X509);
  if (!x509) return std::nullopt;
  const auto not_before = seconds_of(X509_get0_notBefore(x509.get()));
  const auto not_after = seconds_of(X509_get0_notAfter(x509.get()));
  if (!not_before || !not_after) return std::nullopt;
  Certificate out;
  out.subject = name_text(X509_get_subject_name(x509.get()));
  out.issuer = name_text(X509_get_issuer_name(x509.get()));
  const Bytes serial = bytes_of(X509_get0_serialNumber(x509.get()));
  out.serial = hex(serial.first(std::min(serial.size(), longest_serial)));
  out.not_before = *not_before;
  out.not_after = *not_after;
  out.alternative_names = alternative_names(*x509);
  read_key(*x509, out);
  const X509_ALGOR* signature = nullptr;
  X509_get0_signature(nullptr, &signature, x509.get());
  const ASN1_OBJECT* object = nullptr;
  X509_ALGOR_get0(&object, nullptr, nullptr, signature);
  out.signature_algorithm = object_text(object);
  out.self_issued = X509_NAME_cmp(X509_get_subject_name(x509.get()), X509_get_issuer_name(x509.get())) == 0;
  return out;
}

std::optional<std::string> distinguished_name(Bytes der) {
  const ErrorsForgotten errors;
  const NamePointer name = parse<NamePointer>(der, d2i_X509_NAME);
  return name ? std::optional{name_text(name.get())} : std::nullopt;
}

std::optional<std::string> algorithm_name(Bytes der) {
  const ErrorsForgotten errors;
  const AlgorithmPointer algorithm = parse<AlgorithmPointer>(der, d2i_X509_ALGOR);
  if (!algorithm) return std::nullopt;
  const ASN1_OBJECT* object = nullptr;
  int type = V_ASN1_UNDEF;
  const void* parameters = nullptr;
  X509_ALGOR_get0(&object, &type, &parameters, algorithm.get());
  std::string out = object_text(object);
  if (OBJ_obj2nid(object) == NID_rsassaPss && type == V_ASN1_SEQUENCE)
    out += pss_text(*static_cast<const ASN1_STRING*>(parameters));
  return out;
}

std::string utc_text(std::int64_t seconds) {
  using namespace std::chrono;
  const sys_seconds time{std::chrono::seconds{seconds}};
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const std::int64_t second = (time - day).count();
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), second / 3600,
                     second / 60 % 60, second % 60);
}

}  // namespace espdump
