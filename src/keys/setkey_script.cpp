// `add SRC DST esp SPI [-m MODE] [-u ID] [-r SIZE] -E CIPHER KEY -A INTEGRITY KEY;` of setkey(8). A command ends with
// a semicolon, wherever lines break. Keys are hexadecimal behind 0x, or characters in quotation marks.
#include <fmt/core.h>

#include <span>

#include "keys/setkey.hpp"
#include "keys/shell_text.hpp"
#include "keys/text.hpp"
#include "keys/xfrm_sa.hpp"

namespace espdump::keys {
namespace {

using WordSpan = std::span<const ShellWord>;

// setkey takes SPIs with 0x or decimal.
std::optional<std::uint32_t> number_in(const ShellWord& word) { return number(word.joined()); }

class Command {
 public:
  Command(WordSpan words, std::size_t line, Intake& intake) : words_(words), line_(line), intake_(intake) {}

  // Whether this is an `add` of ESP or AH; then the SA is taken in, or a problem says why not.
  bool read() {
    if (!read_identity()) return false;
    while (!words_.empty()) read_option();
    if (spi_ == 0) {
      intake_.problem(line_, "the SPI of this SA cannot be read; SA left out");
      return true;
    }
    sa_.spi = spi_;
    if (sa_.protocol == IpsecProtocol::ah) sa_.encryption = {};
    check_suite(sa_, ciphered_, authenticated_, line_, intake_);
    check_beet(sa_, line_, intake_);
    intake_.add(std::move(sa_), line_);
    return true;
  }

 private:
  const ShellWord* take() {
    if (words_.empty()) return nullptr;
    const ShellWord& word = words_.front();
    words_ = words_.subspan(1);
    return &word;
  }
  bool read_identity();
  void read_option();
  void read_algorithm(bool cipher);

  WordSpan words_;
  std::size_t line_;
  Intake& intake_;
  SecurityAssociation sa_;
  std::uint32_t spi_ = 0;
  bool ciphered_ = false, authenticated_ = false;
};

bool Command::read_identity() {
  while (!words_.empty() && starts_with(words_.front().joined(), "-")) take();  // -4, -6, -n
  if (words_.size() < 4) return false;
  const auto from = read_setkey_address(words_[0].joined()), to = read_setkey_address(words_[1].joined());
  if (!from || !to || !set_setkey_protocol(words_[2].joined(), sa_)) return false;
  sa_.source = from->address, sa_.destination = to->address;
  sa_.source_port = from->port, sa_.destination_port = to->port;
  sa_.mode = SaMode::unknown;  // setkey's default is `any`
  spi_ = number_in(words_[3]).value_or(0);
  words_ = words_.subspan(4);
  return true;
}

void Command::read_option() {
  const ShellWord& option = *take();
  if (option.is("-E")) return read_algorithm(true);
  if (option.is("-A")) return read_algorithm(false);
  if (option.is("-m")) {
    const ShellWord* mode = take();
    if (mode != nullptr && !mode->is("any")) sa_.mode = mode_of(mode->joined());
  }
  if (option.is("-r"))
    if (const ShellWord* size = take()) sa_.replay_window = number_in(*size).value_or(0);
  if (option.is("-u"))
    if (const ShellWord* id = take()) sa_.reqid = number_in(*id).value_or(0);
}

void Command::read_algorithm(bool cipher) {
  const ShellWord* name = take();
  if (name == nullptr) return;
  (cipher ? ciphered_ : authenticated_) = true;
  const bool keyless = words_.empty() || (!words_.front().quoted && starts_with(words_.front().joined(), "-"));
  const ShellWord* key = keyless ? nullptr : take();
  set_setkey_algorithm(sa_, cipher, name->joined(), key == nullptr ? Pieces{} : Pieces{key->pieces}, line_, intake_);
}

}  // namespace

void read_setkey_script(std::string_view text, Intake& intake) {
  ShellReader reader(text, ShellReader::Lines::blank);
  bool found = false;
  while (const auto command = reader.next()) {
    const WordSpan words = command->words;
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (!words[i].is("add")) continue;
      if (!Command(words.subspan(i + 1), words[i].line, intake).read()) continue;
      if (!found) intake.found("setkey script");
      found = true;
      break;
    }
  }
}

}  // namespace espdump::keys
