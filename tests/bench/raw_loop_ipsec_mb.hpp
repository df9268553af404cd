// Opening AES-GCM with libipsec-mb's direct calls, where the build found it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "bench/suites.hpp"

namespace espdump::bench {

class IpsecMbGcm {
 public:
  // Throws std::runtime_error for other suites than AES-GCM, and where there is no libipsec-mb.
  IpsecMbGcm(const Suite& suite, const SuiteKeys& keys);
  IpsecMbGcm(IpsecMbGcm&&) = delete;
  ~IpsecMbGcm();

  bool open(std::span<const std::uint8_t> packet, std::span<std::uint8_t> out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace espdump::bench
