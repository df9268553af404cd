#include "bench/xfrm_state.hpp"

#include <fmt/core.h>

namespace espdump::bench {

std::string hexadecimal(const std::vector<std::uint8_t>& bytes) {
  std::string out = bytes.empty() ? "" : "0x";
  for (const std::uint8_t byte : bytes) out += fmt::format("{:02x}", byte);
  return out;
}

std::string xfrm_state(const TrafficOptions& options, const SuiteKeys& keys, std::uint32_t spi) {
  const Suite& suite = *options.suite;
  std::string out =
      fmt::format("src {} dst {}\n\tproto esp spi 0x{:08x} reqid 1 mode tunnel\n\treplay-window {} flag af-unspec{}\n",
                  Traffic::sender(options.ipv6), Traffic::receiver(options.ipv6), spi, options.esn ? 0 : 32,
                  options.esn ? " esn" : "");
  if (suite.is_aead())
    out += fmt::format("\taead {} {} {}\n", suite.xfrm_cipher, hexadecimal(keys.cipher), suite.icv * 8);
  else
    out += fmt::format("\tauth-trunc {} {} {}\n\tenc {} {}\n", suite.xfrm_mac, hexadecimal(keys.mac), suite.icv * 8,
                       suite.xfrm_cipher, hexadecimal(keys.cipher));
  if (options.nat_t) out += "\tencap type espinudp sport 4500 dport 4500 addr 0.0.0.0\n";
  const std::uint64_t before = options.first - 1;
  if (options.esn)
    return out + fmt::format(
                     "\tanti-replay esn context:\n\t seq-hi 0x{:x}, seq 0x{:x}, oseq-hi 0x0, oseq 0x0\n"
                     "\t replay_window 128, bitmap-length 4\n\t 00000000 00000000 00000000 00000000 \n",
                     before >> 32U, before & 0xffff'ffffU);
  return out + fmt::format("\tanti-replay context: seq 0x{:x}, oseq 0x0, bitmap 0x00000000\n", before);
}

}  // namespace espdump::bench
