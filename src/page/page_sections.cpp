#include "page/page_sections.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "base/append.hpp"
#include "page/markup.hpp"
#include "report/ike_view.hpp"
#include "report/kernel_section.hpp"
#include "report/text.hpp"
#include "report/text_util.hpp"

namespace espdump {
namespace {

constexpr std::size_t most_rows = 200, most_pictures = 12, most_ladders = 12;

// What the text report says, as it says it there.
template <typename Print>
std::string in_words(std::string_view summary, Print print) {
  std::string text;
  {
    Output output{&text};
    print(output);
  }
  text.erase(0, text.find_first_not_of('\n'));
  if (text.empty()) return {};
  std::string out = fmt::format("<details><summary>{}</summary><pre>", summary);
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    out += markup(text.substr(at, end - at)) + "\n";
    at = end + 1;
  }
  return out + "</pre></details>";
}

std::string sa_table(const PageFacts& facts) {
  std::string out = "<div class=\"wide\"><table><thead><tr>";
  for (const std::string& column : sa_columns()) append(out, "<th scope=\"col\">{}</th>", markup(column));
  out += "</tr></thead><tbody>";
  for (std::size_t i = 0; i < facts.sas.size() && i < most_rows; ++i) {
    append(out, "<tr id=\"sa-{}\" class=\"{}\">", facts.sas[i].number, verdict_class(facts.sas[i]));
    for (const std::string& cell : sa_row(facts.sas[i])) append(out, "<td>{}</td>", markup(cell));
    out += "</tr>";
  }
  out += "</tbody></table></div>";
  if (facts.sas.size() > most_rows)
    append(out, "<p>… and {} more; <code>--json</code> has them all.</p>", facts.sas.size() - most_rows);
  return out;
}

// Those with most trouble first, then those with most packets.
std::vector<const SaStatistics*> most_telling(const PageFacts& facts) {
  std::vector<const SaStatistics*> out;
  out.reserve(facts.sas.size());
  for (const SaStatistics& sa : facts.sas) out.push_back(&sa);
  const auto weight = [](const SaStatistics* sa) {
    return std::pair{sa->icv_bad + sa->replayed + sa->stale + (sa->association != nullptr ? sa->lost : 0), sa->packets};
  };
  std::stable_sort(out.begin(), out.end(),
                   [&](const SaStatistics* a, const SaStatistics* b) { return weight(a) > weight(b); });
  if (out.size() > most_pictures) out.resize(most_pictures);
  std::sort(out.begin(), out.end(), [](const SaStatistics* a, const SaStatistics* b) { return a->number < b->number; });
  return out;
}

std::string size_words(const PageFacts& facts, const SaStatistics& sa) {
  const PathEvidence path = facts.mtus.of(sa.number);
  std::string out = fmt::format("Path MTU {}", path.to_string());
  if (const std::string fits = what_fits(facts.decoder.association(sa.number), path.mtu); !fits.empty())
    out += ": what fits inside is " + fits;
  return out + ".";
}

std::string sa_pictures(const PageFacts& facts, const SaStatistics& sa) {
  const std::string numbers = draw_numbers(facts, sa), sizes = draw_sizes(facts, sa);
  if (numbers.empty() && sizes.empty()) return {};
  std::string out = fmt::format("<details class=\"sa\"{}><summary>#{} {} to {}, {} 0x{:08x}</summary>",
                                verdict_class(sa) == "good" ? "" : " open", sa.number, markup(sa.source.to_string()),
                                markup(sa.destination.to_string()), to_string(sa.protocol), sa.spi);
  out += figure(numbers, numbers_caption);
  out += figure(sizes, size_words(facts, sa));
  return out + "</details>";
}

std::string file_item(const std::string& name, const std::optional<std::string>& digest) {
  return fmt::format("<li><code>{}</code>{}</li>", markup(name == "-" ? "standard input" : name),
                     digest ? fmt::format(" <span class=\"quiet\">SHA-256 <code>{}</code></span>", *digest) : "");
}

}  // namespace

std::string figure(const std::string& svg, std::string_view caption) {
  if (svg.empty()) return {};
  return fmt::format("<figure><div class=\"wide\">{}</div>{}</figure>", svg,
                     caption.empty() ? "" : fmt::format("<figcaption>{}</figcaption>", markup(caption)));
}

std::string sas_section(const PageFacts& facts) {
  if (facts.sas.empty() && facts.ike_sas.empty()) return {};
  std::string out =
      "<section id=\"network\"><h2>The network as seen</h2>" + figure(draw_network(facts), {}) + "</section>";
  if (facts.sas.empty()) return out;
  out += "<section id=\"sas\"><h2>Security associations</h2>" + sa_table(facts);
  const Palette plain{false};
  if (facts.summary.kernel_stats)
    out += in_words("Against the kernel's counters", [&](Output& output) {
      print_kernel_check(check_kernel(*facts.summary.kernel_stats, facts.sas, facts.decoder.untracked_packets()),
                         output, plain);
    });
  for (const SaStatistics* sa : most_telling(facts)) out += sa_pictures(facts, *sa);
  return out + "</section>";
}

std::string traffic_section(const PageFacts& facts) {
  std::string out = figure(draw_bytes(facts), "Throughput: on the wire, and of it what was inside opened packets.");
  out += figure(draw_lives(facts),
                "From the first packet to the last; ● made and ✕ deleted by IKE, strokes: its exchanges.");
  const Palette plain{false};
  out += in_words("Sizes and path MTU in words",
                  [&](Output& output) { print_paths(facts.decoder, facts.summary.paths, true, output, plain); });
  return out.empty() ? out : "<section id=\"traffic\"><h2>Traffic over time</h2>" + out + "</section>";
}

std::string ike_section(const PageFacts& facts) {
  if (facts.ike_sas.empty()) return {};
  std::string out = "<section id=\"ike\"><h2>IKE</h2>";
  std::size_t ladders = 0;
  for (const IkeSa* sa : facts.ike_sas) {
    if (sa->major_version != 2 || ladders++ >= most_ladders) continue;
    append(out, "<details id=\"ike-{}\"{}><summary>{} {} to {}, {}</summary>", sa->number,
           facts.ike_sas.size() == 1 ? " open" : "", ike_sa_name(sa->number), markup(sa->initiator.to_string()),
           markup(sa->responder.to_string()), to_string(sa->state));
    out += figure(draw_ladder(facts, *sa), {}) + "</details>";
  }
  const Palette plain{false};
  out += in_words("IKE SAs in words", [&](Output& output) {
    print_ike(facts.decoder, facts.sas, {facts.summary.first, true, {}}, output, plain);
  });
  return out + "</section>";
}

std::string source_section(const PageFacts& facts, const PageOptions& options, const Digests& digests) {
  std::string out = "<section id=\"source\"><h2>What was read</h2><ul>";
  for (std::size_t file = 0; file < facts.summary.files.size(); ++file)
    out += file_item(facts.summary.files[file], file < digests.size() ? digests[file] : std::nullopt);
  out += "</ul>";
  if (!options.key_files.empty()) {
    out += "<p>Keys from";
    for (const std::string& file : options.key_files) append(out, " <code>{}</code>", markup(file));
    out += "; they are not in this page.</p>";
  }
  for (const auto& [name, value] : options.settings)
    append(out, "<p><code>{}{}{}</code></p>", markup(name), value.empty() ? "" : " ", markup(value));
  return out + "</section>";
}

}  // namespace espdump
