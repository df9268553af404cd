#include "page/page.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <system_error>

#include "base/append.hpp"
#include "base/file_digest.hpp"
#include "page/assets.hpp"
#include "page/markup.hpp"
#include "page/packet_data.hpp"
#include "page/page_sections.hpp"

namespace espdump {
namespace {

// Bytes of packets in a page of few; many have to do with less each.
constexpr std::size_t all_bytes = 448 * 1024, least_bytes = 1024, most_bytes = 64 * 1024;
constexpr std::uintmax_t most_hashed = std::uintmax_t{1} << 30U;

std::size_t bytes_each(std::size_t packets) {
  return std::clamp(all_bytes / std::max<std::size_t>(packets, 1), least_bytes, most_bytes);
}

// Nothing is loaded from anywhere, and no script runs but the one that came with it.
std::string policy() {
  return "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-" + sha256_base64(assets::script) +
         "'; base-uri 'none'; form-action 'none'";
}

std::string title_of(const Summary& summary) {
  if (summary.files.empty()) return "espdump";
  const std::string& first = summary.files.front();
  const std::string name = first == "-" ? "standard input" : first.substr(first.rfind('/') + 1);
  return summary.files.size() == 1 ? name : fmt::format("{} and {} more", name, summary.files.size() - 1);
}

std::string head(const Summary& summary) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"generator\" content=\"espdump {}\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
      "<title>{} – espdump</title>\n<style>\n{}</style>\n</head>\n",
      policy(), assets::version, markup(title_of(summary)), assets::style);
}

// Places of the page that are there.
std::string navigation(const std::string& body) {
  constexpr std::pair<std::string_view, std::string_view> places[] = {
      {"findings", "Findings"}, {"network", "Network"}, {"sas", "SAs"},       {"traffic", "Traffic"},
      {"ike", "IKE"},           {"packets", "Packets"}, {"source", "Source"},
  };
  std::string out = "<nav aria-label=\"Sections\">";
  for (const auto& [id, name] : places)
    if (body.find(fmt::format("<section id=\"{}\"", id)) != std::string::npos)
      append(out, "<a href=\"#{}\">{}</a>", id, name);
  return out + "</nav>";
}

std::string sample_words(const PacketSample& sample) {
  const std::size_t shown = sample.packets().size();
  if (shown == sample.seen()) return fmt::format("All {} frames.", shown);
  std::string out = fmt::format("{} of {} frames: ", shown, sample.seen());
  out +=
      sample.stride() == 1
          ? "all but the largest, for which there was no room."
          : fmt::format("those with findings and their neighbours, the first of IKE, and every {}th.", sample.stride());
  return out + " --html-packets takes more.";
}

std::string packets_section(const PacketSample& sample) {
  return fmt::format("<section id=\"packets\"><h2>Packets</h2><p>{}</p>{}</section>", markup(sample_words(sample)),
                     assets::packets);
}

Digests digests_of(const std::vector<std::string>& files) {
  Digests out;
  for (const std::string& file : files) out.push_back(sha256_of_file(file, most_hashed));
  return out;
}

std::future<Digests> begin_digests(const std::vector<std::string>& files) {
  try {
    return std::async(std::launch::async, digests_of, files);
  } catch (const std::system_error&) {  // no thread is to be had: when they are asked for
    return std::async(std::launch::deferred, digests_of, files);
  }
}

}  // namespace

Page::Page(PageOptions options, const std::vector<std::string>& files)
    : options_(std::move(options)), sample_(options_.most_packets), digests_(begin_digests(files)) {}

void Page::packet(const Packet& packet) {
  tracks_.add(packet);
  for (const Finding& finding : packet.findings()) frames_.add(finding);
  sample_.add(packet);
}

void Page::write(const Decoder& decoder, const std::vector<Conclusion>& conclusions, const FindingLog& log,
                 const Summary& summary, Output& out) {
  sample_.finish();
  const std::vector<SaStatistics> sas = decoder.statistics();
  const std::vector<const IkeSa*> ike_sas = decoder.ike_sas();
  const PathMtus mtus{summary.paths, decoder};
  const PageFacts facts{decoder, sas, ike_sas, conclusions, log, summary, tracks_, mtus};
  std::string body = findings_section(facts, frames_) + sas_section(facts) + traffic_section(facts) +
                     ike_section(facts) + packets_section(sample_) + source_section(facts, options_, digests_.get());
  out.write(head(summary));
  out.write(fmt::format("<body>\n<header><h1>{}</h1>{}{}</header>\n<main>\n", markup(title_of(summary)),
                        verdict_section(facts), navigation(body)));
  out.write(body);
  body = {};
  out.write("</main>\n");
  PacketData data{options_.text, summary, bytes_each(sample_.packets().size())};
  Packet packet;
  for (const auto& kept : sample_.packets()) {
    kept->restore(packet);
    data.add(packet);
  }
  packet.reset();
  const auto block = [&](std::string_view id, std::string_view json) {
    out.write(fmt::format("<script type=\"application/json\" id=\"{}\">\n", id));
    out.write(json_in_script(json));
    out.write("</script>\n");
  };
  block("rows", data.rows());
  block("details", data.details());
  block("tables", data.tables());
  out.write(fmt::format("<footer>espdump {}</footer>\n<script>", assets::version));
  out.write(assets::script);
  out.write("</script>\n</body>\n</html>\n");
}

}  // namespace espdump
