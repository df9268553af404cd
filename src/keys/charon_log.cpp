// charon logs the two ciphers' and two integrity keys of an exchange, then the two SAs that take them. Its threads
// write among each other; each is followed by its number.
#include "keys/charon_log.hpp"

#include <fmt/core.h>

#include <array>
#include <string>
#include <unordered_map>
#include <utility>

#include "keys/algorithm_names.hpp"
#include "keys/charon_ike.hpp"
#include "keys/charon_line.hpp"
#include "keys/charon_negotiation.hpp"
#include "keys/text.hpp"

namespace espdump::keys {
namespace {

enum KeyName : std::size_t { cipher_initiator, cipher_responder, integrity_initiator, integrity_responder, key_names };
constexpr std::array<std::string_view, key_names> headings{
    "encryption initiator key => ", "encryption responder key => ", "integrity initiator key => ",
    "integrity responder key => "};

enum class Role : std::uint8_t { unknown, initiator, responder };

// What one thread said last.
struct Thread {
  Role role = Role::unknown;  // in the exchange at hand
  std::string_view cipher, integrity;
  std::array<CharonDump, key_names> keys;
  CharonDump* open = nullptr;  // the dump that the next lines belong to
  bool esn = false, inbound = false, awaits_spi = false;
};

// "  using AES_CBC for encryption": AES_CBC, where `message` ends so.
std::optional<std::string_view> used_for(std::string_view message, std::string_view purpose) {
  Words words(message);
  if (words.next() != "using") return std::nullopt;
  const std::string_view name = words.next();
  if (words.next() != "for" || words.next() != purpose) return std::nullopt;
  return name;
}

class Log {
 public:
  explicit Log(Intake& intake) : intake_(intake), ike_(intake), negotiation_(intake) {}
  void read(std::string_view text);

 private:
  void read_line(const CharonLine& line, std::size_t number);
  void read_child(Thread& thread, std::string_view message, std::size_t number);
  void read_role(Thread& thread, std::string_view message);
  bool open_dump(Thread& thread, std::string_view message);
  void add(Thread& thread, std::string_view message, std::size_t number);
  AlgorithmUse use_of(const std::optional<NamedAlgorithm>& named, std::string_view name, const CharonDump& key,
                      std::size_t number);

  Intake& intake_;
  std::unordered_map<unsigned, Thread> threads_;  // at most 100: numbers of two digits
  CharonIke ike_;
  CharonNegotiation negotiation_;
  bool child_ = false;
};

void Log::read(std::string_view text) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    if (const auto line = read_charon_line(trim_right(text.substr(0, end)))) read_line(*line, number);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  ike_.finish();
  negotiation_.finish();
  const bool has_keys = child_ || ike_.found();
  if (has_keys || negotiation_.found()) intake_.found("charon log");
  if (!has_keys && negotiation_.found())
    intake_.problem_once(0, "has no keys, only what was negotiated; keys are written at `ike = 4` and `chd = 4`");
}

void Log::read_line(const CharonLine& line, std::size_t number) {
  Thread& thread = threads_[line.thread];
  if (thread.open != nullptr && thread.open->add(line.message)) {
    if (thread.open->whole()) {
      thread.open = nullptr;
      ike_.shown(line.thread);
    }
    return;
  }
  negotiation_.read(line, number);
  thread.open = ike_.read(line, number);
  if (thread.open != nullptr) return;
  if (line.group == "ENC") return read_role(thread, line.message);
  if (line.group == "CFG" && starts_with(line.message, "selected proposal: "))
    thread.esn = line.message.find("/EXT_SEQ") != std::string_view::npos;
  if (line.group == "CHD") read_child(thread, line.message, number);
}

// "parsed CREATE_CHILD_SA response 2 [ SA No KE TSi TSr ]": who gets a response began the exchange.
void Log::read_role(Thread& thread, std::string_view message) {
  Words words(message);
  if (words.next() != "parsed") return;
  words.next();
  const auto kind = words.next();
  if (kind == "request") thread.role = Role::responder;
  if (kind == "response") thread.role = Role::initiator;
}

bool Log::open_dump(Thread& thread, std::string_view message) {
  for (std::size_t i = 0; i < key_names; ++i) {
    if (!starts_with(message, headings[i])) continue;
    thread.keys[i].open(message.substr(headings[i].size()));
    thread.open = &thread.keys[i];
    return true;
  }
  return false;
}

void Log::read_child(Thread& thread, std::string_view message, std::size_t number) {
  if (open_dump(thread, message)) return;
  if (const auto cipher = used_for(message, "encryption")) {
    thread.cipher = *cipher;
    thread.integrity = {};
    thread.keys = {};
  } else if (const auto integrity = used_for(message, "integrity")) {
    thread.integrity = *integrity;
  } else if (starts_with(message, "adding inbound ") || starts_with(message, "adding outbound ")) {
    thread.inbound = starts_with(message, "adding inbound ");
    thread.awaits_spi = message.find(" ESP SA") != std::string_view::npos;
  } else if (std::exchange(thread.awaits_spi, false)) {
    add(thread, message, number);
  }
}

AlgorithmUse Log::use_of(const std::optional<NamedAlgorithm>& named, std::string_view name, const CharonDump& key,
                         std::size_t number) {
  if (!named)
    return intake_.take(unusable_key(nullptr, fmt::format("unknown algorithm {}{}", in_quotes(name), not_opened)),
                        number);
  const auto bytes = hex_key(key.digits(), intake_.arena());
  if (!bytes || key.cut())
    return intake_.take(
        unusable_key(named->info, fmt::format("the log does not show the whole key of {}{}", name, not_opened)),
        number);
  return intake_.take(judge_key(*named->info, *bytes, named->icv_bits), number);
}

// "  SPI 0xcf408913, src 2001:db8:20::1 dst 2001:db8:10::1"
void Log::add(Thread& thread, std::string_view message, std::size_t number) {
  Words words(message);
  if (words.next() != "SPI") return;
  const auto spi = keys::number(words.next());
  words.next();
  const auto source = IpAddress::parse(words.next());
  words.next();
  const auto destination = IpAddress::parse(words.next());
  if (!spi || !source || !destination) return;
  const bool has_keys = !thread.keys[cipher_initiator].digits().empty() || thread.cipher == "NULL";
  if (!has_keys) return;  // the level is too low
  child_ = true;
  if (thread.role == Role::unknown)
    return intake_.problem(number,
                           "the log does not show which side began this exchange (it needs `enc = 1`), so not "
                           "which keys are whose; SA left out");
  const bool from_initiator = (thread.role == Role::initiator) != thread.inbound;
  SecurityAssociation sa;
  sa.source = *source, sa.destination = *destination;
  sa.spi = *spi;
  sa.mode = SaMode::unknown;
  sa.esn = thread.esn;
  sa.encryption = use_of(cipher_named(Naming::strongswan, thread.cipher), thread.cipher,
                         thread.keys[from_initiator ? cipher_initiator : cipher_responder], number);
  if (!thread.integrity.empty())
    sa.integrity = use_of(integrity_named(Naming::strongswan, thread.integrity), thread.integrity,
                          thread.keys[from_initiator ? integrity_initiator : integrity_responder], number);
  intake_.add(std::move(sa), number);
}

}  // namespace

void read_charon_log(std::string_view text, Intake& intake) { Log(intake).read(text); }

}  // namespace espdump::keys
