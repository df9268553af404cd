// What a kernel counted, as `ip -s xfrm state` and /proc/net/xfrm_stat print it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <espdump/address.hpp>
#include <espdump/bytes.hpp>
#include <espdump/packet.hpp>
#include <espdump/result.hpp>

namespace espdump {

// Of one SA, since it was made.
struct KernelSa {
  IpAddress source, destination;
  IpsecProtocol protocol = IpsecProtocol::esp;
  std::uint32_t spi = 0;
  std::uint64_t seq = 0, oseq = 0;  // the highest number received and sent
  // A box that sends with it numbers packets. Both may have been set when it was made, and only one goes on.
  [[nodiscard]] bool sends() const { return oseq > seq && replay_window + replay + failed == 0; }
  std::uint64_t packets = 0;
  bool has_packets = false;
  // "stats:"; a sender's are all zero.
  std::uint64_t replay_window = 0, replay = 0, failed = 0;
  bool has_stats = false;
};

struct KernelStats {
  std::vector<KernelSa> sas;
  std::map<std::string, std::uint64_t> totals;  // of /proc/net/xfrm_stat, those that are not 0
  bool has_totals = false;
  [[nodiscard]] bool empty() const { return sas.empty() && !has_totals; }
};

// Adds what a file holds; "-" is standard input. Lines that say nothing of counters are passed over. Errors: it cannot
// be read, or has no counters in it.
Status add_kernel_stats(const std::string& path, KernelStats& out);
// The same of text.
Status add_kernel_stats(Bytes text, const std::string& name, KernelStats& out);

}  // namespace espdump
