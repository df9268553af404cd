// What no reader of captures can go below: one packet, opened again and again with contexts that are kept, all of it in
// the nearest cache. Prints nanoseconds of processor time per packet.   raw_loop BACKEND SUITE INNER_SIZE PACKETS
#include <fmt/core.h>

#include <charconv>
#include <cstdio>
#include <ctime>
#include <exception>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "bench/esp_cipher.hpp"
#include "bench/raw_loop_ipsec_mb.hpp"

namespace {

using namespace espdump::bench;

std::size_t number(std::string_view text, std::size_t least) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < least)
    throw std::runtime_error(fmt::format("'{}' is no number of at least {}", text, least));
  return value;
}

double processor_time() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

// Nanoseconds per call.
template <typename Open>
double time_of(std::size_t packets, const Open& open) {
  for (std::size_t i = 0; i < 1000; ++i)
    if (!open()) throw std::runtime_error("the ICV does not verify");
  bool good = true;
  const double began = processor_time();
  for (std::size_t i = 0; i < packets; ++i) good = open() && good;
  const double took = processor_time() - began;
  if (!good) throw std::runtime_error("the ICV does not verify");
  return took / static_cast<double>(packets);
}

double run(std::string_view backend, const Suite& suite, std::size_t size, std::size_t packets) {
  const SuiteKeys keys = keys_of(suite, 1);
  std::vector<std::uint8_t> packet(EspCipher::sealed_size(suite, size), 0x55), out(packet.size());
  EspCipher{suite, keys, EspCipher::Way::seal}.seal(0x1000, 1, size, 4, packet);
  if (backend == "ipsec-mb") {
    IpsecMbGcm opener{suite, keys};
    return time_of(packets, [&] { return opener.open(packet, out); });
  }
  if (backend != "openssl") throw std::runtime_error("backends are openssl and ipsec-mb");
  EspCipher opener{suite, keys, EspCipher::Way::open};
  return time_of(packets, [&] { return opener.open(packet, out); });
}

}  // namespace

int main(int count, char** arguments) {
  try {
    if (count != 5) throw std::runtime_error("BACKEND SUITE INNER_SIZE PACKETS");
    fmt::print("{:.1f}\n", run(arguments[1], suite_of(arguments[2]), number(arguments[3], 1), number(arguments[4], 1)));
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "raw_loop: {}\n", error.what());
    return 1;
  }
}
