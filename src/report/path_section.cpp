// The report on sizes: the path MTU of SAs where there is something to tell, and what was lost between captures.
#include <fmt/core.h>

#include <algorithm>

#include "analysis/path_mtu.hpp"
#include "report/table.hpp"
#include "report/text.hpp"
#include "report/text_util.hpp"

namespace espdump {
namespace {

constexpr std::size_t most_rows = 40, most_flows = 20, bar_width = 40, most_named = 100;

bool is_notable(const SaSizes& sizes) {
  return sizes.told.count() != 0 || sizes.in_pieces.count() != 0 || sizes.beyond_ethernet != 0;
}

std::string path_text(const SaSizes& sizes, const PathEvidence& path) {
  switch (path.kind) {
    case PathEvidence::Kind::icmp:
      if (sizes.told.count() == 0) return fmt::format("{} (ICMP to the other end)", path.mtu);
      return fmt::format("{} (ICMP{})", path.mtu,
                         !sizes.heeded()            ? ", not heeded"
                         : sizes.largest_after != 0 ? ", heeded"
                                                    : "");
    case PathEvidence::Kind::fragments: return fmt::format("{} to {} (fragments)", path.mtu, path.below - 1);
    case PathEvidence::Kind::assumed: break;
  }
  return "not known";
}

std::vector<std::string> size_row(SaNumber number, const SaSizes& sizes, const PathEvidence& path,
                                  const SecurityAssociation* sa) {
  const std::string fits = what_fits(sa, path.mtu);
  return {fmt::format("{}", number),
          fmt::format("{}", sizes.largest_outer),
          sizes.largest_inner == 0 ? "-" : fmt::format("{}", sizes.largest_inner),
          sizes.ipv4_packets == 0 ? "-" : fmt::format("{} of {}", sizes.with_df, sizes.ipv4_packets),
          fmt::format("{}", sizes.in_pieces.count()),
          path_text(sizes, path),
          fits.empty() ? "-" : fits};
}

void print_beyond(const PathFacts& paths, Output& out, const Palette& palette) {
  std::string numbers;
  for (const auto& [number, sizes] : paths.sas)
    if (sizes.beyond_ethernet != 0 && numbers.size() < most_named)
      numbers += fmt::format("{}#{}", numbers.empty() ? "" : ", ", number);
  if (numbers.empty()) return;
  out.write(palette.paragraph(
      fmt::format("{}: packets larger than the {} bytes that Ethernet carries: jumbo frames, or captured "
                  "before the network card cut them (segmentation offload).",
                  numbers, ethernet_mtu),
      2));
}

std::string flow_text(const FlowSizes& flow) {
  std::string out = fmt::format("#{} {}.{} > {}.{}: ", flow.sa, flow.source.to_string(), flow.source_port,
                                flow.destination.to_string(), flow.destination_port);
  if (flow.mss) out += fmt::format("MSS {}, ", *flow.mss);
  out += fmt::format("segments of up to {} bytes sent", flow.largest_sent);
  if (flow.largest_acknowledged) out += fmt::format(", of up to {} acknowledged", *flow.largest_acknowledged);
  if (flow.sent_again != 0)
    out += fmt::format("; {} of {} sent again, {} of these of full size", flow.sent_again, flow.segments,
                       flow.full_sent_again);
  if (flow.shrunk_to != 0)
    out += fmt::format("; then in pieces of {}{} (packetization layer path MTU discovery, RFC 4821)", flow.shrunk_to,
                       flow.probes == 0   ? ""
                       : flow.probes == 1 ? ", and 1 larger probe"
                                          : fmt::format(", and {} larger probes", flow.probes));
  return out;
}

// A line of the histogram: buckets side by side that lost all, or nothing.
struct Bar {
  std::size_t least = 0, most = 0;
  std::uint64_t arrived = 0, lost = 0;
  [[nodiscard]] bool joins(const Crossing::Bucket& next) const {
    return (lost == 0 && next.lost == 0) || (arrived == 0 && next.arrived == 0);
  }
};

std::vector<Bar> bars_of(const Crossing& crossing) {
  std::vector<Bar> bars;
  for (const Crossing::Bucket& bucket : crossing.sizes) {
    if (bucket.arrived + bucket.lost == 0) continue;
    if (bars.empty() || !bars.back().joins(bucket)) bars.push_back({bucket.least, bucket.most, 0, 0});
    Bar& bar = bars.back();
    bar.most = bucket.most;
    bar.arrived += bucket.arrived;
    bar.lost += bucket.lost;
  }
  return bars;
}

void print_histogram(const Crossing& crossing, Output& out) {
  const std::vector<Bar> bars = bars_of(crossing);
  std::uint64_t longest = 1;
  for (const Bar& bar : bars) longest = std::max(longest, bar.lost);
  out.write(fmt::format("      {:>11}  {:>9}  {:>9}\n", "bytes", "arrived", "lost"));
  for (const Bar& bar : bars) {
    const std::string sizes =
        bar.least == bar.most ? fmt::format("{}", bar.least) : fmt::format("{}-{}", bar.least, bar.most);
    const std::uint64_t length = (bar.lost * bar_width + longest - 1) / longest;
    out.write(fmt::format("      {:>11}  {:>9}  {:>9}{}{}\n", sizes, bar.arrived, bar.lost, length == 0 ? "" : "  ",
                          std::string(length, '#')));
  }
}

void print_crossing(const Crossing& crossing, Output& out, const Palette& palette) {
  std::string text =
      fmt::format("#{} from capture {} to capture {}: ", crossing.sa, crossing.from + 1, crossing.to + 1);
  if (crossing.lost == 0)
    text += fmt::format("all {} arrived", crossing.arrived);
  else
    text += fmt::format(
        "{} of {} lost, {}", crossing.lost, crossing.lost + crossing.arrived,
        crossing.by_size() ? fmt::format("all larger than {} bytes", crossing.largest_arrived) : "not by their size");
  if (crossing.after_last != 0) text += fmt::format("; {} more sent after the last that arrived", crossing.after_last);
  if (crossing.missing_before != 0)
    text += fmt::format("; {} that only capture {} has, so that these captures lack packets and prove no loss",
                        crossing.missing_before, crossing.to + 1);
  out.write(palette.paragraph(text, 2));
  if (crossing.lost != 0) print_histogram(crossing, out);
}

void print_sizes(const Decoder& decoder, const PathFacts& paths, bool verbose, Output& out, const Palette& palette) {
  const PathMtus mtus{paths, decoder};
  constexpr std::size_t fits_column = 6;
  Table table;
  table.row({"#", "largest", "inside", "DF", "in pieces", "path MTU", "fits inside"});
  std::size_t rows = 0;
  for (const auto& [number, sizes] : paths.sas)
    if ((verbose || is_notable(sizes)) && ++rows <= most_rows)
      table.row(size_row(number, sizes, mtus.of(number), decoder.association(number)));
  std::vector<const FlowSizes*> flows;
  for (const FlowSizes& flow : paths.flows)
    if (verbose || flow.in_trouble()) flows.push_back(&flow);
  if (rows == 0 && flows.empty()) return;
  out.write("\n" + palette.heading("SIZES AND PATH MTU") + "\n");
  if (rows != 0)
    for (const std::string& line : table.lines(1, 4, {palette.columns(), {fits_column}})) out.write(line);
  if (rows > most_rows) out.write(fmt::format("  … and {} more (--json has them all)\n", rows - most_rows));
  for (std::size_t i = 0; i < flows.size() && i < most_flows; ++i)
    out.write(palette.paragraph(flow_text(*flows[i]), 2, 2));
  if (flows.size() > most_flows)
    out.write(fmt::format("  … and {} more connections (--json has them all)\n", flows.size() - most_flows));
  print_beyond(paths, out, palette);
}

}  // namespace

void print_paths(const Decoder& decoder, const PathFacts& paths, bool verbose, Output& out, const Palette& palette) {
  print_sizes(decoder, paths, verbose, out, palette);
  if (paths.crossings.empty()) return;
  out.write("\n" + palette.heading("BETWEEN THE CAPTURES") + "\n");
  for (std::size_t i = 0; i < paths.crossings.size() && i < most_rows; ++i)
    print_crossing(paths.crossings[i], out, palette);
  if (paths.crossings.size() > most_rows)
    out.write(fmt::format("  … and {} more (--json has them all)\n", paths.crossings.size() - most_rows));
  if (paths.crossings_bounded)
    out.write("  There were more packets than could be compared: the last of them are not counted.\n");
}

}  // namespace espdump
