#include "page/kept_packet.hpp"

namespace espdump {

// What came out of a cipher leaves memory as it does where packets are decoded. What longer packets left behind a
// shorter one is wiped, too.
KeptPacket::~KeptPacket() {
  bytes_.resize(bytes_.capacity());
  wipe(bytes_);
}

void KeptPacket::keep(const Packet& packet) {
  frame_ = packet.frame;
  quoted_frame_ = packet.quoted_frame;
  file_ = packet.file;
  interface_ = packet.interface;
  link_type_ = packet.link_type;
  time_ = packet.time;
  wire_length_ = packet.wire_length;
  reassembled_ = packet.reassembled;
  quoted_ipsec_ = packet.quoted_ipsec;
  std::size_t size = 0;
  pieces_.clear();
  for (const Buffer& buffer : packet.buffers()) {
    pieces_.push_back(
        {buffer.bytes.data(), size, buffer.bytes.size(), buffer.origin, buffer.overlapped, buffer.left_out});
    size += buffer.bytes.size();
  }
  bytes_.clear();
  if (bytes_.capacity() < size) {
    bytes_.resize(bytes_.capacity());
    wipe(bytes_);
    bytes_.clear();
    bytes_.reserve(size);
  }
  for (const Buffer& buffer : packet.buffers()) bytes_.insert(bytes_.end(), buffer.bytes.begin(), buffer.bytes.end());
  layers_ = packet.layers();
  ipsec_ = packet.ipsec();
  ike_ = packet.ike();
  inner_ = packet.inner();
  findings_ = packet.findings();
}

Bytes KeptPacket::moved(Bytes part, const Piece& piece) const {
  if (part.data() == nullptr || part.data() < piece.was || part.data() + part.size() > piece.was + piece.size)
    return {};
  const auto within = static_cast<std::size_t>(part.data() - piece.was);
  return Bytes{bytes_}.subspan(piece.offset + within, part.size());
}

void KeptPacket::restore(Packet& out) const {
  out.reset();
  out.frame = frame_;
  out.quoted_frame = quoted_frame_;
  out.file = file_;
  out.interface = interface_;
  out.link_type = link_type_;
  out.time = time_;
  out.wire_length = wire_length_;
  out.reassembled = reassembled_;
  out.quoted_ipsec = quoted_ipsec_;
  for (const Piece& piece : pieces_) {
    const BufferIndex index =
        out.add_buffer(Bytes{bytes_}.subspan(piece.offset, piece.size), piece.origin, piece.overlapped);
    out.buffers()[index].left_out = piece.left_out;
  }
  for (Layer layer : layers_) {
    layer.header = moved(layer.header, pieces_[layer.buffer]);
    layer.payload = moved(layer.payload, pieces_[layer.buffer]);
    out.add_layer(layer);
  }
  out.ipsec() = ipsec_;
  out.ike() = ike_;
  for (const InnerPacket& inner : inner_) out.add_inner(inner);
  out.findings() = findings_;
}

std::size_t KeptPacket::size() const {
  return sizeof(*this) + bytes_.size() + layers_.size() * sizeof(Layer) + ipsec_.size() * sizeof(OpenRecord);
}

}  // namespace espdump
