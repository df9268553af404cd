#include "report/packet_tree.hpp"

#include <espdump/dissector.hpp>

#include <fmt/core.h>

#include <utility>

#include "base/pseudonyms.hpp"

namespace espdump {
namespace {

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

class Tree {
 public:
  explicit Tree(const Packet& packet) : packet_(packet) {}

  std::vector<TreeLine> all() {
    frame();
    int buffer = 0;
    auto record = packet_.ipsec().begin();
    const auto& layers = packet_.layers();
    for (std::size_t index = 0; index < layers.size(); ++index) {
      if (layers[index].buffer != buffer) origin(layers[index].buffer);
      buffer = layers[index].buffer;
      layer(index);
      for (; record != packet_.ipsec().end() && record->layer == index; ++record) opened(*record);
      const bool innermost = index + 1 == layers.size() || layers[index + 1].outer != index;
      if (innermost) payload(layers[index]);
    }
    return std::move(lines_);
  }

 private:
  TreeLine& add(TreeLine::Kind kind, std::string_view name, std::string value = {}) {
    TreeLine& line = lines_.emplace_back();
    line.kind = kind;
    line.name = name;
    line.value = std::move(value);
    return line;
  }
  void concluded(std::string_view name, std::string value) {
    add(TreeLine::Kind::concluded, name, std::move(value)).buffer = buffer_;
  }

  // Where these bytes of `buffer` are in it, where they are of it at all.
  void place(TreeLine& line, BufferIndex buffer, Bytes bytes) const {
    const Bytes whole = packet_.buffers()[buffer].bytes;
    line.buffer = buffer;
    if (bytes.empty() || bytes.data() < whole.data() || bytes.data() + bytes.size() > whole.data() + whole.size())
      return;
    line.offset = static_cast<std::size_t>(bytes.data() - whole.data());
    line.size = bytes.size();
  }

  void frame() {
    const std::size_t captured = packet_.buffers()[0].size();
    add(TreeLine::Kind::layer, "Frame").size = packet_.buffers()[0].bytes.size();
    concluded("time", packet_.time.to_string());
    concluded("length", fmt::format("{} on the wire, {} captured", packet_.wire_length, captured));
  }

  void origin(BufferIndex buffer) {
    buffer_ = buffer;
    const Buffer& bytes = packet_.buffers()[buffer];
    TreeLine& line = add(TreeLine::Kind::origin, "", std::string{origin_text(bytes.origin)});
    line.buffer = buffer;
    line.size = bytes.bytes.size();
  }

  void layer(std::size_t index) {
    const Layer& layer = packet_.layers()[index];
    buffer_ = layer.buffer;
    TreeLine& head = add(TreeLine::Kind::layer, layer.protocol->title);
    head.quoted = layer.quoted;
    head.malformed = layer.malformed;
    place(head, layer.buffer, layer.header);
    const std::size_t offset = head.offset, size = head.size;
    // Only the header at the front of a rebuilt packet is ours; what follows it was carried.
    const bool rebuilt = packet_.buffers()[layer.buffer].origin == Origin::reconstructed &&
                         (index == 0 || packet_.layers()[index - 1].buffer != layer.buffer);
    const Dissector& dissector = dissector_of(layer);
    FieldSink sink;
    if (dissector.describe != nullptr && !layer.malformed) dissector.describe(layer, sink);
    for (Field& field : sink.fields()) {
      TreeLine& line = lines_.emplace_back();
      line.depth = field.depth;
      line.name = std::move(field.name);
      line.value = std::move(field.value);
      // Of a checksum and the rest that it covers, addresses could be concluded.
      if (pseudonyms() != nullptr && line.name == "checksum") line.value = "left out";
      line.rebuilt = rebuilt || field.rebuilt;
      line.buffer = layer.buffer;
      if (field.where.size == 0 || field.where.offset + field.where.size > size) continue;
      line.offset = offset + field.where.offset;
      line.size = field.where.size;
    }
  }

  void opened(const OpenRecord& record) {
    concluded("sa", sa_text(record));
    concluded("number", fmt::format("{} (0x{:x})", record.sequence, record.sequence));
    concluded("icv", fmt::format("{}{}", to_string(record.icv),
                                 record.icv == IcvVerdict::unchecked ? reason(record.unchecked) : ""));
    if (record.next_header) concluded("next_header", std::to_string(*record.next_header));
    if (record.next_header && record.protocol == IpsecProtocol::esp)
      concluded("pad_length", std::to_string(record.pad_length));
    if (record.tfc_padding != 0) concluded("tfc_padding", fmt::format("{} bytes", record.tfc_padding));
  }

  void payload(const Layer& layer) {
    if (layer.payload.empty()) return;
    place(add(TreeLine::Kind::layer, "Payload"), layer.buffer, layer.payload);
    std::string length = fmt::format("{} bytes", layer.payload_claimed);
    if (layer.cut()) length += fmt::format(", {} captured", layer.payload.size());
    concluded("length", std::move(length));
  }

  const Packet& packet_;
  BufferIndex buffer_ = 0;
  std::vector<TreeLine> lines_;
};

}  // namespace

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

std::vector<TreeLine> tree_of(const Packet& packet) { return Tree{packet}.all(); }

}  // namespace espdump
