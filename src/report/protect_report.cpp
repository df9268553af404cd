// The protected side is called ingress in JSON, the other egress, as everywhere in this command.
#include "report/protect_report.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <fmt/core.h>

#include <map>

#include "base/append.hpp"
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

using Json = rapidjson::Writer<rapidjson::StringBuffer>;

void key(Json& json, std::string_view name) { json.Key(name.data(), static_cast<rapidjson::SizeType>(name.size())); }
void text(Json& json, std::string_view value) {
  const std::string clean = valid_utf8(value);
  json.String(clean.data(), static_cast<rapidjson::SizeType>(clean.size()));
}
void text(Json& json, std::string_view name, std::string_view value) {
  key(json, name);
  text(json, value);
}
void number(Json& json, std::string_view name, std::uint64_t value) {
  key(json, name);
  json.Uint64(value);
}

template <typename Fill>
void line(std::string& out, std::string_view type, Fill fill) {
  rapidjson::StringBuffer buffer;
  Json json(buffer);
  json.StartObject();
  text(json, "type", type);
  fill(json);
  json.EndObject();
  out.append(buffer.GetString(), buffer.GetSize());
  out += '\n';
}

void finding(Json& json, const ProtectViolation& it) {
  text(json, "code", it.info->code);
  text(json, "severity", to_string(it.info->severity));
  if (it.plain_frame != 0) number(json, "ingress_frame", it.plain_frame);
  if (it.outer_frame != 0) number(json, "egress_frame", it.outer_frame);
  if (it.sa != 0) number(json, "sa", it.sa);
  text(json, "message", message(it));
  text(json, "remedy", it.info->remedy);
}

void files(Json& json, const ProtectView& view) {
  key(json, "files");
  json.StartArray();
  for (const GatewayFile& file : view.files)
    if (file.side != "keys") text(json, file.name);
  json.EndArray();
  key(json, "inputs");
  json.StartArray();
  for (const GatewayFile& file : view.files) {
    json.StartObject();
    text(json, "side", file.side);
    text(json, "file", file.name);
    if (file.sha256 && file.side != "keys") text(json, "sha256", *file.sha256);
    json.EndObject();
  }
  json.EndArray();
}

void summary(Json& json, const ProtectView& view) {
  const ProtectReport& it = view.report;
  files(json, view);
  number(json, "plain", it.plain);
  number(json, "encrypted", it.encrypted);
  number(json, "not_selected", it.not_ours);
  number(json, "not_judged", it.not_judged);
  number(json, "esp", it.esp);
  number(json, "decrypted", it.opened);
  number(json, "not_on_plain_side", it.unseen);
  std::map<std::string_view, std::uint64_t> counts;
  for (const ProtectViolation& violation : it.violations) ++counts[violation.info->code];
  key(json, "findings");
  json.StartObject();
  for (const auto& [code, count] : counts) number(json, code, count);
  json.EndObject();
  key(json, "reasons");
  json.StartArray();
  for (const std::string& reason : it.reasons) text(json, reason);
  json.EndArray();
  key(json, "truncated");
  json.Bool(view.truncated);
  text(json, "verdict", to_string(it.verdict));
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
  out += "\nFILES\n";
  for (const GatewayFile& file : view.files) {
    const std::string_view side = file.side == "ingress" ? "plain" : file.side == "egress" ? "ESP" : file.side;
    out += "  " + padded(side, 8) + terminal_safe(file.name) + "\n";
    if (file.sha256 && file.side != "keys") out += "          SHA-256 " + *file.sha256 + "\n";
  }
  return out;
}

std::string protect_json(const ProtectView& view) {
  std::string out;
  for (const ProtectViolation& violation : view.report.violations)
    line(out, "finding", [&](Json& json) { finding(json, violation); });
  line(out, "summary", [&](Json& json) { summary(json, view); });
  return out;
}

}  // namespace espdump
