// The whole packet: every layer with every field, where its bytes come from, and the bytes themselves.
#include <espdump/dissector.hpp>

#include <fmt/core.h>

#include "report/text.hpp"
#include "report/text_util.hpp"

namespace espdump {
namespace {

std::string_view origin_text(Origin origin) {
  switch (origin) {
    case Origin::capture: return "as captured";
    case Origin::reassembled: return "reassembled from fragments";
    case Origin::segments: return "reassembled from TCP segments";
    case Origin::aggregated: return "decrypted, reassembled from several ESP packets";
    case Origin::ike_fragments: return "decrypted, reassembled from IKE fragments";
    case Origin::decrypted: return "decrypted";
    case Origin::inflated: return "inflated";
    case Origin::reconstructed:
      return "rebuilt, not carried on the wire: addresses from the SA's selector, the rest from the outer header";
  }
  return {};
}

// Why nobody looked at the ICV.
std::string_view reason(Unchecked unchecked) {
  switch (unchecked) {
    case Unchecked::no_sa: return ": no SA is loaded for this destination and SPI";
    case Unchecked::no_key: return ": the key for it is not known";
    case Unchecked::cut: return ": cut by the capture";
    case Unchecked::duplicate: return ": judged where the packet was captured first";
    case Unchecked::malformed: return ": too short for the SA's algorithms";
    case Unchecked::no: break;
  }
  return {};
}

std::string sa_text(const OpenRecord& record) {
  if (record.sa == 0) return "none is known";
  // The mode is that of a loaded SA only.
  if (record.unchecked == Unchecked::no_sa) return fmt::format("#{}, no keys for it", record.sa);
  return fmt::format("#{} ({} mode)", record.sa, to_string(record.mode));
}

void print_record(const OpenRecord& record, Output& out) {
  const auto field = [&](std::string_view name, const std::string& value) {
    out.write(fmt::format("    {:<20}{}\n", name, value));
  };
  field("sa", sa_text(record));
  field("number", fmt::format("{} (0x{:x})", record.sequence, record.sequence));
  field("icv", fmt::format("{}{}", to_string(record.icv),
                           record.icv == IcvVerdict::unchecked ? reason(record.unchecked) : ""));
  if (record.next_header) field("next_header", std::to_string(*record.next_header));
  if (record.next_header && record.protocol == IpsecProtocol::esp)
    field("pad_length", std::to_string(record.pad_length));
  if (record.tfc_padding != 0) field("tfc_padding", fmt::format("{} bytes", record.tfc_padding));
}

void print_layer(const Packet& packet, std::size_t index, Output& out, const Palette& palette) {
  const Layer& layer = packet.layers()[index];
  const Dissector& dissector = dissector_of(layer);
  // Only the header at the front of a rebuilt packet is ours; what follows it was carried.
  const bool rebuilt = packet.buffers()[layer.buffer].origin == Origin::reconstructed &&
                       (index == 0 || packet.layers()[index - 1].buffer != layer.buffer);
  out.write("  " + palette.heading(layer.protocol->title));
  if (layer.quoted) out.write(" (quoted)");
  if (layer.malformed) out.write(" (malformed)");
  out.write("\n");
  FieldSink sink;
  if (dissector.describe != nullptr && !layer.malformed) dissector.describe(layer, sink);
  for (const Field& field : sink.fields()) {
    const std::size_t indent = 4 + std::size_t{field.depth} * 2;
    out.write(fmt::format("{:{}}{:<20}{}{}\n", "", indent, field.name, field.value,
                          rebuilt || field.rebuilt ? "  [rebuilt]" : ""));
  }
}

void print_payload(const Layer& layer, Output& out, const Palette& palette) {
  if (layer.payload.empty()) return;
  out.write(fmt::format("  {}\n    {:<20}{} bytes{}\n", palette.heading("Payload"), "length", layer.payload_claimed,
                        layer.cut() ? fmt::format(", {} captured", layer.payload.size()) : ""));
}

}  // namespace

void print_tree(const Packet& packet, Output& out, const Palette& palette) {
  out.write(fmt::format("  {}\n    {:<20}{}\n    {:<20}{} on the wire, {} captured\n", palette.heading("Frame"), "time",
                        packet.time.to_string(), "length", packet.wire_length, packet.buffers()[0].bytes.size()));
  int buffer = 0;
  auto record = packet.ipsec().begin();
  const auto& layers = packet.layers();
  for (std::size_t index = 0; index < layers.size(); ++index) {
    const Layer& layer = layers[index];
    if (layer.buffer != buffer)
      out.write(fmt::format("  -- {} --\n", origin_text(packet.buffers()[layer.buffer].origin)));
    buffer = layer.buffer;
    print_layer(packet, index, out, palette);
    for (; record != packet.ipsec().end() && record->layer == index; ++record) print_record(*record, out);
    const bool innermost = index + 1 == layers.size() || layers[index + 1].outer != index;
    if (innermost) print_payload(layer, out, palette);
  }
  for (const Finding& finding : packet.findings())
    out.write(fmt::format("  {}: {}\n", palette.of(finding.info->severity, finding.info->code), finding.message));
}

void print_hex(const Packet& packet, Output& out, const Palette& palette) {
  for (const Buffer& buffer : packet.buffers()) {
    out.write(fmt::format(
        "  {}\n", palette.heading(fmt::format("{} bytes {}", buffer.bytes.size(), origin_text(buffer.origin)))));
    for (std::size_t offset = 0; offset < buffer.bytes.size(); offset += 16) {
      const Bytes row = buffer.bytes.subspan(offset, std::min<std::size_t>(16, buffer.bytes.size() - offset));
      std::string hex, ascii;
      for (std::size_t i = 0; i < 16; ++i) {
        hex += i < row.size() ? fmt::format("{:02x}", row[i]) : "  ";
        if (i % 2 == 1) hex += ' ';
        if (i < row.size()) ascii += row[i] >= 0x20 && row[i] < 0x7f ? static_cast<char>(row[i]) : '.';
      }
      out.write(fmt::format("    0x{:04x}:  {} {}\n", offset, hex, ascii));
    }
  }
}

}  // namespace espdump
