// Drives a Decoder and the analysers with crafted frames, from the text of a dump on.
#include "support/decoding.hpp"

#include <fmt/core.h>

#include <stdexcept>

#include "support/testdata.hpp"

namespace espdump::test {
namespace {

Keystore keystore_of(const std::string& text) {
  Keystore store;
  if (!text.empty()) {
    const auto report = store.import_text("keys.txt", bytes_of(text));
    if (!report) throw std::runtime_error(report.error().to_string());
  }
  store.seal();
  return store;
}

std::string dump_of(const std::vector<SaText>& sas) {
  std::string text;
  for (const SaText& sa : sas) text += dump_text(sa);
  return text;
}

}  // namespace

std::string dump_text(const SaText& sa) {
  std::string algorithms = sa.algorithms;
  if (const auto at = algorithms.find(" / "); at != std::string::npos) algorithms.replace(at, 3, "\n\t");
  std::string out = fmt::format("src {} dst {}\n\tproto {} spi 0x{:08x} reqid 1 mode {}\n", sa.source, sa.destination,
                                sa.protocol, sa.spi, sa.mode);
  const bool context = sa.esn || sa.window > 32;
  out += fmt::format("\treplay-window {}{}\n", context ? 0 : sa.window, sa.esn ? " flag esn" : "");
  if (!sa.line.empty() && sa.line.substr(0, 4) == "mark") out += fmt::format("\t{}\n", sa.line);
  out += fmt::format("\t{}\n", algorithms);
  if (!sa.line.empty() && sa.line.substr(0, 4) != "mark") out += fmt::format("\t{}\n", sa.line);
  if (context)
    out += fmt::format(
        "\tanti-replay esn context:\n\t seq-hi 0x0, seq 0x0, oseq-hi 0x0, oseq 0x0\n"
        "\t replay_window {}, bitmap-length 0\n",
        sa.window);
  else
    out += "\tanti-replay context: seq 0x0, oseq 0x0, bitmap 0x00000000\n";
  if (!sa.selector.empty()) out += fmt::format("\tsel {} \n", sa.selector);
  return out;
}

Seal seal_of(const SaText& sa) { return seal_from_text(sa.algorithms, sa.esn); }

Octets inner_v4(std::uint16_t number, std::size_t size) {
  return ipv4_packet("10.1.0.1", "10.1.0.2", 1, icmp_echo(7, number, Octets(size, 0x55)), {.id = number});
}

Octets inner_v6(std::uint16_t number, std::size_t size) {
  return ipv6_packet("fd00::1", "fd00::2", 17, udp_datagram("fd00::1", "fd00::2", number, 9, Octets(size, 0x66)));
}

Octets outer_packet(const SaText& sa, std::uint8_t protocol, const Octets& payload, const Ipv4Options& options) {
  if (sa.destination.find(':') != std::string::npos)
    return ipv6_packet(sa.source, sa.destination, protocol, payload, {.hop_limit = options.ttl});
  return ipv4_packet(sa.source, sa.destination, protocol, payload, options);
}

Octets esp_of(const SaText& sa, std::uint64_t sequence, const Octets& payload, std::uint8_t next_header) {
  return seal_esp(seal_of(sa), sa.spi, sequence, next_header, payload);
}

Octets esp_frame(const SaText& sa, std::uint64_t sequence, const Octets& payload, std::uint8_t next_header) {
  return ethernet_frame(outer_packet(sa, 50, esp_of(sa, sequence, payload, next_header)));
}

Octets esp_frame(const SaText& sa, std::uint64_t sequence) {
  return esp_frame(sa, sequence, inner_v4(static_cast<std::uint16_t>(sequence)));
}

Octets ah_packet(const SaText& sa, std::uint64_t sequence, const Octets& packet, std::size_t alignment) {
  return seal_ah(seal_of(sa), sa.spi, sequence, packet, alignment);
}

Octets ah_frame(const SaText& sa, std::uint64_t sequence, const Octets& packet, std::size_t alignment) {
  return ethernet_frame(ah_packet(sa, sequence, packet, alignment));
}

Octets forged(Octets frame) {
  frame.back() ^= 0xff;
  return frame;
}

Rig::Rig(Keystore sealed, DecoderOptions options)
    : store_(std::move(sealed)), decoder_(store_, options), analyzers_(make_analyzers(paths_)) {}

Rig::Rig(const std::string& keys, DecoderOptions options) : Rig(keystore_of(keys), options) {}

Rig::Rig(const std::vector<SaText>& sas, DecoderOptions options) : Rig(dump_of(sas), options) {}

const Packet& Rig::feed(const Octets& frame, const Met& met) {
  packet_.reset();
  bytes_ = frame;
  const std::size_t wire_length = bytes_.size();
  if (met.captured < bytes_.size()) bytes_.resize(met.captured);
  bytes_.shrink_to_fit();
  time_.nanoseconds += met.gap;
  decoder_.decode({++frames_, met.file, met.interface, time_, met.link_type, bytes_, wire_length}, packet_);
  show_to(analyzers_, packet_, decoder_, findings_);
  findings_.insert(findings_.end(), packet_.findings().begin(), packet_.findings().end());
  return packet_;
}

void Rig::finish() {
  for (const auto& analyzer : analyzers_) analyzer->finish(decoder_, findings_, conclusions_);
}

SaStatistics Rig::sa(std::size_t index) const {
  const std::vector<SaStatistics> all = decoder_.statistics();
  if (index >= all.size()) throw std::runtime_error(fmt::format("only {} SAs were seen", all.size()));
  return all[index];
}

Findings Rig::found(const FindingInfo& info) const {
  Findings out;
  for (const Finding& finding : findings_)
    if (finding.info->code == info.code) out.push_back(finding);
  return out;
}

std::string Rig::told(const FindingInfo& info) const {
  std::string out;
  for (const Conclusion& one : concluded(info)) out += one.what + "\n" + one.why + "\n" + one.remedy + "\n";
  return out;
}

std::vector<Conclusion> Rig::concluded(const FindingInfo& info) const {
  std::vector<Conclusion> out;
  for (const Conclusion& conclusion : conclusions_)
    if (conclusion.info->code == info.code) out.push_back(conclusion);
  return out;
}

std::string layer_names(const Packet& packet) {
  std::string out;
  for (const Layer& layer : packet.layers()) out += (out.empty() ? "" : " ") + std::string{layer.protocol->name};
  return out;
}

Octets octets(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace espdump::test
