// Writes a capture of sealed UDP and the keys to it: capture.pcap, xfrm-state.txt as `ip xfrm state` has them, and
// Wireshark's esp_sa.   make_capture [OPTION]... DIRECTORY
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string>

#include "bench/traffic.hpp"
#include "bench/xfrm_state.hpp"

namespace {

using namespace espdump::bench;

constexpr std::uint64_t packets_per_second = 100'000;

void little(std::string& out, std::uint64_t value) {
  for (unsigned shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(value >> shift));
}

class File {
 public:
  explicit File(std::string path) : path_(std::move(path)), out_(path_, std::ios::binary) { check(); }
  void write(std::string_view text) { out_.write(text.data(), static_cast<std::streamsize>(text.size())); }
  void close() {
    out_.close();
    check();
  }

 private:
  void check() const {
    if (!out_) throw std::runtime_error(path_ + ": cannot be written");
  }
  std::string path_;
  std::ofstream out_;
};

void write_capture(const std::string& path, Traffic& traffic, std::uint64_t packets) {
  constexpr std::size_t block = 1U << 18U;
  File out{path};
  std::string buffer;
  for (const std::uint32_t word : {0xa1b2c3d4U, 0x00040002U, 0U, 0U, 262144U, 1U}) little(buffer, word);
  for (std::uint64_t i = 0; i < packets; ++i) {
    const auto frame = traffic.next();
    little(buffer, Traffic::begins_at + i / packets_per_second);
    little(buffer, i % packets_per_second * (1'000'000 / packets_per_second));
    little(buffer, frame.size());
    little(buffer, frame.size());
    buffer.append(frame.begin(), frame.end());
    if (buffer.size() < block) continue;
    out.write(buffer);
    buffer.clear();
  }
  out.write(buffer);
  out.close();
}

// Of the columns for ESN, which come after these, version 4.0 has none.
std::string wireshark_row(const TrafficOptions& options, const SuiteKeys& keys, std::uint32_t spi) {
  const Suite& suite = *options.suite;
  return fmt::format("\"{}\",\"{}\",\"{}\",\"0x{:08x}\",\"{}\",\"{}\",\"{}\",\"{}\"{}\n",
                     options.ipv6 ? "IPv6" : "IPv4", Traffic::sender(options.ipv6), Traffic::receiver(options.ipv6),
                     spi, suite.wireshark_cipher, hexadecimal(keys.cipher), suite.wireshark_mac, hexadecimal(keys.mac),
                     options.esn ? ",\"64-bit\"" : "");
}

void write_all(const TrafficOptions& options, const std::string& directory) {
  Traffic traffic{options};
  File xfrm{directory + "/xfrm-state.txt"}, wireshark{directory + "/esp_sa"};
  for (std::uint32_t sa = 0; sa < options.sas; ++sa) {
    const SuiteKeys keys = traffic.keys(sa);
    xfrm.write(xfrm_state(options, keys, Traffic::first_spi + sa));
    wireshark.write(wireshark_row(options, keys, Traffic::first_spi + sa));
  }
  xfrm.close();
  wireshark.close();
  write_capture(directory + "/capture.pcap", traffic, options.packets);
  const TrafficCounts& counts = traffic.counts();
  fmt::print("{} packets: {} lost before, {} out of order, {} replayed, {} with a bad ICV\n", options.packets,
             counts.lost, counts.reordered, counts.replayed, counts.bad_icv);
}

std::string suite_names() {
  std::string out;
  for (const Suite& suite : suites()) out += (out.empty() ? "" : ", ") + std::string{suite.name};
  return out;
}

struct Arguments {
  std::string directory, suite{suites().front().name}, size = "1400", family = "4";
};

void add_options(CLI::App& app, TrafficOptions& options, Arguments& arguments) {
  app.add_option("directory", arguments.directory, "where the files go")->required()->check(CLI::ExistingDirectory);
  app.add_option("--packets", options.packets, "number of packets (100000)")->check(CLI::Range(1, 2'000'000'000));
  app.add_option("--size", arguments.size, "bytes of the inner packet, or imix: 64, 576 and 1400 as 7:4:1 (1400)");
  app.add_option("--sas", options.sas, "number of SAs, which take turns (1)")->check(CLI::Range(1, 100'000));
  app.add_option("--suite", arguments.suite, suite_names());
  app.add_option("--family", arguments.family, "of the outer packets: 4 or 6 (4)")->check(CLI::IsMember({"4", "6"}));
  app.add_flag("--nat-t", options.nat_t, "in UDP, port 4500");
  app.add_flag("--esn", options.esn, "sequence numbers of 64 bits");
  app.add_option("--first", options.first, "the first sequence number (1)");
  app.add_option("--flows", options.flows, "number of flows inside, of which each packet number has one (at random)")
      ->check(CLI::Range(std::uint64_t{1}, Traffic::most_flows));
  for (const auto& [name, percent] : {std::pair{"--loss", &options.loss}, std::pair{"--reorder", &options.reorder},
                                      std::pair{"--replay", &options.replay}, std::pair{"--bad-icv", &options.bad_icv}})
    app.add_option(name, *percent, "percent of packets (0)")->check(CLI::Range(0.0, 100.0));
  app.add_option("--seed", options.seed, "other keys, sizes and accidents (1)");
}

void complete(TrafficOptions& options, const Arguments& arguments) {
  options.suite = &suite_of(arguments.suite);
  options.ipv6 = arguments.family == "6";
  options.size = 0;
  if (arguments.size != "imix" && (!CLI::detail::lexical_cast(arguments.size, options.size) ||
                                   options.size < Traffic::least_size || options.size > Traffic::most_size))
    throw std::runtime_error(fmt::format("--size is imix or {} to {}", Traffic::least_size, Traffic::most_size));
  // A number that is lost or late is one more.
  const std::uint64_t most = 2 * (options.packets / options.sas + 1);
  if (options.first == 0 || (!options.esn && options.first + most > 0xffff'ffffU))
    throw std::runtime_error("the sequence numbers do not suffice");
}

}  // namespace

int main(int count, char** words) {
  CLI::App app{"Writes a capture of ESP and the keys to it"};
  TrafficOptions options;
  Arguments arguments;
  add_options(app, options, arguments);
  CLI11_PARSE(app, count, words);
  try {
    complete(options, arguments);
    write_all(options, arguments.directory);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "make_capture: {}\n", error.what());
    return 1;
  }
}
