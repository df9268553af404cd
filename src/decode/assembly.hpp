// What is put together from several frames: IP fragments, the messages of TCP connections, AGGFRAG payloads.
// Each becomes work for the peel loop at the frame that completes it.
#pragma once

#include <vector>

#include <espdump/decoder.hpp>
#include <espdump/keystore.hpp>
#include <espdump/packet.hpp>

#include "decode/aggfrag.hpp"
#include "decode/fragments.hpp"
#include "decode/tcp_encap.hpp"
#include "decode/work.hpp"

namespace espdump {

class Assembly {
 public:
  explicit Assembly(const Keystore& store) : tcp_(store) {}

  // Takes the piece that the last layer of a chain is, and appends to `found` what it completes.
  void add_fragment(Packet& packet, std::size_t layer, const Nesting& around, std::vector<Work>& found);
  void add_segment(Packet& packet, std::size_t layer, const Nesting& around, std::vector<Work>& found);
  void add_aggfrag(Packet& packet, std::size_t layer, const Nesting& around, std::vector<Work>& found);

  [[nodiscard]] ReassemblyStatistics statistics() const;

 private:
  FragmentReassembler fragments_;
  TcpEncapsulation tcp_;
  AggfragReassembler aggfrag_;
};

}  // namespace espdump
