// The analysers by name; analyzers.cpp lists them.
#pragma once

#include <espdump/analysis.hpp>
#include <espdump/path_facts.hpp>

namespace espdump {

std::unique_ptr<Analyzer> make_icv_analyzer();
std::unique_ptr<Analyzer> make_replay_analyzer();
std::unique_ptr<Analyzer> make_sequence_analyzer();
std::unique_ptr<Analyzer> make_exhaustion_analyzer();
std::unique_ptr<Analyzer> make_nonce_analyzer();
std::unique_ptr<Analyzer> make_contents_analyzer();
std::unique_ptr<Analyzer> make_selector_analyzer();
std::unique_ptr<Analyzer> make_expiry_analyzer();
std::unique_ptr<Analyzer> make_sa_use_analyzer();
std::unique_ptr<Analyzer> make_ike_analyzer();
std::unique_ptr<Analyzer> make_path_mtu_analyzer(PathFacts& paths);
std::unique_ptr<Analyzer> make_crossing_analyzer(PathFacts& paths);
std::unique_ptr<Analyzer> make_black_hole_analyzer(PathFacts& paths);
std::unique_ptr<Analyzer> make_mss_analyzer(PathFacts& paths);
std::unique_ptr<Analyzer> make_key_quality_analyzer();
std::unique_ptr<Analyzer> make_capture_analyzer(const PathFacts& paths);

// "1 packet", "2 packets".
std::string count_of(std::uint64_t count, std::string_view thing);
// "1.6 ms", "12 s", "-2 s": three significant digits, more where the number has more before its point.
std::string duration(std::int64_t nanoseconds);
// Ranges of numbers as "42-44, 48 … (+9)".
std::string ranges_to_string(const std::vector<std::pair<std::uint64_t, std::uint64_t>>& ranges, std::size_t most,
                             std::uint64_t total);
// Puts `number` into an ascending list without repeats.
void add_sa(std::vector<SaNumber>& list, SaNumber number);

}  // namespace espdump
