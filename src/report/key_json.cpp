// SAs and IKE SAs of key files as JSON lines. The text goes through no buffer but that of SecretOutput.
#include <rapidjson/writer.h>

#include <fmt/core.h>

#include <algorithm>
#include <string>

#include "keys/algorithm_names.hpp"
#include "keys/key_rating.hpp"
#include "report/json_memory.hpp"
#include "report/key_facts.hpp"
#include "report/key_list.hpp"
#include "report/text_util.hpp"

namespace espdump {
namespace {

// What RapidJSON writes characters to.
struct SecretStream {
  using Ch = char;
  keys::SecretOutput& out;
  void Put(char c) { out.write({&c, 1}); }  // NOLINT(readability-identifier-naming)
  static void Flush() {}                    // NOLINT(readability-identifier-naming)
};

class KeyJson : private rapidjson::Writer<SecretStream, rapidjson::UTF8<>, rapidjson::UTF8<>, JsonMemory> {
 public:
  explicit KeyJson(SecretStream& stream) : Writer(stream), stream_(stream) {}

  void line(std::size_t number, const SecurityAssociation& sa, bool show_secrets) {
    Reset(stream_);
    StartObject();
    text("type", "sa");
    this->number("id", number);
    identity(sa);
    keys_of(sa, number, show_secrets);
    kernel_side(sa);
    text("file", sa.file);
    this->number("line", sa.line);
    EndObject();
    stream_.out.write("\n");
  }
  void line(std::size_t number, const IkeKeys& keys, bool show_secrets);

 private:
  void name(std::string_view name) { Key(name.data(), static_cast<rapidjson::SizeType>(name.size())); }
  void text(std::string_view member, std::string_view value) {
    const std::string clean = valid_utf8(value);  // paths may be any bytes
    name(member);
    String(clean.data(), static_cast<rapidjson::SizeType>(clean.size()));
  }
  void number(std::string_view member, std::uint64_t value) {
    name(member);
    Uint64(value);
  }
  void secret(std::string_view member, const Secret& key) {
    name(member);
    Prefix(rapidjson::kStringType);
    stream_.out.write("\"");
    stream_.out.hex(key);
    stream_.out.write("\"");
  }

  void identity(const SecurityAssociation& sa);
  void keys_of(const SecurityAssociation& sa, std::size_t number, bool show_secrets);
  void kernel_side(const SecurityAssociation& sa);

  SecretStream& stream_;
  KeyGroups groups_;
};

void KeyJson::identity(const SecurityAssociation& sa) {
  const Wildcards open = sa.wildcards.value_or(Wildcards{});
  const auto address = [&](const IpAddress& one, const espdump::Prefix& many) {
    if (sa.wildcards && many.address.size() != 0) return many.to_string();
    return one.size() == 0 ? std::string{"*"} : one.to_string();
  };
  text("src", address(sa.source, open.source));
  text("dst", address(sa.destination, open.destination));
  text("spi", fmt::format("0x{:08x}", sa.spi));
  if (sa.wildcards) text("spi_mask", fmt::format("0x{:08x}", open.spi_mask));
  text("protocol", to_string(sa.protocol));
  text("mode", to_string(sa.mode));
  if (sa.encryption.info != nullptr) text("encryption", sa.encryption.info->xfrm);
  if (sa.integrity.info != nullptr) text("integrity", sa.integrity.info->xfrm);
  const AlgorithmUse& checked = sa.is_aead() ? sa.encryption : sa.integrity;
  if (checked.icv_bits != 0) number("icv_bits", checked.icv_bits);
}

void KeyJson::keys_of(const SecurityAssociation& sa, std::size_t number, bool show_secrets) {
  name("keys");
  StartObject();
  for (const KeyFact& key : key_facts(sa)) {
    name(key.name);
    StartObject();
    text("state", state_text(*key.use));
    if (!key.use->key.empty()) this->number("bits", key.use->key.size() * 8);
    if (const auto weakness = keys::weakness_text(key.use->weakness); !weakness.empty()) text("weak", weakness);
    if (const std::size_t other = groups_.first_with(*key.use, sa, number); other != 0)
      this->number("shared_with", other);
    if (show_secrets && !key.use->key.empty()) secret("key", key.use->key);
    EndObject();
  }
  EndObject();
}

void KeyJson::kernel_side(const SecurityAssociation& sa) {
  name("esn");
  Bool(sa.esn);
  number("replay_window", sa.replay_window);
  if (sa.encapsulation != Encapsulation::none) {
    text("encapsulation", sa.encapsulation == Encapsulation::udp ? "udp" : "tcp");
    number("sport", sa.source_port);
    number("dport", sa.destination_port);
  }
  if (sa.selector) text("selector", selector_text(*sa.selector));
  if (sa.reqid != 0) number("reqid", sa.reqid);
  if (sa.mark != 0 || sa.mark_mask != 0) text("mark", fmt::format("0x{:x}/0x{:x}", sa.mark, sa.mark_mask));
  if (sa.if_id) number("if_id", *sa.if_id);
  if (sa.ending != Ending::none) text("ending", sa.ending == Ending::deleted ? "deleted" : "expired");
  if (sa.ended) text("ended", sa.ended->to_string());
}

void KeyJson::line(std::size_t number, const IkeKeys& keys, bool show_secrets) {
  Reset(stream_);
  StartObject();
  text("type", "ike_keys");
  this->number("id", number);
  if ((keys.initiator_spi | keys.responder_spi) != 0) {
    text("spi_i", fmt::format("{:016x}", keys.initiator_spi));
    text("spi_r", fmt::format("{:016x}", keys.responder_spi));
  }
  const AlgorithmChoice &cipher = keys.encryption, &integrity = keys.integrity;
  if (cipher.info != nullptr) text("encryption", cipher.info->xfrm);
  if (integrity.info != nullptr) text("integrity", integrity.info->xfrm);
  if (const unsigned bits = std::max(cipher.icv_bits, integrity.icv_bits); bits != 0) this->number("icv_bits", bits);
  if (keys.prf != Prf::unknown) text("prf", keys::name_of(keys.prf));
  name("keys");
  StartObject();
  for (const IkeKeyFact& fact : key_facts(keys)) {
    name(fact.name);
    StartObject();
    this->number("bits", fact.key->size() * 8);
    if (show_secrets) secret("key", *fact.key);
    EndObject();
  }
  EndObject();
  text("file", keys.file);
  this->number("line", keys.line);
  EndObject();
  stream_.out.write("\n");
}

}  // namespace

void list_keys_as_json(const Keystore& store, bool show_secrets, keys::SecretOutput& out) {
  const auto sas = store.associations();
  const auto ike_keys = store.ike_keys();
  SecretStream stream{out};
  KeyJson json(stream);
  for (std::size_t i = 0; i < sas.size(); ++i) json.line(i + 1, sas[i], show_secrets);
  for (std::size_t i = 0; i < ike_keys.size(); ++i) json.line(i + 1, ike_keys[i], show_secrets);
}

}  // namespace espdump
