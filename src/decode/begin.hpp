// The first step of decoding a frame.
#pragma once

#include <espdump/capture.hpp>
#include <espdump/packet.hpp>

namespace espdump {

// Empties the packet and makes it that of the frame. The index of the buffer with the captured bytes.
inline BufferIndex begin_packet(const Frame& frame, Packet& packet) {
  packet.reset();
  packet.frame = frame.number;
  packet.file = frame.file;
  packet.interface = frame.interface;
  packet.time = frame.time;
  packet.link_type = frame.link_type;
  packet.wire_length = frame.wire_length;
  return packet.add_buffer(frame.bytes, Origin::capture);
}

}  // namespace espdump
