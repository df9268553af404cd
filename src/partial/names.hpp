// Protocols, finding codes and algorithms as numbers of a partial result, which names them once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include <espdump/finding.hpp>
#include <espdump/packet.hpp>
#include <espdump/sa.hpp>

namespace espdump::partial {

// Index 0 is nothing.
struct Names {
  // Of this build.
  static Names own();
  // Those of a file, in its order; what this build does not know is null.
  static Names of(const std::vector<std::string>& protocols, const std::vector<std::string>& codes,
                  const std::vector<std::string>& algorithms);

  [[nodiscard]] std::vector<std::string> protocol_names() const;
  [[nodiscard]] std::vector<std::string> code_names() const;
  [[nodiscard]] std::vector<std::string> algorithm_names() const;

  [[nodiscard]] std::uint64_t number_of(const Protocol* protocol) const;
  [[nodiscard]] std::uint64_t number_of(const FindingInfo* info) const;
  [[nodiscard]] std::uint64_t number_of(const AlgorithmInfo* info) const;

  std::vector<const Protocol*> protocols{nullptr};
  std::vector<const FindingInfo*> codes{nullptr};
  std::vector<const AlgorithmInfo*> algorithms{nullptr};

 private:
  void index();
  std::unordered_map<const void*, std::uint64_t> numbers_;
};

}  // namespace espdump::partial
