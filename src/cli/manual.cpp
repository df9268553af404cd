#include "cli/manual.hpp"

#include <algorithm>
#include <cctype>
#include <vector>

#include <espdump/codes.hpp>
#include <espdump/explanation.hpp>

#include "cli/options.hpp"
#include "cli/version.hpp"

namespace espdump::cli {
namespace {

// Text as man(7) prints it: no request at the begin of a line, hyphens that can be searched for and copied.
std::string plain(std::string_view text) {
  std::string out;
  if (!text.empty() && (text.front() == '.' || text.front() == '\'')) out += "\\&";
  for (const char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  return out;
}
std::string bold(std::string_view text) { return "\\fB" + plain(text) + "\\fR"; }
std::string italic(std::string_view text) { return "\\fI" + plain(text) + "\\fR"; }

// A paragraph in which what stands between backquotes is bold.
std::string marked(std::string_view text) {
  std::string out;
  bool inside = false;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('`', at), text.size());
    const std::string_view piece = text.substr(at, end - at);
    if (!piece.empty()) out += inside ? bold(piece) : plain(piece);
    inside = !inside;
    at = end + 1;
  }
  return out + "\n";
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

bool takes(std::string_view& text, std::string_view begin) {
  if (text.substr(0, begin.size()) != begin) return false;
  text.remove_prefix(begin.size());
  return true;
}

std::string_view without_indent(std::string_view line) {
  const std::size_t begin = line.find_first_not_of(' ');
  return begin == std::string_view::npos ? std::string_view{} : line.substr(begin);
}

// The opening of the help: what it is, usages, and what is to be said of the operands.
std::string opening_of(const Command& command) {
  std::string synopsis, description;
  bool in_usage = false;
  for (std::string_view line : lines_of(command.opening)) {
    in_usage = takes(line, "Usage: ") || (in_usage && !line.empty() && line.front() == ' ');
    if (in_usage)
      synopsis += (synopsis.empty() ? "" : ".br\n") + plain(without_indent(line)) + "\n";
    else if (!synopsis.empty() && !line.empty())
      description += marked(line);
  }
  for (const std::string_view line : lines_of(command.about))
    description += !line.empty() ? marked(line) : description.empty() ? "" : ".PP\n";
  return ".SH SYNOPSIS\n" + synopsis + ".SH DESCRIPTION\n" + description;
}

std::string option_entry(const OptionRow& row) {
  std::string out = ".TP\n";
  std::string_view names = row.names;
  for (bool first = true; !names.empty(); first = false) {
    const std::size_t end = std::min(names.find(','), names.size());
    out += (first ? "" : ", ") + bold(names.substr(0, end));
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  if (!row.value.empty()) out += " " + italic(row.value);
  return out + "\n" + marked(row.help);
}

std::string options_of(const Command& command) {
  std::string out = ".SH OPTIONS\n";
  std::string_view group;
  for (const OptionRow& row : command.options) {
    if (row.group.empty()) continue;
    if (row.group != group) out += ".SS " + plain(row.group) + "\n";
    group = row.group;
    out += option_entry(row);
  }
  out += ".SS Other\n";
  for (const OptionRow& row : common_options(command)) out += option_entry(row);
  return out;
}

// "0 done; 1 something; 2 …", over several lines.
std::string statuses(std::string_view text) {
  std::string out = ".SH EXIT STATUS\n";
  while (!text.empty()) {
    const std::size_t end = std::min(text.find("; "), text.size());
    const std::string_view one = without_indent(text.substr(0, end));
    const bool is_new = one.size() > 2 && std::isdigit(static_cast<unsigned char>(one[0])) != 0 && one[1] == ' ';
    out += is_new ? ".TP\n" + bold(one.substr(0, 1)) + "\n" + marked(one.substr(2)) : marked(one);
    text.remove_prefix(std::min(end + 2, text.size()));
  }
  return out;
}

// The closing of the help: exit status, examples.
std::string closing_of(const Command& command) {
  std::string status, examples;
  bool in_status = false;
  for (std::string_view line : lines_of(command.closing)) {
    if (takes(line, "Exit status: ")) in_status = true;
    if (line.empty()) in_status = false;
    if (in_status)
      status += (status.empty() || status.back() == ' ' ? "" : " ") + std::string{without_indent(line)};
    else if (line.substr(0, 2) == "  ")
      examples += plain(line.substr(2)) + "\n";
  }
  return statuses(status) + ".SH EXAMPLES\n.nf\n" + examples + ".fi\n";
}

std::string list_of_commands() {
  std::string out = ".SH COMMANDS\n";
  for (const Command& command : commands())
    if (!command.name.empty())
      out += ".TP\n" + bold("espdump " + std::string{command.name}) + "\n" + std::string{plain(command.brief)} + ": " +
             bold(page_name(command)) + "(1)\n";
  return out;
}

std::string list_of_findings() {
  std::string out = ".SH FINDINGS\n" + bold("espdump-explain") + "(1) tells more of each.\n";
  for (const FindingInfo* info : codes::all())
    out += ".TP\n" + bold(info->code) + " (" + plain(to_string(info->severity)) + ")\n" + marked(info->when);
  return out;
}

template <typename Texts>
std::string bullets(std::string_view title, const Texts& texts) {
  std::string out = ".PP\n" + plain(title) + "\n";
  for (const std::string_view text : texts)
    if (!text.empty()) out += ".IP \\(bu 2\n" + marked(text);
  return out;
}

std::string all_explanations() {
  std::string out = ".SH FINDINGS\n";
  for (const FindingInfo* info : codes::all()) {
    const Explanation* explanation = explanation_of(info->code);
    if (explanation == nullptr) continue;
    out += ".SS " + plain(info->code) + "\n" + marked(explanation->meaning);
    out += bullets("What causes it:", explanation->causes) + ".PP\nHow to make sure:\n";
    for (const Check& check : explanation->checks)
      if (!check.command.empty()) out += ".TP\n" + bold(check.command) + "\n" + marked(check.shows);
    out += bullets("What helps:", explanation->cures);
  }
  return out;
}

std::string see_also(const Command& command) {
  std::string out = ".SH SEE ALSO\n";
  for (const Command& other : commands())
    if (&other != &command) out += bold(page_name(other)) + "(1), ";
  return out + bold("ip-xfrm") + "(8), " + bold("tcpdump") + "(8), " + bold("pcap-filter") + "(7), " +
         bold("wireshark") + "(1)\n";
}

}  // namespace

std::string page_name(const Command& command) {
  return command.name.empty() ? "espdump" : "espdump-" + std::string{command.name};
}

std::string manual_page(const Command& command) {
  const std::string name = page_name(command);
  std::string title;
  for (const char c : name) title += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  const std::string_view brief =
      command.name.empty() ? "analyse captured IPsec offline: decrypt ESP, verify every packet, say what is wrong"
                           : command.brief;
  std::string out = ".TH " + plain(title) + " 1 \"\" \"espdump " + version_number() + "\" \"User Commands\"\n";
  out += ".SH NAME\n" + plain(name) + " \\- " + plain(brief) + "\n" + opening_of(command);
  if (command.name.empty()) out += list_of_commands();
  out += options_of(command) + closing_of(command);
  if (command.name.empty()) out += list_of_findings();
  if (command.name == "explain") out += all_explanations();
  return out + see_also(command);
}

}  // namespace espdump::cli
