#include "report/path_json.hpp"

#include <algorithm>

namespace espdump {
namespace {

void path(const SaSizes& sizes, const PathEvidence& evidence, JsonLine& json) {
  json.key("path").begin();
  json.number("largest", sizes.largest_outer);
  if (sizes.largest_inner != 0) json.number("largest_inner", sizes.largest_inner);
  if (sizes.ipv4_packets != 0) json.number("df", sizes.with_df);
  if (sizes.beyond_ethernet != 0) json.number("beyond_ethernet", sizes.beyond_ethernet);
  if (sizes.in_pieces.count() != 0) {
    json.number("in_fragments", sizes.in_pieces.count());
    json.number("smallest_in_fragments", sizes.smallest_in_pieces);
  }
  if (evidence.kind != PathEvidence::Kind::assumed) {
    json.number("mtu", evidence.mtu);
    json.text("mtu_by", evidence.kind == PathEvidence::Kind::icmp ? "icmp" : "fragments");
  }
  if (sizes.told.count() != 0) {
    json.number("icmp", sizes.told.count());
    json.number("too_large_after_icmp", sizes.too_large_after.count());
  }
  json.end();
}

void write_flow(const FlowSizes& flow, JsonLine& json) {
  json.begin();
  json.text("src", flow.source.to_string());
  json.number("sport", flow.source_port);
  json.text("dst", flow.destination.to_string());
  json.number("dport", flow.destination_port);
  if (flow.mss) json.number("mss", *flow.mss);
  json.number("segments", flow.segments);
  json.number("largest_sent", flow.largest_sent);
  if (flow.largest_acknowledged) json.number("largest_acknowledged", *flow.largest_acknowledged);
  json.number("sent_again", flow.sent_again);
  json.number("full_sent_again", flow.full_sent_again);
  if (flow.shrunk_to != 0) json.number("shrunk_to", flow.shrunk_to);
  if (flow.probes != 0) json.number("probes", flow.probes);
  json.end();
}

void flows(SaNumber sa, const PathFacts& paths, JsonLine& json) {
  const auto is_of = [&](const FlowSizes& flow) { return flow.sa == sa; };
  if (std::none_of(paths.flows.begin(), paths.flows.end(), is_of)) return;
  json.key("flows").begin_list();
  for (const FlowSizes& flow : paths.flows)
    if (is_of(flow)) write_flow(flow, json);
  json.end_list();
}

void write_crossing(const Crossing& crossing, const std::vector<std::string>& files, JsonLine& json) {
  json.begin();
  json.text("from", files[crossing.from]);
  json.text("to", files[crossing.to]);
  json.number("arrived", crossing.arrived);
  json.number("lost", crossing.lost);
  json.number("sent_after_last", crossing.after_last);
  json.number("missing_before", crossing.missing_before);
  json.number("largest_arrived", crossing.largest_arrived);
  if (crossing.lost != 0) {
    json.number("smallest_lost", crossing.smallest_lost);
    json.number("largest_lost", crossing.largest_lost);
  }
  json.key("sizes").begin_list();
  for (const Crossing::Bucket& bucket : crossing.sizes) {
    if (bucket.arrived + bucket.lost == 0) continue;
    json.begin();
    json.number("min", bucket.least);
    json.number("max", bucket.most);
    json.number("arrived", bucket.arrived);
    json.number("lost", bucket.lost);
    json.end();
  }
  json.end_list();
  json.end();
}

void crossings(SaNumber sa, const PathFacts& paths, const std::vector<std::string>& files, JsonLine& json) {
  const auto is_of = [&](const Crossing& crossing) { return crossing.sa == sa; };
  if (std::none_of(paths.crossings.begin(), paths.crossings.end(), is_of)) return;
  json.key("crossings").begin_list();
  for (const Crossing& crossing : paths.crossings)
    if (is_of(crossing)) write_crossing(crossing, files, json);
  json.end_list();
}

}  // namespace

void write_paths(SaNumber sa, const PathFacts& paths, const PathMtus& mtus, const std::vector<std::string>& files,
                 JsonLine& json) {
  if (const auto sizes = paths.sas.find(sa); sizes != paths.sas.end()) path(sizes->second, mtus.of(sa), json);
  flows(sa, paths, json);
  crossings(sa, paths, files, json);
}

}  // namespace espdump
