#include "report/index_report.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include "analysis/analyzers.hpp"
#include "base/x509.hpp"
#include "report/json_line.hpp"
#include "report/text_util.hpp"

namespace espdump {
namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::size_t most_shown = 20;

std::string size_text(std::uint64_t bytes) {
  constexpr std::string_view units[] = {"KiB", "MiB", "GiB", "TiB", "PiB"};
  if (bytes < 1024) return count_of(bytes, "byte");
  double size = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; size >= 1024 && unit + 1 < std::size(units); ++unit) size /= 1024;
  return fmt::format("{:.1f} {}", size, units[unit]);
}

std::string sa_text(const SaStatistics& sa) {
  return fmt::format("  {} 0x{:08x} {} > {}, {}\n", to_string(sa.protocol), sa.spi, sa.source.to_string(),
                     sa.destination.to_string(), count_of(sa.packets, "packet"));
}

void write_sa(const SaStatistics& sa, JsonLine& json) {
  json.begin();
  json.text("protocol", to_string(sa.protocol));
  json.text("spi", fmt::format("0x{:08x}", sa.spi));
  json.text("src", sa.source.to_string());
  json.text("dst", sa.destination.to_string());
  json.number("packets", sa.packets);
  json.end();
}

}  // namespace

std::string index_text(const IndexedCapture& capture) {
  std::string out = terminal_safe(capture.name) + ": ";
  if (capture.size != 0) out += size_text(capture.size) + ", ";
  out += count_of(capture.frames, "frame");
  if (capture.frames != 0)
    out += ", " + utc_text(capture.first.nanoseconds / second) + " to " + utc_text(capture.last.nanoseconds / second);
  if (capture.ike_messages != 0) out += "; " + count_of(capture.ike_messages, "IKE message");
  if (capture.fragments != 0) out += "; " + count_of(capture.fragments, "fragment");
  out += "\n";
  const std::size_t shown = std::min(capture.sas.size(), most_shown);
  for (std::size_t i = 0; i < shown; ++i) out += sa_text(capture.sas[i]);
  if (shown < capture.sas.size())
    out += fmt::format("  … and {} more: --json lists them\n", capture.sas.size() - shown);
  return out;
}

std::string index_text(const IndexedRange& range) {
  const std::string end = range.bytes.end == UINT64_MAX ? "" : std::to_string(range.bytes.end);
  return fmt::format("{} {}-{}\n", range.name, range.bytes.begin, end);
}

std::string index_json(const IndexedCapture& capture) {
  JsonLine json;
  json.start_line("capture");
  json.text("file", capture.name);
  if (capture.size != 0) json.number("size", capture.size);
  json.number("frames", capture.frames);
  if (capture.frames != 0) {
    json.text("from", capture.first.to_string());
    json.text("to", capture.last.to_string());
  }
  json.number("ike_messages", capture.ike_messages);
  json.number("fragments", capture.fragments);
  json.key("sas").begin_list();
  for (const SaStatistics& sa : capture.sas) write_sa(sa, json);
  json.end_list();
  return std::string{json.end_line()};
}

std::string index_json(const IndexedRange& range) {
  JsonLine json;
  json.start_line("range");
  json.text("file", range.name);
  json.number("begin", range.bytes.begin);
  if (range.bytes.end != UINT64_MAX) json.number("end", range.bytes.end);
  if (range.first) json.text("from", range.first->to_string());
  return std::string{json.end_line()};
}

}  // namespace espdump
