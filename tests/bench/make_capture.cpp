// Writes a capture of sealed UDP and the keys to it: make_capture PACKETS INNER_SIZE SAS DIRECTORY
#include <fmt/core.h>

#include <charconv>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string>

#include "bench/bench_support.hpp"

namespace {

using namespace espdump;
using namespace espdump::bench;

std::size_t number(std::string_view text, std::size_t least) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < least)
    throw std::runtime_error(fmt::format("'{}' is no number of at least {}", text, least));
  return value;
}

void little(std::string& out, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(value >> shift));
}

std::ofstream create(const std::string& path) {
  std::ofstream out{path, std::ios::binary};
  if (!out) throw std::runtime_error(path + ": cannot be written");
  return out;
}

// Sequence numbers ascend in each SA; SAs take turns.
void write_capture(const std::string& path, std::size_t packets, std::size_t inner_size, std::size_t sas) {
  std::ofstream out = create(path);
  std::string header;
  for (const std::uint32_t word : {0xa1b2c3d4U, 0x00040002U, 0U, 0U, 262144U, 1U}) little(header, word);
  out << header;
  const test::Seal seal = test::seal_from_text(gcm);
  for (std::size_t i = 0; i < packets; ++i) {
    const Octets frame = esp_frame(seal, static_cast<std::uint32_t>(first_spi + i % sas), 1 + i / sas, inner_size);
    std::string record;
    little(record, static_cast<std::uint32_t>(1'700'000'000 + i / 100'000));
    little(record, static_cast<std::uint32_t>(i % 100'000 * 10));
    little(record, static_cast<std::uint32_t>(frame.size()));
    little(record, static_cast<std::uint32_t>(frame.size()));
    record.append(frame.begin(), frame.end());
    out << record;
  }
  if (!out.flush()) throw std::runtime_error(path + ": cannot be written");
}

// A row for each SA, as Wireshark's table of ESP SAs has them.
void write_wireshark_table(const std::string& path, std::size_t sas) {
  std::ofstream out = create(path);
  const std::string algorithms{gcm};
  const std::string key = algorithms.substr(algorithms.find("0x"), algorithms.rfind(' ') - algorithms.find("0x"));
  for (std::size_t i = 0; i < sas; ++i)
    out << fmt::format(
        "\"IPv4\",\"{}\",\"{}\",\"0x{:08x}\",\"AES-GCM with 16 octet ICV [RFC4106]\",\"{}\","
        "\"NULL\",\"\"\n",
        sender, receiver, first_spi + i, key);
}

}  // namespace

int main(int count, char** arguments) {
  try {
    if (count != 5) throw std::runtime_error("make_capture PACKETS INNER_SIZE SAS DIRECTORY");
    const std::size_t packets = number(arguments[1], 1), inner_size = number(arguments[2], 28);
    const std::size_t sas = number(arguments[3], 1);
    const std::string directory = arguments[4];
    write_capture(directory + "/capture.pcap", packets, inner_size, sas);
    create(directory + "/xfrm-state.txt") << dump_text(sas);
    write_wireshark_table(directory + "/esp_sa", sas);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
