// What is put together from several frames: IP fragments, the messages of TCP connections, AGGFRAG payloads.
// Each becomes work for the peel loop at the frame that completes it.
#pragma once

#include <cstdint>
#include <vector>

#include <espdump/decoder.hpp>
#include <espdump/keystore.hpp>
#include <espdump/packet.hpp>

#include "decode/aggfrag.hpp"
#include "decode/fragments.hpp"
#include "decode/per_capture.hpp"
#include "decode/tcp_encap.hpp"
#include "decode/work.hpp"

namespace espdump {

class Assembly {
 public:
  explicit Assembly(const Keystore& store) : tcp_([&store] { return TcpEncapsulation{store}; }) {}

  // A frame of this capture comes; to be told of each.
  void begin(std::uint16_t capture) {
    if (capture >= begun_.size()) begun_.resize(std::size_t{capture} + 1);
    if (begun_[capture]) return;
    begun_[capture] = true;
    fragments_.begin(capture);
    tcp_.begin(capture);
  }

  // Takes the piece that the last layer of a chain is, and appends to `found` what it completes.
  void add_fragment(Packet& packet, std::size_t layer, const Nesting& around, std::vector<Work>& found);
  void add_segment(Packet& packet, std::size_t layer, const Nesting& around, std::vector<Work>& found);
  void add_aggfrag(Packet& packet, std::size_t layer, const Nesting& around, std::vector<Work>& found);

  [[nodiscard]] ReassemblyStatistics statistics() const;
  // statistics() is of what comes from here on, in the first `captures`.
  void count_anew(std::size_t captures);

 private:
  std::vector<bool> begun_;  // captures
  PerCapture<FragmentReassembler> fragments_{[] { return FragmentReassembler{}; }};
  PerCapture<TcpEncapsulation> tcp_;
  AggfragReassembler aggfrag_;  // by the sequence numbers of its SA, whichever capture has them
  std::uint64_t aggfrag_before_ = 0;
};

}  // namespace espdump
