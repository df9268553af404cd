// The protected side is called ingress in JSON, the other egress, as everywhere in this command.
#include "report/protect_report.hpp"

#include <fmt/core.h>

#include <espdump/wire/names.hpp>

#include <algorithm>
#include <map>

#include "base/append.hpp"
#include "report/json_line.hpp"
#include "report/text_util.hpp"

namespace espdump {
namespace {

using Kind = ProtectViolation::Kind;

constexpr std::size_t width = 100, most_groups = 9, most_places = 3;
constexpr std::string_view remedy_of_clamping =
    "MSS clamping is usually meant: it keeps TCP segments small enough for the tunnel. Nothing to do where the gateway "
    "or a router in front of it is set to clamp; else look who rewrites SYNs.";
constexpr std::string_view remedy_of_alteration =
    "Of the packet inside ESP nothing may change but TTL, DSCP and ECN: look for NAT in front of encryption, and at "
    "what else rewrites packets on the way.";
constexpr std::string_view remedy_of_dropping =
    "Compare the gateway's counters of drops with the number here; look at its policies, at queues and MTU, and at "
    "what happens while SAs change.";

std::string protocol_text(std::uint8_t protocol) {
  const std::string_view name = wire::ip_protocol_name(protocol);
  return name.empty() ? fmt::format("protocol {}", protocol) : std::string{name};
}

std::string hosts_text(const ClearHosts& hosts) {
  return fmt::format("{} > {} {}", hosts.source.to_string(), hosts.destination.to_string(),
                     protocol_text(hosts.protocol));
}

std::string change_text(const ProtectViolation& it) {
  if (it.change.clamps_mss) return it.change.what + " (TCP's MSS was clamped)";
  return it.change.what;
}

// Without hosts: what violations of one group have in common.
std::string fault(const ProtectViolation& it) {
  const std::string change = it.change.what.empty() ? "" : ": " + change_text(it);
  switch (it.kind) {
    case Kind::leaked: return "left in the clear" + (change.empty() ? "" : ", altered" + change);
    case Kind::not_sent: return "did not leave encrypted";
    case Kind::modified: return "left altered" + change;
    case Kind::twice: return "was encrypted twice";
    case Kind::outside: break;
  }
  return fmt::format("lies outside the selector of its SA, #{}", it.sa);
}

std::string_view remedy(const ProtectViolation& it) {
  if (it.kind == Kind::modified) return it.change.clamps_mss ? remedy_of_clamping : remedy_of_alteration;
  return it.kind == Kind::not_sent ? remedy_of_dropping : it.info->remedy;
}

std::string_view file_of(const ProtectView& view, std::string_view side, std::size_t index) {
  for (const GatewayFile& file : view.files)
    if (file.side == side && index-- == 0) return file.name;
  return {};
}

std::size_t files_of(const ProtectView& view, std::string_view side) {
  return static_cast<std::size_t>(
      std::count_if(view.files.begin(), view.files.end(), [&](const GatewayFile& file) { return file.side == side; }));
}

// "plain 12 > esp 15"; of several captures of a side also which.
std::string place(const ProtectView& view, const ProtectViolation& it) {
  const auto of = [&](std::string_view side, std::size_t index) {
    return files_of(view, side) > 1 ? " of " + terminal_safe(file_of(view, side, index)) : std::string{};
  };
  std::string out;
  if (it.plain_frame != 0) append(out, "plain {}{}", it.plain_frame, of("ingress", it.plain_file));
  if (it.outer_frame != 0)
    append(out, "{}esp {}{}", out.empty() ? "" : " > ", it.outer_frame, of("egress", it.outer_file));
  return out;
}

void finding(JsonLine& json, const ProtectView& view, const ProtectViolation& it) {
  json.text("code", it.info->code);
  json.text("severity", to_string(it.info->severity));
  if (it.plain_frame != 0) {
    json.number("ingress_frame", it.plain_frame);
    if (files_of(view, "ingress") > 1) json.text("ingress_file", file_of(view, "ingress", it.plain_file));
  }
  if (it.outer_frame != 0) {
    json.number("egress_frame", it.outer_frame);
    if (files_of(view, "egress") > 1) json.text("egress_file", file_of(view, "egress", it.outer_file));
  }
  if (it.sa != 0) json.number("sa", it.sa);
  json.text("source", it.hosts.source.to_string());
  json.text("destination", it.hosts.destination.to_string());
  json.number("protocol", it.hosts.protocol);
  if (!it.change.what.empty()) json.text("change", it.change.what);
  json.text("message", fault(it) + ": " + hosts_text(it.hosts));
  json.text("remedy", remedy(it));
}

void list(JsonLine& json, std::string_view name, const std::vector<std::string>& texts) {
  json.key(name);
  json.begin_list();
  for (const std::string& text : texts) json.text(text);
  json.end_list();
}

void summary(JsonLine& json, const ProtectView& view) {
  const ProtectReport& it = view.report;
  write_files(view.files, json);
  write_origin(view.origin, json);
  json.number("plain", it.plain);
  json.number("encrypted", it.encrypted);
  json.number("inbound", it.entered);
  json.number("not_selected", it.not_ours);
  json.number("not_judged", it.not_judged);
  json.number("refused", it.refused);
  json.number("captured_twice", it.copies);
  json.number("esp", it.esp);
  json.number("decrypted", it.opened);
  json.number("not_on_plain_side", it.unseen);
  json.signed_number("clock_offset_ns", it.offset);
  std::map<std::string_view, std::uint64_t> counts;
  for (const ProtectViolation& violation : it.violations) ++counts[violation.info->code];
  json.key("findings");
  json.begin();
  for (const auto& [code, count] : counts) json.number(code, count);
  json.end();
  list(json, "reasons", it.reasons);
  list(json, "notes", it.notes);
  json.boolean("truncated", view.truncated);
  json.text("verdict", to_string(it.verdict));
}

std::string heading(const ProtectReport& it) {
  if (it.verdict == GatewayVerdict::inconclusive) return "INCONCLUSIVE\n";
  if (it.verdict == GatewayVerdict::fail)
    return fmt::format("FAIL: {} violation{} in {} packets of the protected side\n", it.violations.size(),
                       it.violations.size() == 1 ? "" : "s", it.plain);
  return fmt::format("PASS: {} packet{} of the protected side left encrypted, once, unchanged; none in the clear\n",
                     it.encrypted, it.encrypted == 1 ? "" : "s");
}

// What is the same of several packets stands once.
std::string groups_text(const ProtectView& view) {
  struct Group {
    const ProtectViolation* first = nullptr;
    std::uint64_t count = 0;
    std::string places;
  };
  std::vector<Group> groups;
  std::map<std::string, std::size_t> known;
  for (const ProtectViolation& it : view.report.violations) {
    const auto [at, is_new] = known.try_emplace(fault(it), groups.size());
    if (is_new) groups.push_back({&it, 0, {}});
    Group& group = groups[at->second];
    if (group.count++ < most_places) group.places += (group.places.empty() ? "" : ", ") + place(view, it);
  }
  std::string out;
  for (std::size_t i = 0; i < groups.size() && i < most_groups; ++i) {
    const Group& group = groups[i];
    const std::string more = group.count > most_places ? fmt::format(" … (+{})", group.count - most_places) : "";
    const std::string which =
        group.count == 1 ? hosts_text(group.first->hosts) : fmt::format("{} packets", group.count);
    out += wrapped(fmt::format("{}: {}; {}{}", fault(*group.first), which, group.places, more), 2, width, 4);
  }
  if (groups.size() > most_groups) append(out, "  … (+{})\n", groups.size() - most_groups);
  return out;
}

std::string lines_text(const ProtectView& view) {
  std::string out;
  for (const ProtectViolation& it : view.report.violations)
    out += wrapped(fmt::format("{}: {}: {}", place(view, it), fault(it), hosts_text(it.hosts)), 2, width, 4);
  return out;
}

std::string counts_text(const ProtectReport& it) {
  std::string out = fmt::format(
      "protected side: {} packets, {} of them encrypted, {} inbound, {} of hosts that no SA is for, {} not judged\n",
      it.plain, it.encrypted, it.entered, it.not_ours, it.not_judged);
  if (it.copies != 0) append(out, "  {} more are second captures of these\n", it.copies);
  append(out, "other side: {} ESP packets, {} opened, {} of them not on the protected side\n", it.esp, it.opened,
         it.unseen);
  if (it.offset != 0)
    append(out, "clocks: that of the other side is {:.3f} s {}\n",
           static_cast<double>(it.offset < 0 ? -it.offset : it.offset) / 1e9, it.offset < 0 ? "behind" : "ahead");
  return out;
}

}  // namespace

std::string protect_text(const ProtectView& view) {
  const ProtectReport& it = view.report;
  std::string out = heading(it);
  for (const std::string& reason : it.reasons) out += wrapped(reason, 2, width, 2);
  out += view.verbose ? lines_text(view) : groups_text(view);
  out += remedies_text(it.violations, width, remedy);
  out += counts_text(it);
  for (const std::string& note : it.notes) out += wrapped("note: " + note, 0, width, 2);
  return out + files_text(view.files, "plain", "ESP") + origin_text(view.origin, "plain", "ESP");
}

void protect_json(const ProtectView& view, Output& out) {
  JsonLine json;
  for (const ProtectViolation& violation : view.report.violations) {
    json.start_line("finding");
    finding(json, view, violation);
    out.write(json.end_line());
  }
  json.start_line("summary");
  summary(json, view);
  out.write(json.end_line());
}

}  // namespace espdump
