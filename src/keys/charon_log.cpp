// charon logs the two ciphers' and two integrity keys of an exchange, then the two SAs that take them. Its threads
// write among each other; each is followed by its number.
#include "keys/charon_log.hpp"

#include <fmt/format.h>

#include <array>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "keys/algorithm_names.hpp"
#include "keys/text.hpp"

namespace espdump::keys {
namespace {

// A dump of bytes: as many as its heading says, 16 on a line.
struct Dump {
  std::vector<std::string_view> lines;  // the hexadecimal columns
  std::size_t wanted = 0;               // bytes still to come
};

enum KeyName : std::size_t { cipher_initiator, cipher_responder, integrity_initiator, integrity_responder, key_names };
constexpr std::array<std::string_view, key_names> headings{
    "encryption initiator key => ", "encryption responder key => ", "integrity initiator key => ",
    "integrity responder key => "};

enum class Role : std::uint8_t { unknown, initiator, responder };

// What one thread said last.
struct Thread {
  Role role = Role::unknown;  // in the exchange at hand
  std::string_view cipher, integrity;
  std::array<Dump, key_names> keys;
  Dump* open = nullptr;  // the dump that the next lines belong to
  bool esn = false, inbound = false, awaits_spi = false;
};

// "… 11[CHD] <lab|1> adding inbound ESP SA" as 11, CHD and the message with the blanks in front of it.
struct LogLine {
  unsigned thread = 0;
  std::string_view group, message;
};

std::optional<LogLine> read_log_line(std::string_view line) {
  constexpr std::size_t most_prefix = 160;
  for (std::size_t at = line.find('['); at < most_prefix; at = line.find('[', at + 1)) {
    if (at < 2 || line.size() < at + 6 || line[at + 4] != ']') continue;
    if (!is_decimal(line[at - 1]) || !is_decimal(line[at - 2])) continue;
    LogLine out{static_cast<unsigned>((line[at - 2] - '0') * 10 + line[at - 1] - '0'), line.substr(at + 1, 3), {}};
    out.message = line.substr(at + 6);
    if (starts_with(out.message, "<"))
      if (const auto end = out.message.substr(0, most_prefix).find("> "); end != std::string_view::npos)
        out.message.remove_prefix(end + 2);
    return out;
  }
  return std::nullopt;
}

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
  explicit Log(Intake& intake) : intake_(intake) {}
  void read(std::string_view text);

 private:
  void read_line(const LogLine& line, std::size_t number);
  bool continue_dump(Thread& thread, std::string_view message);
  void read_ike(std::string_view message, std::size_t number);
  void read_child(Thread& thread, std::string_view message, std::size_t number);
  void read_role(Thread& thread, std::string_view message);
  bool open_dump(Thread& thread, std::string_view message);
  void add(Thread& thread, std::string_view message, std::size_t number);
  AlgorithmUse use_of(const std::optional<NamedAlgorithm>& named, std::string_view name, const Dump& key,
                      std::size_t number);

  Intake& intake_;
  std::unordered_map<unsigned, Thread> threads_;  // at most 100: numbers of two digits
  bool child_ = false, ike_ = false;
};

void Log::read(std::string_view text) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    if (const auto line = read_log_line(trim_right(text.substr(0, end)))) read_line(*line, number);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  if (child_ || ike_) intake_.found("charon log");
}

void Log::read_line(const LogLine& line, std::size_t number) {
  Thread& thread = threads_[line.thread];
  if (thread.open != nullptr && continue_dump(thread, line.message)) return;
  thread.open = nullptr;
  if (line.group == "IKE") return read_ike(line.message, number);
  if (line.group == "ENC") return read_role(thread, line.message);
  if (line.group == "CFG" && starts_with(line.message, "selected proposal: "))
    thread.esn = line.message.find("/EXT_SEQ") != std::string_view::npos;
  if (line.group == "CHD") read_child(thread, line.message, number);
}

// "  16: 42 97 …  B.N?": an offset in 4 columns, then 47 columns of digits. What follows is the same as characters.
bool Log::continue_dump(Thread& thread, std::string_view message) {
  constexpr std::size_t offset_columns = 6, digit_columns = 47, bytes_a_line = 16;
  Dump& dump = *thread.open;
  const auto colon = message.find(": ");
  if (dump.wanted == 0 || colon != offset_columns - 2) return false;
  const std::size_t bytes = std::min(dump.wanted, bytes_a_line);
  dump.lines.push_back(message.substr(offset_columns, std::min(digit_columns, bytes * 3 - 1)));
  dump.wanted -= bytes;
  return true;
}

void Log::read_ike(std::string_view message, std::size_t number) {
  if (!starts_with(message, "Sk_ei secret") && !starts_with(message, "SKEYSEED")) return;
  ike_ = true;
  intake_.problem_once(number, std::string{ike_keys_not_used}, false);
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
  constexpr std::size_t most_bytes = 512;
  for (std::size_t i = 0; i < key_names; ++i) {
    if (!starts_with(message, headings[i])) continue;
    const auto bytes = number(Words(message.substr(headings[i].size())).next());
    thread.keys[i] = {};
    thread.keys[i].wanted = std::min<std::size_t>(bytes.value_or(0), most_bytes);
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

AlgorithmUse Log::use_of(const std::optional<NamedAlgorithm>& named, std::string_view name, const Dump& key,
                         std::size_t number) {
  if (!named)
    return intake_.take(unusable_key(nullptr, fmt::format("unknown algorithm {}{}", in_quotes(name), not_opened)),
                        number);
  const auto bytes = hex_key(key.lines, intake_.arena());
  if (!bytes || key.wanted != 0)
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
  const bool has_keys = !thread.keys[cipher_initiator].lines.empty() || thread.cipher == "NULL";
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
