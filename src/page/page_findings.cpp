#include <espdump/explanation.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "base/append.hpp"
#include "page/markup.hpp"
#include "page/page_sections.hpp"
#include "report/text.hpp"
#include "report/text_util.hpp"

namespace espdump {
namespace {

constexpr std::size_t most_frames = 24, most_pictures = 12;

std::vector<const Conclusion*> by_weight(const std::vector<Conclusion>& conclusions) {
  std::vector<const Conclusion*> out;
  out.reserve(conclusions.size());
  for (const Conclusion& conclusion : conclusions) out.push_back(&conclusion);
  std::stable_sort(out.begin(), out.end(),
                   [](const Conclusion* a, const Conclusion* b) { return a->info->severity > b->info->severity; });
  return out;
}

std::string first_sentence(std::string_view text) {
  const std::size_t end = text.find(". ");
  return std::string{end == std::string_view::npos ? text : text.substr(0, end + 1)};
}

std::string headline(const PageFacts& facts) {
  const std::vector<const Conclusion*> all = by_weight(facts.conclusions);
  if (all.empty() || all.front()->info->severity == Severity::info) return "Nothing wrong was found.";
  const Conclusion& worst = *all.front();
  const Explanation* explanation = explanation_of(worst.info->code);
  const std::string_view meaning = explanation != nullptr ? explanation->meaning : worst.info->when;
  std::string out = fmt::format("`{}`{}: {}", worst.info->code, subjects_text(worst), first_sentence(meaning));
  const auto others = std::count_if(all.begin() + 1, all.end(),
                                    [](const Conclusion* one) { return one->info->severity != Severity::info; });
  if (others != 0) out += fmt::format(" And {} more thing{} to look at.", others, others == 1 ? "" : "s");
  return out;
}

std::string bullets(std::string_view heading, const auto& texts) {
  std::string out;
  for (const std::string_view text : texts)
    if (!text.empty()) append(out, "<li>{}</li>", prose(text));
  return fmt::format("<h4>{}</h4><ul>{}</ul>", heading, out);
}

std::string checks(const Explanation& explanation) {
  std::string out;
  for (const Check& check : explanation.checks)
    if (!check.command.empty())
      append(out, "<dt><code>{}</code></dt><dd>{}</dd>", markup(check.command), prose(check.shows));
  return fmt::format("<h4>How to make sure</h4><dl>{}</dl>", out);
}

std::string explained(const FindingInfo& info) {
  const Explanation* explanation = explanation_of(info.code);
  if (explanation == nullptr) return {};
  return fmt::format(
      "<details><summary>What {} means, what causes it, how to make sure</summary><p>{}</p>{}{}{}</details>", info.code,
      prose(explanation->meaning), bullets("What causes it", explanation->causes), checks(*explanation),
      bullets("What helps", explanation->cures));
}

std::string frame_links(const PageFacts& facts, const FindingFrames& frames, const Conclusion& conclusion) {
  const std::vector<FindingFrames::Frame> list = frames.of(conclusion, most_frames + 1);
  if (list.empty()) return {};
  std::string out;
  for (std::size_t i = 0; i < list.size() && i < most_frames; ++i) {
    const std::string name =
        facts.many_files() ? fmt::format("{}:{}", list[i].file + 1, list[i].frame) : fmt::format("{}", list[i].frame);
    append(out, " <a href=\"{}\">{}</a>", frame_anchor(list[i].frame, list[i].file, facts.many_files()), name);
  }
  return fmt::format("<p class=\"frames\">Frames:{}{}</p>", out, list.size() > most_frames ? " …" : "");
}

bool starts_with(std::string_view text, std::string_view start) { return text.substr(0, start.size()) == start; }

enum class Picture : std::uint8_t { none, ladder, sizes, numbers };

Picture picture_of(std::string_view code) {
  if (starts_with(code, "ike.") || starts_with(code, "mode.")) return Picture::ladder;
  if (starts_with(code, "mtu.") || starts_with(code, "mss.too")) return Picture::sizes;
  if (starts_with(code, "icv.") || starts_with(code, "replay.") || starts_with(code, "seq.")) return Picture::numbers;
  return Picture::none;
}

// The picture in which to see a finding, the first time that it is asked for; then where it is.
class Evidence {
 public:
  explicit Evidence(const PageFacts& facts) : facts_(facts) {}

  std::string of(const Conclusion& conclusion) {
    const Picture picture = picture_of(conclusion.info->code);
    const auto& subjects = picture == Picture::ladder ? conclusion.ike_sas : conclusion.sas;
    if (picture == Picture::none || subjects.empty() || conclusion.info->severity == Severity::info) return {};
    const auto [drawn, added] = drawn_.try_emplace({picture, subjects.front()}, conclusion.info->code);
    if (!added) return fmt::format("<p class=\"quiet\">Drawn at <code>{}</code> above.</p>", drawn->second);
    std::string out = drawn_.size() <= most_pictures ? draw(picture, subjects.front()) : std::string{};
    if (out.empty()) drawn_.erase(drawn);
    return out;
  }

 private:
  [[nodiscard]] std::string draw(Picture picture, std::uint32_t subject) const {
    if (picture == Picture::ladder) {
      for (const IkeSa* sa : facts_.ike_sas)
        if (sa->number == subject && sa->major_version == 2) return figure(draw_ladder(facts_, *sa), {});
      return {};
    }
    for (const SaStatistics& sa : facts_.sas) {
      if (sa.number != subject) continue;
      if (picture == Picture::sizes) return figure(draw_sizes(facts_, sa), {});
      return figure(draw_numbers(facts_, sa), numbers_caption);
    }
    return {};
  }

  const PageFacts& facts_;
  std::map<std::pair<Picture, std::uint32_t>, std::string_view> drawn_;
};

std::string remedy_of(const Conclusion& conclusion) {
  return prose(conclusion.remedy.empty() ? conclusion.info->remedy : std::string_view{conclusion.remedy});
}

std::string finding(const PageFacts& facts, const FindingFrames& frames, const Conclusion& conclusion,
                    Evidence& evidence) {
  const std::string_view severity = to_string(conclusion.info->severity);
  std::string out =
      fmt::format("<article class=\"finding {}\"><h3><span class=\"tag\">{}</span> <code>{}</code>{}</h3>", severity,
                  severity, conclusion.info->code, markup(subjects_text(conclusion)));
  append(out, "<p class=\"what\">{}</p>", prose(conclusion.what));
  if (!conclusion.why.empty()) append(out, "<p class=\"lines\">{}</p>", prose(conclusion.why));
  if (const std::string remedy = remedy_of(conclusion); !remedy.empty())
    append(out, "<p class=\"remedy lines\">{}</p>", remedy);
  out += frame_links(facts, frames, conclusion);
  out += evidence.of(conclusion);
  return out + explained(*conclusion.info) + "</article>";
}

}  // namespace

void FindingFrames::add(const Finding& finding) {
  if (finding.frame == 0) return;
  const Kind kind{finding.info->code, std::uint64_t{finding.ike_sa} << 32 | finding.sa};
  if (frames_.size() >= most_kinds && frames_.count(kind) == 0) return;
  std::vector<Frame>& list = frames_[kind];
  if (list.size() < most_each) list.push_back({finding.frame, finding.file});
}

std::vector<FindingFrames::Frame> FindingFrames::of(const Conclusion& conclusion, std::size_t most) const {
  std::vector<Frame> out;
  const auto add = [&](std::uint64_t subject) {
    if (const auto found = frames_.find({conclusion.info->code, subject}); found != frames_.end())
      out.insert(out.end(), found->second.begin(), found->second.end());
  };
  for (const SaNumber sa : conclusion.sas) add(sa);
  for (const IkeSaNumber sa : conclusion.ike_sas) add(std::uint64_t{sa} << 32);
  if (conclusion.sas.empty() && conclusion.ike_sas.empty()) add(0);
  const auto key = [](const Frame& one) { return std::pair{one.file, one.frame}; };
  std::sort(out.begin(), out.end(), [&](const Frame& a, const Frame& b) { return key(a) < key(b); });
  const auto same = [&](const Frame& a, const Frame& b) { return key(a) == key(b); };
  out.erase(std::unique(out.begin(), out.end(), same), out.end());
  if (out.size() > most) out.resize(most);
  return out;
}

std::string verdict_section(const PageFacts& facts) {
  const std::string_view name = facts.log.count(Severity::error) != 0     ? "error"
                                : facts.log.count(Severity::warning) != 0 ? "warning"
                                                                          : "good";
  const std::string_view word = name == "error" ? "Errors" : name == "warning" ? "Warnings" : "Good";
  return fmt::format(
      "<div class=\"verdict {}\"><p class=\"headline\"><span class=\"tag\">{}</span> {}</p><p>{}</p></div>", name, word,
      prose(headline(facts)),
      markup(verdict_text(facts.sas, facts.log, facts.summary, facts.decoder.untracked_packets())));
}

std::string findings_section(const PageFacts& facts, const FindingFrames& frames) {
  std::string out = "<section id=\"findings\"><h2>Findings</h2>";
  if (facts.conclusions.empty()) out += "<p>Nothing to report.</p>";
  Evidence evidence{facts};
  for (const Conclusion* conclusion : by_weight(facts.conclusions))
    out += finding(facts, frames, *conclusion, evidence);
  return out + "</section>";
}

}  // namespace espdump
