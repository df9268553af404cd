// The loop of the main job without files.
#include "support/reporting.hpp"

#include <fmt/core.h>
#include <espdump/analysis.hpp>
#include <espdump/decoder.hpp>
#include <espdump/keystore.hpp>

#include <algorithm>
#include <stdexcept>

#include "page/page.hpp"
#include "support/testdata.hpp"

namespace espdump::test {

std::string state_text(const StateRecord& record) {
  std::string more{record.more};
  if (!more.empty()) more = "\t" + more + "\n";
  return fmt::format("src {} dst {}\n\tproto {} spi 0x{:08x} reqid 1 mode {}\n\treplay-window {} \n\t{}\n{}",
                     record.source, record.destination, record.protocol, record.spi, record.mode, record.window,
                     record.suite, more);
}

Octets inner_ping(std::uint16_t number) {
  return ipv4_packet("192.168.1.2", "192.168.2.2", 1, icmp_echo(33, number, Octets(56, 0x61)));
}

Octets sealed_frame(std::uint64_t sequence, const Octets& inner, std::uint32_t spi, std::uint8_t next_header) {
  const Octets esp = seal_esp(seal_from_text(gcm_suite), spi, sequence, next_header, inner);
  Ipv4Options options;
  options.id = static_cast<std::uint16_t>(sequence);
  return ethernet_frame(ipv4_packet("10.9.1.1", "10.9.1.2", 50, esp, options));
}

Octets sealed_reply(std::uint64_t sequence, const Octets& inner) {
  const Octets esp = seal_esp(seal_from_text(back_suite), 0x2002, sequence, 4, inner);
  return ethernet_frame(ipv4_packet("10.9.1.2", "10.9.1.1", 50, esp));
}

std::string both_states() {
  return state_text({}) + state_text({"10.9.1.2", "10.9.1.1", 0x2002, "tunnel", back_suite});
}

Octets spoiled(Octets frame) {
  frame.back() ^= 1;
  return frame;
}

Scene& Scene::frame(Octets bytes, std::size_t wire_length) {
  const auto same_file = [&](const Kept& kept) { return kept.file == file_; };
  const auto before = std::count_if(frames_.begin(), frames_.end(), same_file);
  const std::size_t size = wire_length == 0 ? bytes.size() : wire_length;
  frames_.push_back({std::move(bytes), size, time_, file_, static_cast<FrameNumber>(before) + 1, link_type_});
  return wait(10'000'000);
}

Scene& Scene::wait(std::int64_t nanoseconds) {
  time_ += nanoseconds;
  return *this;
}

Scene& Scene::in_file(std::uint16_t file) {
  file_ = file;
  return *this;
}

Scene& Scene::link_type(std::uint32_t type) {
  link_type_ = type;
  return *this;
}

void Scene::run(Reporter& reporter, const std::function<void(const Packet&)>& settled) const {
  Keystore keystore;
  if (!keys_.empty() && !keystore.import_text("xfrm.txt", bytes_of(keys_))) throw std::runtime_error("unusable keys");
  keystore.seal();
  Decoder decoder{keystore, decoding};
  FindingLog log;
  Summary summary;
  const auto analyzers = make_analyzers(summary.paths);
  summary.files = files;
  summary.paths.captures = files.size();
  summary.keys_given = !keys_.empty();
  summary.verify_only = decoding.verify_only;
  Packet packet;
  Findings findings;
  for (const Kept& kept : frames_) {
    decoder.decode({kept.number, kept.file, 0, Timestamp{kept.time}, kept.link_type, kept.bytes, kept.wire_length},
                   packet);
    findings.clear();
    show_to(analyzers, packet, decoder, findings);
    for (const Finding& finding : findings) packet.findings().push_back(finding);
    if (summary.frames++ == 0) summary.first = packet.time;
    summary.last = packet.time;
    for (const OpenRecord& record : packet.ipsec()) {
      if (record.replay == ReplayVerdict::capture_duplicate) continue;
      ++(record.protocol == IpsecProtocol::esp ? summary.esp : summary.ah);
      summary.decrypted += record.decrypted ? 1 : 0;
    }
    for (const Layer& layer : packet.layers()) summary.ike += layer.protocol->name == "ikev2" ? 1 : 0;
    if (settled) settled(packet);
    reporter.packet(packet);
    for (const Finding& finding : packet.findings()) {
      log.add(finding);
      reporter.finding(finding);
    }
  }
  findings.clear();
  std::vector<Conclusion> conclusions;
  for (const auto& analyzer : analyzers) analyzer->finish(decoder, findings, conclusions);
  for (const Finding& finding : findings) {
    log.add(finding);
    reporter.finding(finding);
  }
  reporter.end(decoder, conclusions, log, summary);
}

std::string Scene::text(TextOptions options) const {
  std::string out;
  Output output{&out};
  options.no_keys = keys_.empty();
  run(*make_text_reporter(output, options));
  return out;
}

std::string Scene::json(bool quiet) const {
  std::string out;
  Output output{&out};
  run(*make_json_reporter(output, quiet, files));
  return out;
}

std::string Scene::page(std::size_t most_packets) const {
  // Shows a page what reporters are shown.
  class PageReporter final : public Reporter {
   public:
    PageReporter(Page& page, Output& output) : page_(page), output_(output) {}
    void packet(const Packet&) override {}
    void expect(const Packet&) override {}
    [[nodiscard]] std::unique_ptr<Renderer> renderer() const override { return nullptr; }
    void print(Renderer&) override {}
    void finding(const Finding&) override {}
    void end(const Decoder& decoder, const std::vector<Conclusion>& conclusions, const FindingLog& log,
             const Summary& summary) override {
      page_.write(decoder, conclusions, log, summary, output_);
    }

   private:
    Page& page_;
    Output& output_;
  };
  std::string out;
  Output output{&out};
  Page page{PageOptions{most_packets, {}, {{"--filter", "udp <b>"}}, {"xfrm.txt"}}, files};
  PageReporter reporter{page, output};
  run(reporter, [&](const Packet& packet) { page.packet(packet); });
  return out;
}

std::vector<std::string> Scene::packet_lines(TextOptions options) const {
  std::vector<std::string> lines = lines_of(text(options));
  lines.erase(std::find(lines.begin(), lines.end(), std::string{}), lines.end());
  return lines;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

}  // namespace espdump::test
