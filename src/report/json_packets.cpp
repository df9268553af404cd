// The JSON lines of packets and findings; docs/output.md is the contract.
#include "report/json_packets.hpp"

#include <espdump/wire/ikev2_names.hpp>

#include <fmt/core.h>

#include "report/packet_view.hpp"

namespace espdump {
namespace {

// "0x00001000", without fmt: nearly every line has one.
std::string spi_text(std::uint32_t spi) {
  std::string out = "0x00000000";
  for (std::size_t at = out.size(); at-- > 2; spi >>= 4) out[at] = "0123456789abcdef"[spi & 0xf];
  return out;
}

}  // namespace

void JsonRenderer::packet(const Packet& packet) {
  if (quiet_) return;
  json_.start_line("packet");
  json_.number("frame", packet.frame);
  if (files_.size() > 1) json_.text("file", files_[packet.file]);
  json_.text("time", packet.time.to_string());
  json_.number("length", packet.wire_length);
  if (const auto outer = outer_endpoints(packet)) {
    json_.text("src", outer->source.to_string());
    json_.text("dst", outer->destination.to_string());
  }
  json_.key("layers").begin_list();
  for (const Layer& layer : packet.layers())
    if (!layer.quoted) json_.text(layer.protocol->name);
  json_.end_list();
  ipsec(packet);
  inner(packet);
  quotes(packet);
  ike(packet);
  codes(packet);
  text_ += json_.end_line();
}

void JsonRenderer::finding(const Finding& finding) {
  json_.start_line("finding");
  json_.text("code", finding.info->code);
  json_.text("severity", to_string(finding.info->severity));
  if (finding.frame != 0) json_.number("frame", finding.frame);
  if (finding.frame != 0 && files_.size() > 1) json_.text("file", files_[finding.file]);
  if (finding.sa != 0) json_.number("sa", finding.sa);
  if (finding.ike_sa != 0) json_.number("ike_sa", finding.ike_sa);
  json_.text("message", finding.message);
  json_.text("remedy", finding.remedy.empty() ? finding.info->remedy : std::string_view{finding.remedy});
  text_ += json_.end_line();
}

void JsonRenderer::ipsec(const Packet& packet) {
  if (packet.ipsec().empty()) return;
  json_.key("ipsec").begin_list();
  for (const OpenRecord& record : packet.ipsec()) {
    json_.begin();
    json_.text("protocol", to_string(record.protocol));
    json_.text("src", record.source.to_string());
    json_.text("dst", record.destination.to_string());
    json_.text("spi", spi_text(record.spi));
    json_.number("seq", record.sequence);
    if (record.sa != 0) json_.number("sa", record.sa);
    json_.text("icv", to_string(record.icv));
    json_.boolean("decrypted", record.decrypted);
    if (record.encapsulation != Encapsulation::none)
      json_.text("encapsulation", record.encapsulation == Encapsulation::udp ? "udp" : "tcp");
    if (record.next_header) json_.number("next_header", *record.next_header);
    json_.end();
  }
  json_.end_list();
}

void JsonRenderer::inner(const Packet& packet) {
  const auto inner = inner_endpoints(packet);
  if (!inner) return;
  json_.key("inner").begin();
  json_.text("src", inner->source.to_string());
  json_.text("dst", inner->destination.to_string());
  json_.text("protocol", inner->protocol);
  json_.number("length", inner->length);
  if (inner->source_port) json_.number("sport", *inner->source_port);
  if (inner->destination_port) json_.number("dport", *inner->destination_port);
  json_.end();
}

// What an ICMP error is about.
void JsonRenderer::quotes(const Packet& packet) {
  if (packet.quoted_frame == 0 && !packet.quoted_ipsec) return;
  json_.key("quotes").begin();
  if (packet.quoted_frame != 0) json_.number("frame", packet.quoted_frame);
  if (const auto& ipsec = packet.quoted_ipsec) {
    if (ipsec->sa != 0) json_.number("sa", ipsec->sa);
    json_.text("spi", spi_text(ipsec->spi));
    if (!ipsec->by_ports) json_.number("seq", ipsec->sequence);
  }
  json_.end();
}

// A TCP segment may hold several messages; "ike" is the last of them, "ike_messages" has all where there are more.
void JsonRenderer::ike(const Packet& packet) {
  if (packet.ike().empty()) return;
  json_.key("ike");
  ike_message(packet.ike().back());
  if (packet.ike().size() == 1) return;
  json_.key("ike_messages").begin_list();
  for (const IkeRecord& record : packet.ike()) ike_message(record);
  json_.end_list();
}

void JsonRenderer::ike_message(const IkeRecord& record) {
  json_.begin();
  json_.text("initiator_spi", fmt::format("{:016x}", record.initiator_spi));
  json_.text("responder_spi", fmt::format("{:016x}", record.responder_spi));
  json_.number("version", record.major_version);
  const std::string_view name = wire::ike_exchange_name(record.major_version, record.exchange);
  json_.text("exchange", name.empty() ? fmt::format("{}", record.exchange) : std::string{name});
  json_.number("message_id", record.message_id);
  json_.boolean("response", record.response);
  if (record.sa != 0) json_.number("sa", record.sa);
  json_.boolean("decrypted", record.sealed == IkeSealed::opened);
  if (record.sealed == IkeSealed::bad_icv) json_.text("icv", "bad");
  if (record.sealed == IkeSealed::opened) json_.text("icv", "ok");
  if (record.fragments != 0) {
    json_.number("fragment", record.fragment);
    json_.number("fragments", record.fragments);
  }
  if (record.repeats != 0) json_.number("retransmission_of", record.repeats);
  if (record.copy) json_.boolean("copy", true);
  ike_payloads(record);
  json_.end();
}

void JsonRenderer::ike_payloads(const IkeRecord& record) {
  json_.key("payloads").begin_list();
  for (const std::uint8_t type : record.payloads) {
    const std::string_view name = wire::ike_payload_abbreviation(type, record.response);
    json_.text(name.empty() ? fmt::format("{}", type) : std::string{name});
  }
  json_.end_list();
  json_.key("notifies").begin_list();
  for (const std::uint16_t type : record.notifies) {
    const std::string_view name = wire::ike_notify_name(type);
    json_.text(name.empty() ? fmt::format("{}", type) : std::string{name});
  }
  json_.end_list();
}

void JsonRenderer::codes(const Packet& packet) {
  json_.key("findings").begin_list();
  for (const Finding& finding : packet.findings()) json_.text(finding.info->code);
  json_.end_list();
}

}  // namespace espdump
