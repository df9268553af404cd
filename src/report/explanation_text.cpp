#include "report/explanation_text.hpp"

#include <string_view>

#include "report/json_line.hpp"
#include "report/text_util.hpp"

namespace espdump {
namespace {

constexpr std::size_t width = 100;

// Calls `use` for what is there; the rest of such an array is empty.
template <typename Texts, typename Use>
void for_each(const Texts& texts, Use use) {
  for (const std::string_view text : texts)
    if (!text.empty()) use(text);
}
template <typename Use>
void for_each_check(const Explanation& explanation, Use use) {
  for (const Check& check : explanation.checks)
    if (!check.command.empty()) use(check);
}

template <typename Texts>
std::string bullets(const Texts& texts, std::size_t indent) {
  std::string out;
  for_each(texts, [&](std::string_view text) { out += wrapped("- " + std::string{text}, indent, width, 2); });
  return out;
}

template <typename Texts>
void list(JsonLine& json, std::string_view name, const Texts& texts) {
  json.key(name).begin_list();
  for_each(texts, [&](std::string_view text) { json.text(text); });
  json.end_list();
}

}  // namespace

std::string explanation_text(const FindingInfo& info, const Explanation& explanation) {
  std::string out =
      wrapped(std::string{info.code} + " (" + std::string{to_string(info.severity)} + "): " + std::string{info.when}, 0,
              width, 2);
  out += "\n" + wrapped(explanation.meaning, 2, width);
  out += "\nWhat causes it\n" + bullets(explanation.causes, 2);
  out += "\nHow to make sure\n";
  for_each_check(explanation, [&](const Check& check) {
    out += "  $ " + std::string{check.command} + "\n" + wrapped(check.shows, 6, width);
  });
  return out + "\nWhat helps\n" + bullets(explanation.cures, 2);
}

std::string explanation_markdown(const Explanation& explanation) {
  std::string out = "### " + std::string{explanation.code} + "\n\n" + wrapped(explanation.meaning, 0, width);
  out += "\nWhat causes it:\n\n" + bullets(explanation.causes, 0) + "\nHow to make sure:\n\n";
  for_each_check(explanation, [&](const Check& check) {
    out += wrapped("- `" + std::string{check.command} + "`: " + std::string{check.shows}, 0, width, 2);
  });
  return out + "\nWhat helps:\n\n" + bullets(explanation.cures, 0);
}

std::string explanation_json(const FindingInfo& info, const Explanation& explanation) {
  JsonLine json;
  json.start_line("explanation");
  json.text("code", info.code);
  json.text("severity", to_string(info.severity));
  json.text("when", info.when);
  json.text("meaning", explanation.meaning);
  list(json, "causes", explanation.causes);
  json.key("checks").begin_list();
  for_each_check(explanation, [&](const Check& check) {
    json.begin();
    json.text("command", check.command);
    json.text("shows", check.shows);
    json.end();
  });
  json.end_list();
  list(json, "cures", explanation.cures);
  return std::string{json.end_line()};
}

}  // namespace espdump
