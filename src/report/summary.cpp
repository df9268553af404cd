// The closing report: the verdict in one line, conclusions by weight, the table of SAs.
#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "analysis/analyzers.hpp"
#include "report/kernel_section.hpp"
#include "report/table.hpp"
#include "report/text.hpp"
#include "report/text_util.hpp"

namespace espdump {
namespace {

constexpr std::size_t most_rows = 200;

struct Totals {
  std::uint64_t packets = 0, opened = 0, verified = 0, bad = 0, replays = 0, late = 0, lost = 0, unknown = 0,
                keyless = 0, cut = 0, copies = 0, verified_alone = 0, opened_alone = 0;
};

// Of an SA that lacks the key of its cipher or of its integrity, but not both.
bool opened_in_part(const SaStatistics& sa) { return !sa.key_error.empty() && (sa.can_verify || sa.can_decrypt); }
// Of an SA that lacks both.
bool keyless(const SaStatistics& sa) {
  return sa.association != nullptr && !sa.key_error.empty() && !opened_in_part(sa);
}

Totals total(const std::vector<SaStatistics>& sas) {
  Totals out;
  for (const SaStatistics& sa : sas) {
    out.packets += sa.packets;
    out.opened += sa.decrypted;
    out.verified += sa.icv_ok;
    out.bad += sa.icv_bad;
    out.replays += sa.replayed;
    out.late += sa.stale;
    out.cut += sa.cut;
    out.copies += sa.capture_duplicates;
    if (keyless(sa)) out.keyless += sa.packets;
    if (opened_in_part(sa)) {
      out.verified_alone += sa.can_verify ? sa.icv_ok : 0;
      out.opened_alone += sa.can_decrypt ? sa.decrypted : 0;
    }
    if (sa.association == nullptr)
      out.unknown += sa.packets;
    else
      out.lost += sa.cut == 0 ? sa.lost : 0;
  }
  return out;
}

std::string files_text(const Summary& summary) {
  if (summary.files.size() == 1) return terminal_safe(summary.files[0] == "-" ? "standard input" : summary.files[0]);
  return count_of(summary.files.size(), "capture");
}

std::string protocols(const Summary& summary) {
  if (summary.ah == 0) return "ESP packet";
  return summary.esp == 0 ? "AH packet" : "ESP and AH packet";
}

// ", 3 bad, 1 replay; 2 lost": what kept packets from being among the good ones, and what is missing.
std::string shortfalls(const Totals& totals, std::uint64_t untracked, bool wants_plaintext) {
  std::string out;
  const auto add = [&out](std::uint64_t count, std::string_view text) {
    if (count != 0) out += fmt::format(", {} {}", count, text);
  };
  add(totals.opened_alone, "of them not verified");
  if (wants_plaintext) add(totals.verified_alone, "verified but not decrypted");
  add(totals.bad, "bad");
  add(totals.replays, totals.replays == 1 ? "replay" : "replays");
  add(totals.late, "late");
  add(totals.cut, "cut by the capture");
  add(totals.keyless, "without a usable key");
  add(totals.unknown + untracked, "on unknown SPIs");
  if (totals.lost != 0) out += fmt::format("; {} lost", totals.lost);
  return out;
}

// How the IPsec packets fared.
std::string outcome(const Totals& totals, const FindingLog& log, const Summary& summary, std::uint64_t untracked) {
  const bool sealed = totals.opened == 0 && totals.verified_alone != 0;  // the keys are for the ICVs alone
  const bool wants_plaintext = !summary.verify_only && !sealed;
  const std::uint64_t good = wants_plaintext ? totals.opened : totals.verified;
  const std::string_view word = wants_plaintext ? "opened" : sealed ? "verified, none decrypted" : "verified";
  const bool calm = log.count(Severity::error) + log.count(Severity::warning) == 0;
  const std::string_view closing = log.count(Severity::info) == 0 ? "Nothing to report." : "Nothing wrong.";
  const bool all_good = good == totals.packets && untracked == 0 && totals.opened_alone == 0;
  if (all_good && calm) return fmt::format(", all {}. {}", word, closing);
  return fmt::format(": {} {}", good, word) + shortfalls(totals, untracked, wants_plaintext);
}

}  // namespace

std::string verdict_text(const std::vector<SaStatistics>& sas, const FindingLog& log, const Summary& summary,
                         std::uint64_t untracked) {
  const double seconds = static_cast<double>(summary.last.nanoseconds - summary.first.nanoseconds) / 1e9;
  std::string out = fmt::format("{}: {}", files_text(summary), count_of(summary.frames, "frame"));
  if (summary.frames > 1) out += fmt::format(" in {:.1f} s", seconds);
  const Totals totals = total(sas);
  if (totals.packets + untracked == 0) {
    out += summary.ike != 0 ? fmt::format("; {}, but no ESP or AH packet.", count_of(summary.ike, "IKE message"))
                            : "; no ESP or AH packet.";
    return out;
  }
  out += fmt::format("; {}, {}", count_of(sas.size(), "SA"), count_of(totals.packets + untracked, protocols(summary)));
  if (totals.unknown == totals.packets && !summary.keys_given)
    return out + fmt::format(", {}: no keys are loaded.", summary.esp == 0 ? "not verified" : "sealed");
  return out + outcome(totals, log, summary, untracked);
}

namespace {

template <typename Name>
std::string list_of(const std::vector<std::uint32_t>& numbers, Name name) {
  constexpr std::size_t most = 6;
  std::string out;
  for (std::size_t i = 0; i < numbers.size() && i < most; ++i) out += (i == 0 ? " on " : ", ") + name(numbers[i]);
  if (numbers.size() > most) out += fmt::format(" … (+{})", numbers.size() - most);
  return out;
}

std::string sa_list(const std::vector<SaNumber>& sas) {
  return list_of(sas, [](SaNumber number) { return fmt::format("#{}", number); });
}

}  // namespace

std::string subjects_text(const Conclusion& conclusion) {
  return sa_list(conclusion.sas) + list_of(conclusion.ike_sas, ike_sa_name);
}

namespace {

void print_conclusion(const Conclusion& conclusion, Output& out, const Palette& palette) {
  const std::string head = fmt::format("{}{}: {}", conclusion.info->code, subjects_text(conclusion), conclusion.what);
  std::string text = palette.paragraph(head, 2);
  const std::string_view code = conclusion.info->code;
  text.replace(2, code.size(), palette.of(conclusion.info->severity, code));
  out.write(text);
  out.write(palette.paragraph(conclusion.why, 4));
  out.write(
      palette.paragraph(conclusion.remedy.empty() ? conclusion.info->remedy : std::string_view{conclusion.remedy}, 4));
}

void print_conclusions(std::vector<Conclusion> conclusions, Output& out, const Palette& palette) {
  std::stable_sort(conclusions.begin(), conclusions.end(),
                   [](const Conclusion& a, const Conclusion& b) { return a.info->severity > b.info->severity; });
  Severity last = Severity::info;
  bool first = true;
  for (const Conclusion& conclusion : conclusions) {
    const Severity severity = conclusion.info->severity;
    if (first || severity != last) {
      const std::string_view heading = severity == Severity::error     ? "ERRORS"
                                       : severity == Severity::warning ? "WARNINGS"
                                                                       : "INFO";
      out.write("\n" + palette.heading(heading) + "\n");
    }
    first = false;
    last = severity;
    print_conclusion(conclusion, out, palette);
  }
}

// SAs that are known, and why their packets cannot be opened or not in all respects.
template <typename Choice>
void print_reasons(std::string_view heading, const std::vector<SaStatistics>& sas, Choice choice, Output& out,
                   const Palette& palette) {
  std::map<std::string, std::vector<SaNumber>> by_reason;
  for (const SaStatistics& sa : sas)
    if (choice(sa)) by_reason[sa.key_error].push_back(sa.number);
  if (by_reason.empty()) return;
  out.write("\n" + palette.heading(heading) + "\n");
  for (const auto& [reason, numbers] : by_reason)
    out.write(palette.paragraph(sa_list(numbers).substr(std::string_view{" on "}.size()) + ": " + reason, 2));
}

// What an SA's keys are not enough for; empty: nothing.
std::string_view shortcoming(const SaStatistics& sa) {
  if (sa.key_error.empty()) return {};
  if (sa.can_verify) return " (not decrypted)";
  return sa.can_decrypt ? " (not verified)" : " (no key)";
}

}  // namespace

// Of the table of SAs, those that a narrow terminal shows in a second line, the first to go first.
constexpr std::size_t addresses_column = 1, mode_column = 3, suite_column = 4, kernel_column = 10;

std::vector<std::string> sa_columns() {
  return {"#", "from > to", "spi", "mode", "suite", "packets", "opened", "bad", "replay", "lost", "kernel would count"};
}

std::vector<std::string> sa_row(const SaStatistics& sa) {
  const SecurityAssociation* keys = sa.association;
  std::string mode = keys == nullptr ? "-" : std::string{to_string(sa.mode)};
  if (sa.encapsulation == Encapsulation::udp) mode += " in UDP";
  if (sa.encapsulation == Encapsulation::tcp) mode += " in TCP";
  if (keys != nullptr && keys->esn) mode += " ESN";
  std::string suite = keys == nullptr ? "unknown SPI" : suite_name(*keys);
  suite += shortcoming(sa);
  if (sa.nat) suite += " (NAT)";
  const bool counts = keys != nullptr && (sa.can_verify || sa.key_error.empty());
  const KernelCounters& kernel = sa.kernel;
  return {fmt::format("{}", sa.number),
          fmt::format("{} > {}", sa.source.to_string(), sa.destination.to_string()),
          fmt::format("0x{:08x}", sa.spi),
          mode,
          suite,
          std::to_string(sa.packets),
          std::to_string(sa.decrypted),
          std::to_string(sa.icv_bad),
          std::to_string(sa.replayed),
          std::to_string(sa.lost),
          counts
              ? fmt::format("replay-window {} replay {} failed {}", kernel.replay_window, kernel.replay, kernel.failed)
              : ""};
}

namespace {

void print_table(const std::vector<SaStatistics>& sas, Output& out, const Palette& palette) {
  if (sas.empty()) return;
  out.write("\n" + palette.heading("SECURITY ASSOCIATIONS") + "\n");
  Table table;
  table.row(sa_columns());
  for (std::size_t i = 0; i < sas.size() && i < most_rows; ++i) table.row(sa_row(sas[i]));
  const TableFold fold{palette.columns(), {kernel_column, suite_column, mode_column, addresses_column}};
  for (const std::string& line : table.lines(5, 9, fold)) out.write(line);
  if (sas.size() > most_rows) out.write(fmt::format("  … and {} more (--json has them all)\n", sas.size() - most_rows));
}

}  // namespace

std::string recap_text(const std::vector<Conclusion>& conclusions) {
  std::string counts, codes;
  for (const auto& [severity, name] : {std::pair{Severity::error, "error"}, std::pair{Severity::warning, "warning"}}) {
    std::uint64_t count = 0;
    for (const Conclusion& conclusion : conclusions) {
      if (conclusion.info->severity != severity) continue;
      ++count;
      const std::string code{conclusion.info->code};
      if ((" " + codes + ",").find(" " + code + ",") != std::string::npos) continue;
      codes += (codes.empty() ? "" : ", ") + code;
    }
    if (count != 0) counts += (counts.empty() ? "" : ", ") + count_of(count, name);
  }
  return counts.empty() ? counts : counts + ": " + codes;
}

std::string recap_paragraph(const std::vector<Conclusion>& conclusions, const Palette& palette) {
  std::string text = recap_text(conclusions);
  if (text.empty()) return text;
  const std::string_view first = std::string_view{text}.substr(text.find(": ") + 2);
  return palette.heading(palette.paragraph(text, 0)) +
         fmt::format("`espdump explain {}` tells more\n", first.substr(0, first.find(',')));
}

std::string verdict_paragraph(const Decoder& decoder, const FindingLog& log, const Summary& summary,
                              const Palette& palette) {
  const std::string text =
      palette.paragraph(verdict_text(decoder.statistics(), log, summary, decoder.untracked_packets()), 0);
  return log.count(Severity::error) != 0     ? palette.error(text)
         : log.count(Severity::warning) != 0 ? palette.warning(text)
                                             : palette.good(text);
}

void print_report(const Decoder& decoder, const std::vector<Conclusion>& conclusions, const FindingLog& log,
                  const Summary& summary, bool verbose, Output& out, const Palette& palette) {
  const std::vector<SaStatistics> sas = decoder.statistics();
  out.write(verdict_paragraph(decoder, log, summary, palette));
  print_conclusions(conclusions, out, palette);
  print_reasons("NOT OPENED", sas, keyless, out, palette);
  print_reasons("OPENED IN PART", sas, opened_in_part, out, palette);
  print_table(sas, out, palette);
  if (summary.kernel_stats)
    print_kernel_check(check_kernel(*summary.kernel_stats, sas, decoder.untracked_packets()), out, palette);
  print_paths(decoder, summary.paths, verbose, out, palette);
  IkeSectionOptions ike{summary.first, verbose, {}};
  for (const Conclusion& conclusion : conclusions)
    if (conclusion.info->severity != Severity::info)
      ike.troubled.insert(ike.troubled.end(), conclusion.ike_sas.begin(), conclusion.ike_sas.end());
  print_ike(decoder, sas, ike, out, palette);
}

}  // namespace espdump
