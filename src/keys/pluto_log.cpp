// pluto writes the keys of an SA, then, with `plutodebug=base` or `all`, what it tells the kernel: SPI, addresses and
// algorithms. Without those lines the SPIs follow when both SAs are up, but not which keys are whose.
#include "keys/pluto_log.hpp"

#include <fmt/core.h>

#include <array>
#include <deque>
#include <utility>

#include "keys/pluto_ike.hpp"
#include "keys/pluto_suite.hpp"
#include "keys/text.hpp"

namespace espdump::keys {
namespace {

struct Heading {
  std::string_view text;  // how the line ends
  IpsecProtocol protocol;
  bool cipher, first;  // of the SA
};

constexpr std::array<Heading, 5> headings{{
    {"ESP enckey:", IpsecProtocol::esp, true, true},
    {"ESP authkey:", IpsecProtocol::esp, false, false},
    {"ESP encrypt key:", IpsecProtocol::esp, true, true},  // of later versions
    {"ESP integrity key:", IpsecProtocol::esp, false, false},
    {"AH authkey:", IpsecProtocol::ah, false, true},
}};

constexpr std::size_t most_open = 16;  // SAs that are tried on a packet of an unknown SPI
constexpr Wildcards any_address{{}, {}, 0xffffffff}, anything{{}, {}, 0};

// Keys, and what was said of their SA.
struct Half {
  PlutoKeys keys;
  std::optional<PlutoKernelSa> sa;
  PlutoSuite suite;
  bool esn = false;
};

bool holds(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

class Log {
 public:
  explicit Log(Intake& intake) : intake_(intake), ike_(intake) {}
  void read(std::string_view text);

 private:
  void read_line(std::string_view line, std::size_t number);
  void read_message(std::string_view message, std::size_t number);
  bool continue_dump(std::string_view message);
  bool open_dump(std::string_view message, std::size_t number);
  void read_kernel(std::string_view message);
  void read_pair(const PlutoPair& pair);
  void settle();
  void add_exact(const Half& half);
  void add_fitting(const PlutoKeys& keys, SecurityAssociation sa);
  void add_nameless();
  void tell_left_out(std::size_t line);

  Intake& intake_;
  std::optional<Half> half_;                       // the latest keys
  std::vector<std::string_view>* dump_ = nullptr;  // what the next lines belong to
  std::deque<PlutoKeys> nameless_;                 // of SAs whose SPI was not said yet
  SaMode mode_ = SaMode::unknown;
  PlutoIke ike_;
  bool keys_ = false;
};

void Log::read(std::string_view text) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    read_line(trim_right(text.substr(0, end)), number);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  settle();
  add_nameless();
  ike_.finish();
  if (keys_ || ike_.found()) intake_.found("pluto log");
}

void Log::read_line(std::string_view line, std::size_t number) {
  if (const auto message = pluto_debug_message(line)) return read_message(*message, number);
  dump_ = nullptr;
  if (const auto pair = read_pluto_pair(line)) read_pair(*pair);
}

void Log::read_message(std::string_view message, std::size_t number) {
  if (dump_ != nullptr && continue_dump(message)) return;
  dump_ = nullptr;
  if (open_dump(message, number)) return;
  if (!ike_.read(message, number) && half_) read_kernel(message);
}

bool Log::continue_dump(std::string_view message) {
  constexpr std::size_t most_lines = 32;
  const std::string_view digits = pluto_dump_digits(message);
  if (digits.empty() || dump_->size() == most_lines) return false;
  dump_->push_back(digits);
  return true;
}

bool Log::open_dump(std::string_view message, std::size_t number) {
  for (const Heading& heading : headings) {
    if (!ends_with(message, heading.text)) continue;
    if (heading.first || !half_ || half_->keys.protocol != heading.protocol) {
      settle();
      half_.emplace();
      mode_ = SaMode::unknown;
      half_->keys.protocol = heading.protocol, half_->keys.line = number;
    }
    dump_ = heading.cipher ? &half_->keys.cipher : &half_->keys.integrity;
    dump_->clear();
    return true;
  }
  return false;
}

// Later versions do so on three lines: mode; addresses and SPI; algorithms.
void Log::read_kernel(std::string_view message) {
  if (!half_->suite.empty()) return;
  if (holds(message, "add_sa()")) mode_ = pluto_mode(message);
  if (!half_->sa && !(half_->sa = read_pluto_kernel_sa(message))) return;
  half_->suite = read_pluto_kernel_suite(message);
  if (!half_->suite.empty()) half_->esn = holds(message, " +esn") || holds(message, " esn=yes");
}

// Ends the keys at hand.
void Log::settle() {
  if (!half_) return;
  Half half = std::move(*half_);
  half_.reset(), dump_ = nullptr;
  if (half.keys.cipher.empty() && half.keys.integrity.empty()) return;
  keys_ = true;
  if (half.sa) return add_exact(half);
  nameless_.push_back(std::move(half.keys));
  if (nameless_.size() <= most_open) return;
  tell_left_out(nameless_.front().line);
  nameless_.pop_front();
}

void Log::add_exact(const Half& half) {
  SecurityAssociation sa;
  sa.protocol = half.keys.protocol;
  sa.source = half.sa->source, sa.destination = half.sa->destination;
  sa.spi = half.sa->spi;
  sa.encapsulation = half.sa->encapsulation;
  sa.mode = mode_;
  if (half.suite.empty()) return add_fitting(half.keys, std::move(sa));
  sa.esn = half.esn;
  set_pluto_keys(sa, half.keys, half.suite, intake_);
  intake_.add(std::move(sa), half.keys.line);
}

// Both SAs are up. The keys before are theirs, in an order that depends on version and role.
void Log::read_pair(const PlutoPair& pair) {
  settle();
  std::size_t left = 2;
  for (auto at = nameless_.end(); at != nameless_.begin() && left != 0;) {
    if ((--at)->protocol != pair.protocol) continue;
    SecurityAssociation sa;
    sa.protocol = pair.protocol;
    sa.mode = pair.mode;
    sa.esn = pair.esn;
    sa.encapsulation = pair.encapsulation;
    sa.wildcards = any_address;
    set_pluto_keys(sa, *at, pair.suite, intake_);
    for (const std::uint32_t spi : {pair.outbound, pair.inbound}) {
      sa.spi = spi;
      intake_.add(sa, at->line);
    }
    at = nameless_.erase(at), --left;
  }
}

void Log::add_fitting(const PlutoKeys& keys, SecurityAssociation sa) {
  const auto suites = fitting_suites(keys);
  if (suites.empty()) return intake_.problem(keys.line, "no algorithm fits the lengths of these keys; SA left out");
  for (const PlutoSuite& suite : suites) {
    set_pluto_keys(sa, keys, suite, intake_);
    for (const bool esn : {true, false}) {
      sa.esn = esn;
      intake_.add(sa, keys.line);
    }
  }
}

// The newest first: those of the end of a capture.
void Log::add_nameless() {
  std::size_t open = 0;
  for (auto keys = nameless_.rbegin(); keys != nameless_.rend(); ++keys) {
    open += 2 * fitting_suites(*keys).size();
    if (open > most_open) return tell_left_out(keys->line);
    intake_.problem_once(keys->line,
                         "the log shows keys, but not which SA they belong to: they are tried on packets of every SPI",
                         false);
    SecurityAssociation sa;
    sa.protocol = keys->protocol;
    sa.mode = SaMode::unknown;
    sa.wildcards = anything;
    add_fitting(*keys, std::move(sa));
  }
}

void Log::tell_left_out(std::size_t line) {
  intake_.problem_once(line,
                       "the log shows more keys than can be tried without knowing which SAs they belong to; the "
                       "earlier ones are left out (`plutodebug=all,private` shows the SAs too)");
}

}  // namespace

void read_pluto_log(std::string_view text, Intake& intake) { Log(intake).read(text); }

}  // namespace espdump::keys
