// Finds `ip xfrm state add` among the commands of a script, by whatever it is called: behind sudo, in another
// network namespace, as a line of `ip -batch`, abbreviated.
#include "keys/xfrm_script.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <span>

#include "keys/shell_text.hpp"
#include "keys/text.hpp"
#include "keys/xfrm_command.hpp"
#include "keys/xfrm_sa.hpp"

namespace espdump::keys {
namespace {

using WordSpan = std::span<const ShellWord>;

bool is_ip(const ShellWord& word) {
  if (word.is("ip")) return true;
  const std::string text = word.joined();
  return text.size() > 3 && text.substr(text.size() - 3) == "/ip";
}

// iproute2 takes any beginning of a word, the first in its list that fits.
bool abbreviates(const ShellWord& word, std::string_view whole) {
  return word.length != 0 && word.length <= whole.size() && word.is(whole.substr(0, word.length));
}

// Behind the options of ip; some have a value.
WordSpan skip_options(WordSpan words) {
  constexpr std::array<std::string_view, 9> with_value{"-n",     "-netns", "-f",      "-family", "-l",
                                                       "-loops", "-rc",    "-rcvbuf", "-b"};
  while (!words.empty() && starts_with(words.front().joined(), "-")) {
    const bool two = std::any_of(with_value.begin(), with_value.end(),
                                 [&](std::string_view option) { return words.front().is(option); });
    words = words.subspan(std::min<std::size_t>(two ? 2 : 1, words.size()));
  }
  return words;
}

// The words behind `xfrm state add`; nothing where `words` is another command.
std::optional<WordSpan> behind_add(WordSpan words) {
  if (words.size() < 3 || !abbreviates(words[0], "xfrm")) return std::nullopt;
  if (!abbreviates(words[1], "state") && !words[1].is("sa")) return std::nullopt;
  if (!abbreviates(words[2], "add") && !abbreviates(words[2], "update")) return std::nullopt;
  return words.subspan(3);
}

std::optional<WordSpan> find_add(WordSpan words) {
  if (!words.empty() && words.front().is("xfrm"))
    if (const auto found = behind_add(words)) return found;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (!is_ip(words[i])) continue;
    if (const auto found = behind_add(skip_options(words.subspan(i + 1)))) return found;
  }
  return std::nullopt;
}

// "the value of $KEY is made at run time"
std::string why_unresolved(const ShellWord& word) {
  const std::string name = word.variable.empty() ? "a word of it" : "$" + std::string{word.variable.substr(0, 32)};
  switch (word.unresolved) {
    case Unresolved::argument: return fmt::format("the value of {} is given when the script is run", name);
    case Unresolved::unassigned: return fmt::format("nothing in this file assigns {} before it", name);
    case Unresolved::too_much: return fmt::format("the value of {} is too long", name);
    case Unresolved::command:
    case Unresolved::no: break;
  }
  return fmt::format("the value of {} is made at run time", name);
}

class Script {
 public:
  explicit Script(Intake& intake) : intake_(intake) {}

  void read(std::string_view text) {
    ShellReader reader(text);
    bool found = false;
    while (const auto command = reader.next()) {
      const auto words = find_add(command->words);
      if (!words) continue;
      if (!found) intake_.found("ip xfrm state add");
      found = true;
      add(read_command(*words), command->line());
    }
  }

 private:
  void add(XfrmCommand command, std::size_t line);
  bool is_complete(const XfrmCommand& command, std::size_t line);
  AlgorithmUse use_of(AlgorithmKind kind, const CommandKey& key, std::size_t line);

  Intake& intake_;
};

bool Script::is_complete(const XfrmCommand& command, std::size_t line) {
  const XfrmRecord& record = command.record;
  std::string wrong;
  if (command.unresolved != nullptr)
    wrong = why_unresolved(*command.unresolved) + "; take `ip xfrm state` instead";
  else if (record.sa.destination.family() == Family::none)
    wrong = "the destination address of this SA is missing or cannot be read";
  else if (record.protocol.empty())
    wrong = "this command gives no `proto`";
  else if (record.protocol == "other")
    return false;  // IPComp, Mobile IPv6: no keys
  else if (!record.spi || *record.spi == 0)
    wrong = "the SPI of this SA is missing or cannot be read";
  else if (!command.aead && !command.encryption && !command.integrity)
    wrong = "this command gives no `enc`, `auth` or `aead`";
  if (wrong.empty()) return true;
  intake_.problem(line, wrong + "; SA left out");
  return false;
}

AlgorithmUse Script::use_of(AlgorithmKind kind, const CommandKey& key, std::size_t line) {
  const AlgorithmInfo* info = find_algorithm(kind, key.name);
  if (info == nullptr)
    return intake_.take(unusable_key(nullptr, fmt::format("unknown algorithm {}{}", in_quotes(key.name), not_opened)),
                        line);
  if (key.key == nullptr)
    return intake_.take(
        unusable_key(info, fmt::format("no key behind {}: the command is cut{}", info->xfrm, not_opened)), line);
  if (key.states_icv && !key.icv_bits) return intake_.take(unusable_key(info, wrong_icv(*info, std::nullopt)), line);
  return intake_.take(read_key_word(*info, key.key->pieces, key.icv_bits, intake_.arena()), line);
}

void Script::add(XfrmCommand command, std::size_t line) {
  if (!is_complete(command, line)) return;
  XfrmRecord& record = command.record;
  SecurityAssociation& sa = record.sa;
  if (!command.unknown.empty())
    intake_.problem(
        line, fmt::format("the word {} is not known here; what follows it is not read", in_quotes(command.unknown)),
        false);
  if (!record.note.empty()) intake_.problem(line, record.note, false);
  set_identity(record);
  const bool esp = sa.protocol == IpsecProtocol::esp;
  if (command.aead && esp) {
    sa.encryption = use_of(AlgorithmKind::aead, *command.aead, line);
  } else {
    if (command.encryption && esp) sa.encryption = use_of(AlgorithmKind::encryption, *command.encryption, line);
    if (command.integrity) sa.integrity = use_of(AlgorithmKind::integrity, *command.integrity, line);
  }
  check_suite(sa, command.aead || command.encryption, command.integrity.has_value(), line, intake_);
  check_beet(sa, line, intake_);
  intake_.add(std::move(sa), line);
}

}  // namespace

void read_xfrm_script(std::string_view text, Intake& intake) { Script(intake).read(text); }

}  // namespace espdump::keys
