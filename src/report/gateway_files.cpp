// Which captures and keys a report on a gateway is about, and what made it.
#include "report/gateway_files.hpp"

#include <fmt/core.h>

#include "analysis/analyzers.hpp"
#include "base/x509.hpp"
#include "report/text_util.hpp"

namespace espdump {
namespace {

constexpr std::int64_t second = 1'000'000'000;

std::string span_text(std::string_view side, const GatewaySpan& span) {
  std::string out = "  " + padded(side, 8) + count_of(span.frames, "frame");
  if (span.frames != 0) out += ", " + utc_text(span.first / second) + " to " + utc_text(span.last / second);
  return out + "\n";
}

void write_span(std::string_view side, const GatewaySpan& span, JsonLine& json) {
  json.key(side).begin();
  json.number("frames", span.frames);
  if (span.frames != 0) {
    json.text("from", fmt::format("{}.{:09}", span.first / second, span.first % second));
    json.text("to", fmt::format("{}.{:09}", span.last / second, span.last % second));
  }
  json.end();
}

}  // namespace

std::string origin_text(const GatewayOrigin& origin, std::string_view ingress, std::string_view egress) {
  return span_text(ingress, origin.ingress) + span_text(egress, origin.egress) + "  " + padded("made by", 8) +
         origin.program + "\n";
}

void write_origin(const GatewayOrigin& origin, JsonLine& json) {
  json.text("program", origin.program);
  json.key("captured").begin();
  write_span("ingress", origin.ingress, json);
  write_span("egress", origin.egress, json);
  json.end();
}

std::string files_text(const std::vector<GatewayFile>& files, std::string_view ingress, std::string_view egress) {
  std::string out = "\nFILES\n";
  for (const GatewayFile& file : files) {
    const std::string_view side = file.side == "ingress" ? ingress : file.side == "egress" ? egress : file.side;
    out += "  " + padded(side, 8) + terminal_safe(file.name == "-" ? "standard input" : file.name) + "\n";
    if (file.sha256) out += "          SHA-256 " + *file.sha256 + "\n";
  }
  return out;
}

void write_files(const std::vector<GatewayFile>& files, JsonLine& json) {
  json.key("files").begin_list();
  for (const GatewayFile& file : files)
    if (file.side != "keys") json.text(file.name);
  json.end_list();
  json.key("inputs").begin_list();
  for (const GatewayFile& file : files) {
    json.begin();
    json.text("side", file.side);
    json.text("file", file.name);
    if (file.sha256) json.text("sha256", *file.sha256);
    json.end();
  }
  json.end_list();
}

}  // namespace espdump
