// `setkey -D`: a line with two addresses, then indented lines, as
//   esp mode=tunnel spi=256(0x00000100) reqid=1(0x00000001)
//   E: aes-cbc  00112233 44556677 8899aabb ccddeeff
//   A: hmac-sha1  …
//   seq=0x00000000 replay=4 flags=0x00000000 state=mature
#include <array>

#include "keys/setkey.hpp"
#include "keys/text.hpp"
#include "keys/xfrm_sa.hpp"

namespace espdump::keys {
namespace {

// The word behind NAME= in "NAME=VALUE"; empty: the word is another.
std::string_view value_of(std::string_view word, std::string_view name) {
  return starts_with(word, name) && word.size() > name.size() && word[name.size()] == '=' ? word.substr(name.size() + 1)
                                                                                          : std::string_view{};
}

class Dump {
 public:
  explicit Dump(Intake& intake) : intake_(intake) {}

  void read(std::string_view text) {
    for (std::size_t number = 1; !text.empty(); ++number) {
      const auto end = text.find('\n');
      read_line(trim_right(text.substr(0, end)), number);
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    finish();
    if (found_) intake_.found("setkey -D");
  }

 private:
  void read_line(std::string_view line, std::size_t number);
  bool begin(std::string_view line, std::size_t number);
  void read_identity(std::string_view line);
  void read_key(bool cipher, std::string_view rest, std::size_t number);
  void finish();

  Intake& intake_;
  std::optional<SecurityAssociation> sa_;
  bool identified_ = false, ciphered_ = false, authenticated_ = false, found_ = false;
  std::size_t line_ = 0;
};

void Dump::read_line(std::string_view line, std::size_t number) {
  if (line.empty()) return;
  if (!is_blank(line.front())) {
    finish();
    begin(line, number);
    return;
  }
  if (!sa_) return;
  Words words(line);
  const std::string_view first = words.next();
  if (first == "E:") return read_key(true, words.rest(), number);
  if (first == "A:") return read_key(false, words.rest(), number);
  if (!value_of(first, "seq").empty()) {
    if (const auto window = keys::number(value_of(words.next(), "replay"))) sa_->replay_window = *window;
    return;
  }
  if (!identified_) read_identity(line);
}

bool Dump::begin(std::string_view line, std::size_t number) {
  Words words(line);
  const auto from = read_setkey_address(words.next()), to = read_setkey_address(words.next());
  if (!from || !to || !words.next().empty()) return false;
  line_ = number;
  sa_.emplace();
  sa_->source = from->address, sa_->destination = to->address;
  sa_->source_port = from->port, sa_->destination_port = to->port;
  return true;
}

void Dump::read_identity(std::string_view line) {
  Words words(line);
  if (!set_setkey_protocol(words.next(), *sa_)) return sa_.reset();
  const std::string_view mode = value_of(words.next(), "mode");
  const auto spi = keys::number(value_of(words.next(), "spi"));
  if (!spi || *spi == 0) return sa_.reset();
  sa_->mode = mode == "any" ? SaMode::unknown : mode_of(mode);
  sa_->spi = *spi;
  sa_->reqid = keys::number(value_of(words.next(), "reqid")).value_or(0);
  identified_ = true;
}

void Dump::read_key(bool cipher, std::string_view rest, std::size_t number) {
  if (!identified_) return;
  Words words(rest);
  const std::string_view name = words.next();
  (cipher ? ciphered_ : authenticated_) = true;
  // setkey prints no 0x.
  const std::array<std::string_view, 2> key{"0x", words.rest()};
  set_setkey_algorithm(*sa_, cipher, name, key, number, intake_);
}

void Dump::finish() {
  if (sa_ && identified_ && (ciphered_ || authenticated_)) {
    found_ = true;
    if (sa_->protocol == IpsecProtocol::ah) sa_->encryption = {};
    check_suite(*sa_, ciphered_, authenticated_, line_, intake_);
    check_beet(*sa_, line_, intake_);
    intake_.add(std::move(*sa_), line_);
  }
  sa_.reset();
  identified_ = ciphered_ = authenticated_ = false;
}

}  // namespace

void read_setkey_dump(std::string_view text, Intake& intake) { Dump(intake).read(text); }

}  // namespace espdump::keys
