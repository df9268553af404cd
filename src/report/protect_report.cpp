// The protected side is called ingress in JSON, the other egress, as everywhere in this command.
#include "report/protect_report.hpp"

#include <fmt/core.h>

#include <map>

#include "base/append.hpp"
#include "report/json_line.hpp"
#include "report/text_util.hpp"

namespace espdump {
namespace {

constexpr std::size_t width = 100, most_lines = 20;

std::string hosts_text(const ClearHosts& hosts) {
  return fmt::format("{} > {} protocol {}", hosts.source.to_string(), hosts.destination.to_string(), hosts.protocol);
}

std::string message(const ProtectViolation& it) {
  switch (it.kind) {
    case ProtectViolation::Kind::leaked: return "left in the clear: " + hosts_text(it.hosts);
    case ProtectViolation::Kind::not_sent: return "did not leave encrypted: " + hosts_text(it.hosts);
    case ProtectViolation::Kind::twice: return "was encrypted twice: " + hosts_text(it.hosts);
    case ProtectViolation::Kind::outside: break;
  }
  return fmt::format("lies outside the selector of its SA, #{}", it.sa);
}

std::string place(const ProtectViolation& it) {
  std::string out = it.plain_frame != 0 ? fmt::format("plain {}", it.plain_frame) : "";
  if (it.outer_frame != 0) append(out, "{}esp {}", out.empty() ? "" : " > ", it.outer_frame);
  return out;
}

void finding(JsonLine& json, const ProtectViolation& it) {
  json.text("code", it.info->code);
  json.text("severity", to_string(it.info->severity));
  if (it.plain_frame != 0) json.number("ingress_frame", it.plain_frame);
  if (it.outer_frame != 0) json.number("egress_frame", it.outer_frame);
  if (it.sa != 0) json.number("sa", it.sa);
  json.text("message", message(it));
  json.text("remedy", it.info->remedy);
}

void summary(JsonLine& json, const ProtectView& view) {
  const ProtectReport& it = view.report;
  write_files(view.files, json);
  json.number("plain", it.plain);
  json.number("encrypted", it.encrypted);
  json.number("not_selected", it.not_ours);
  json.number("not_judged", it.not_judged);
  json.number("esp", it.esp);
  json.number("decrypted", it.opened);
  json.number("not_on_plain_side", it.unseen);
  std::map<std::string_view, std::uint64_t> counts;
  for (const ProtectViolation& violation : it.violations) ++counts[violation.info->code];
  json.key("findings");
  json.begin();
  for (const auto& [code, count] : counts) json.number(code, count);
  json.end();
  json.key("reasons");
  json.begin_list();
  for (const std::string& reason : it.reasons) json.text(reason);
  json.end_list();
  json.boolean("truncated", view.truncated);
  json.text("verdict", to_string(it.verdict));
}

}  // namespace

std::string protect_text(const ProtectView& view) {
  const ProtectReport& it = view.report;
  std::string out;
  if (it.verdict == GatewayVerdict::pass)
    append(out, "PASS: {} packets of the protected side left encrypted, none in the clear\n", it.encrypted);
  else if (it.verdict == GatewayVerdict::fail)
    append(out, "FAIL: {} violations in {} packets of the protected side\n", it.violations.size(), it.plain);
  else
    out += "INCONCLUSIVE\n";
  for (const std::string& reason : it.reasons) out += wrapped(reason, 2, width);
  std::size_t told = 0;
  for (const ProtectViolation& violation : it.violations)
    if (told++ < most_lines || view.verbose) out += wrapped(place(violation) + ": " + message(violation), 2, width, 4);
  if (told > most_lines && !view.verbose) append(out, "  … (+{})\n", told - most_lines);
  append(out, "protected side: {} packets, {} of them encrypted, {} of hosts that no SA is for, {} not judged\n",
         it.plain, it.encrypted, it.not_ours, it.not_judged);
  append(out, "other side: {} ESP packets, {} opened, {} of them not on the protected side\n", it.esp, it.opened,
         it.unseen);
  if (it.offset != 0)
    append(out, "clocks: that of the other side is {:.1f} s ahead\n", static_cast<double>(it.offset) / 1e9);
  return out + files_text(view.files, "plain", "ESP");
}

std::string protect_json(const ProtectView& view) {
  JsonLine json;
  std::string out;
  for (const ProtectViolation& violation : view.report.violations) {
    json.start_line("finding");
    finding(json, violation);
    out += json.end_line();
  }
  json.start_line("summary");
  summary(json, view);
  out += json.end_line();
  return out;
}

}  // namespace espdump
