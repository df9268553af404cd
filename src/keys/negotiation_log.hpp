// What logs say of negotiations, as it is loaded: the same thing said again, as by a daemon that keeps trying, is kept
// once.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <espdump/ike_log.hpp>

namespace espdump::keys {

class NegotiationLog {
 public:
  static constexpr std::size_t most = 256;  // of each kind

  // False: there is no room for it.
  bool add(LoggedProposals);
  bool add(LoggedSelectors);

  [[nodiscard]] std::span<const LoggedProposals> proposals() const { return proposals_; }
  [[nodiscard]] std::span<const LoggedSelectors> selectors() const { return selectors_; }

 private:
  std::vector<LoggedProposals> proposals_;
  std::vector<LoggedSelectors> selectors_;
};

}  // namespace espdump::keys
