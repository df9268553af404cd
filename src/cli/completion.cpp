#include "cli/completion.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include <espdump/codes.hpp>

#include "cli/options.hpp"

namespace espdump::cli {
namespace {

struct Names {
  std::string letter, name;  // without dashes; one of them may be empty
};
Names names_of(const OptionRow& row) {
  Names out;
  std::string_view rest = row.names;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    const std::string_view one = rest.substr(0, end);
    (one.substr(0, 2) == "--" ? out.name : out.letter) = one.substr(one.substr(0, 2) == "--" ? 2 : 1);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

// "-k --keys"
std::string spelled(const OptionRow& row) {
  const Names names = names_of(row);
  std::string out = names.letter.empty() ? "" : "-" + names.letter;
  if (!names.name.empty()) out += (out.empty() ? "--" : " --") + names.name;
  return out;
}

bool is_file(const OptionRow& row) { return row.value == "FILE" || row.value == "CAPTURE"; }

std::vector<OptionRow> options_of(const Command& command) {
  std::vector<OptionRow> out;
  for (const OptionRow& row : command.options)
    if (row.names.front() == '-') out.push_back(row);
  for (const OptionRow& row : common_options(command)) out.push_back(row);
  return out;
}

// What stands alone on the line; the table begins with it.
enum class Operands { none, files, codes };
Operands operands_of(const Command& command) {
  const OptionRow& first = command.options.front();
  if (first.names.front() == '-') return Operands::none;
  return first.value == "CODE" ? Operands::codes : Operands::files;
}

std::string code_words() {
  std::string out;
  for (const FindingInfo* info : codes::all()) out += (out.empty() ? "" : " ") + std::string{info->code};
  return out;
}

std::string command_words() {
  std::string out;
  for (const Command& command : commands())
    if (!command.name.empty()) out += (out.empty() ? "" : " ") + std::string{command.name};
  return out;
}

std::string replaced(std::string_view text, char what, std::string_view with) {
  std::string out;
  for (const char c : text) c == what ? out += with : out += c;
  return out;
}

// --- bash ---------------------------------------------------------------------------------------------------------

std::string pattern_of(const OptionRow& row) { return replaced(spelled(row), ' ', "|"); }

std::string bash_case(const Command& command) {
  std::string files, words, all, out = "    " + (command.name.empty() ? "''" : std::string{command.name}) + ")\n";
  for (const OptionRow& row : options_of(command)) {
    all += (all.empty() ? "" : " ") + spelled(row);
    if (is_file(row)) files += (files.empty() ? "" : "|") + pattern_of(row);
    if (!row.words.empty())
      words += "        " + pattern_of(row) + ") words='" + std::string{row.words} + "' ;;\n";
    else if (!row.value.empty() && !is_file(row))
      words += "        " + pattern_of(row) + ") return ;;\n";
  }
  out += "      case $before in\n";
  if (!files.empty()) out += "        " + files + ") files=1 ;;\n";
  out += words + "        *) options='" + all + "'\n";
  if (operands_of(command) == Operands::codes) out += "          words='" + code_words() + "'\n";
  if (operands_of(command) == Operands::files) out += "          files=1\n";
  return out + "          ;;\n      esac ;;\n";
}

// --- zsh ----------------------------------------------------------------------------------------------------------

// Inside single quotes and brackets of a specification.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'')
      out += "'\\''";
    else if (c == '[' || c == ']' || c == ':' || c == '\\')
      out += std::string{"\\"} + c;
    else
      out += c;
  }
  return out;
}

std::string zsh_value(const OptionRow& row) {
  if (row.value.empty()) return {};
  const std::string name = ":" + zsh_text(row.value) + ":";
  if (!row.words.empty()) return name + "(" + std::string{row.words} + ")";
  return is_file(row) ? name + "_files" : name + " ";
}

std::string zsh_option(const OptionRow& row) {
  const Names names = names_of(row);
  const std::string tail = "[" + zsh_text(row.help) + "]" + zsh_value(row) + "'";
  const bool repeats = row.value == "FILE" && row.help.find("repeatable") != std::string_view::npos;
  const std::string star = repeats ? "*" : "";
  if (names.letter.empty()) return "'" + star + "--" + names.name + tail;
  if (names.name.empty()) return "'" + star + "-" + names.letter + tail;
  const std::string both = "{-" + names.letter + ",--" + names.name + "}";
  return (repeats ? "'*'" : "'(-" + names.letter + " --" + names.name + ")'") + both + "'" + tail;
}

std::string zsh_arguments(const Command& command, std::string_view indent) {
  std::string out = std::string{indent} + "_arguments -s";
  for (const OptionRow& row : options_of(command)) out += " \\\n" + std::string{indent} + "  " + zsh_option(row);
  const std::string before = " \\\n" + std::string{indent} + "  ";
  if (operands_of(command) == Operands::codes) out += before + "'*:code:(" + code_words() + ")'";
  if (operands_of(command) == Operands::files) out += before + "'*:file:_files'";
  return out + "\n";
}

// --- fish ---------------------------------------------------------------------------------------------------------

std::string fish_text(std::string_view text) { return replaced(replaced(text, '\\', "\\\\"), '\'', "\\'"); }

std::string fish_option(const Command& command, const OptionRow& row) {
  const Names names = names_of(row);
  std::string out = "complete -c espdump -n '__fish_espdump_command \"" + std::string{command.name} + "\"'";
  if (!names.letter.empty()) out += " -s " + names.letter;
  if (!names.name.empty()) out += " -l " + names.name;
  if (!row.words.empty())
    out += " -x -a '" + std::string{row.words} + "'";
  else if (!row.value.empty())
    out += is_file(row) ? " -r -F" : " -x";
  return out + " -d '" + fish_text(row.help) + "'\n";
}

}  // namespace

std::string bash_completion() {
  std::string cases;
  for (const Command& command : commands()) cases += bash_case(command);
  return "# bash completion of espdump.\n"
         "_espdump() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
         "  local command='' options='' words='' files=''\n"
         "  COMPREPLY=()\n"
         "  if ((COMP_CWORD > 1)); then\n"
         "    case ${COMP_WORDS[1]} in " +
         replaced(command_words(), ' ', "|") +
         ") command=${COMP_WORDS[1]} ;; esac\n"
         "  fi\n"
         "  case $command in\n" +
         cases +
         "  esac\n"
         "  if [[ $current == -* ]]; then\n"
         "    mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$current\")\n"
         "    return\n"
         "  fi\n"
         "  ((COMP_CWORD > 1)) || words+=' " +
         command_words() +
         "'\n"
         "  if [[ -n $words ]]; then mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\"); fi\n"
         "  if [[ -n $files ]]; then\n"
         "    compopt -o filenames 2>/dev/null\n"
         "    local file\n"
         "    while IFS= read -r file; do COMPREPLY+=(\"$file\"); done < <(compgen -f -- \"$current\")\n"
         "  fi\n"
         "}\n"
         "complete -F _espdump espdump\n";
}

std::string zsh_completion() {
  std::string out =
      "#compdef espdump\n"
      "# zsh completion of espdump.\n"
      "_espdump() {\n"
      "  if (( CURRENT > 2 )); then\n"
      "    case $words[2] in\n";
  std::string described;
  for (const Command& command : commands()) {
    if (command.name.empty()) continue;
    const std::string name{command.name};
    out += "      " + name + ")\n        shift words\n        (( CURRENT-- ))\n" + zsh_arguments(command, "        ") +
           "        return ;;\n";
    described += " '" + name + ":" + zsh_text(command.brief) + "'";
  }
  out +=
      "    esac\n"
      "  elif [[ $words[2] != -* ]]; then\n"
      "    local -a commands=(" +
      described.substr(1) +
      ")\n"
      "    _describe -t commands command commands\n"
      "  fi\n";
  return out + zsh_arguments(commands().front(), "  ") + "}\n_espdump \"$@\"\n";
}

std::string fish_completion() {
  std::string out =
      "# fish completion of espdump.\n"
      "function __fish_espdump_command\n"
      "  set -l typed (commandline -opc)\n"
      "  set -l first ''\n"
      "  if set -q typed[2]; and contains -- $typed[2] " +
      command_words() +
      "\n"
      "    set first $typed[2]\n"
      "  end\n"
      "  test \"$first\" = \"$argv[1]\"\n"
      "end\n";
  for (const Command& command : commands()) {
    const std::string name{command.name};
    if (!name.empty())
      out += "complete -c espdump -n 'test (count (commandline -opc)) -eq 1' -a " + name + " -d '" +
             fish_text(command.brief) + "'\n";
    if (operands_of(command) == Operands::none)
      out += "complete -c espdump -n '__fish_espdump_command \"" + name + "\"' -f\n";
    if (operands_of(command) == Operands::codes)
      out += "complete -c espdump -n '__fish_espdump_command \"" + name + "\"' -f -a '" + code_words() + "'\n";
    for (const OptionRow& row : options_of(command)) out += fish_option(command, row);
  }
  return out;
}

}  // namespace espdump::cli
