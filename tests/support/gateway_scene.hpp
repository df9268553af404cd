// Two captures built packet by packet, and questions to what is said of them.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "support/decoding.hpp"
#include "support/gateway_frames.hpp"
#include "support/test_gateway.hpp"

namespace espdump::test {

using FrameNumbers = std::vector<std::uint64_t>;

// Of the text of a dump. Throws where it is refused.
Keystore keystore_from(const std::string& keys);
std::string dump_of(const std::vector<SaText>& sas);

std::set<std::string> codes_of(const GatewayReport& report);
// Ingress frames that a code is raised for, in order; and egress frames.
FrameNumbers frames_of_code(const Judged& judged, const FindingInfo& info);
FrameNumbers egress_frames_of_code(const Judged& judged, const FindingInfo& info);
bool hints(const GatewayReport& report, std::string_view name);
bool notes(const GatewayReport& report, std::string_view part);    // what headers went through
bool reasons(const GatewayReport& report, std::string_view part);  // why it is inconclusive
std::uint64_t exercised(const GatewayReport& report, GatewayClass is);
std::uint64_t doubted(const GatewayReport& report, GatewayDoubt why);
// The whole report, as it is printed.
std::string described(const Judged& judged);

// What came in and what went out.
class Passage {
 public:
  std::int64_t latency = 200'000, gap = 1'000'000;  // nanoseconds, of what comes next

  // Number of the frame. It comes one gap behind the frame before.
  std::uint64_t in(Octets frame);
  std::uint64_t out(Octets frame);  // one latency behind what came last
  // Comes in and goes out with TTL or hop limit less by one.
  std::uint64_t through(const Octets& frame);
  // Backwards: it comes out of the egress capture and later into the ingress capture.
  void back(const Octets& frame) { back_as(frame, routed(frame)); }
  void back_as(const Octets& far, const Octets& near);  // as it looks behind the gateway, and in front of it
  void back_alone(const Octets& far);                   // the gateway stops it

  [[nodiscard]] const Wire& ingress() const { return in_; }
  [[nodiscard]] const Wire& egress() const { return out_; }
  // With times of the egress capture as another clock has them.
  [[nodiscard]] Wire egress_by(std::int64_t shift, double drift = 0) const;
  [[nodiscard]] Judged judged(const Keystore& keystore, const GatewayOptions& options = {}) const;

 private:
  std::int64_t time_ = 1'700'000'000'000'000'000;
  Wire in_, out_;
};

// In order of time, as captures are.
Wire sorted(Wire wire);
Wire moved(Wire wire, std::int64_t shift, double drift = 0);  // by the clock of another
// Cut by a snap length.
Wire cut(Wire wire, std::size_t length);
// Without some frames, chosen at random but the same ones each time.
Wire with_loss(const Wire& wire, double share, std::uint32_t seed);

}  // namespace espdump::test
