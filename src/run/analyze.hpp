// The main job: read captures, open what the keys open, report.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <espdump/capture.hpp>
#include <espdump/crypto.hpp>
#include <espdump/finding.hpp>

#include "run/outcome.hpp"

namespace espdump::run {

enum class When : std::uint8_t { automatic, always, never };

struct AnalyzeOptions {
  std::vector<std::string> captures;
  std::vector<std::string> keys;
  std::vector<std::string> policies;
  std::vector<std::string> kernel_stats;  // what a kernel counted
  std::string filter;                     // pcap-filter(7) on captured frames; empty: all
  std::string inner_filter;               // the same on decrypted packets
  std::string frames;                     // those to show, as FrameList takes them; empty: all
  std::string write;                      // where decrypted packets go; empty: nowhere
  std::string page;                       // where the page goes; empty: nowhere
  std::string partial;                    // where a partial result goes; empty: nowhere
  std::vector<std::string> before;        // captures that come before these, for what began in them
  ByteRange range;                        // of the only capture
  std::size_t page_packets = 500;         // at most so many in it
  std::uint64_t count = 0;                // stop after so many packets; 0: never
  std::size_t threads = 1;
  std::optional<Severity> fail_on;
  When color = When::automatic;
  When progress = When::automatic;
  CryptoBackend crypto = CryptoBackend::automatic;
  int verbosity = 0;
  int times = 0;  // how many -t, which mean what they mean to tcpdump
  bool json = false;
  bool quiet = false;
  bool hex = false;
  bool verify_only = false;
  bool no_sandbox = false;
  bool redact = false;     // contents of packets are left out
  std::string pseudonyms;  // a file that keys pseudonyms; empty: addresses and names are told
};

// Prints results on standard output, everything else on standard error.
Outcome analyze(const AnalyzeOptions& options);

}  // namespace espdump::run
