// What of the outer headers may change on the way: RFC 1812 section 5.2, RFC 8200 sections 3 and 6, RFC 6040, RFC 6437.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <espdump/codes.hpp>

#include "analysis/gateway_addresses.hpp"
#include "analysis/gateway_judge.hpp"

namespace espdump {
namespace {

constexpr int ttl_range = 256;

std::string_view ecn_name(unsigned ecn) {
  constexpr std::array<std::string_view, 4> names{"Not-ECT", "ECT(1)", "ECT(0)", "CE"};
  return names[ecn % 4];
}

class Headers {
 public:
  Headers(const GatewayCase& it, GatewayReport& report) : it_(it), report_(report), addresses_(it.ingress, it.egress) {}

  void run() {
    each([&](RecordIndex i, RecordIndex o) { learn(it_.ingress.records()[i], it_.egress.records()[o]); });
    settle();
    each([&](RecordIndex i, RecordIndex o) {
      if (may_leave(i)) judge(i, o);
    });
    note();
  }

 private:
  template <typename Look>
  void each(Look look) {
    for (RecordIndex i = 0; i < it_.pairs.out_of.size(); ++i)
      if (it_.partner(i) != no_record && it_.is_forward(i)) look(i, it_.partner(i));
  }

  // What should not have left at all need not be right.
  [[nodiscard]] bool may_leave(RecordIndex i) const {
    const GatewayClass is = it_.classes.of[i];
    return it_.ingress.records()[i].ike || is == GatewayClass::good || is == GatewayClass::open;
  }

  // Segments of a TCP stream need not stay what they are: none of their headers is that of an ESP packet.
  [[nodiscard]] bool in_stream(const GatewayRecord& in) const {
    return it_.ingress.flows()[in.flow].encapsulation == Encapsulation::tcp;
  }

  void learn(const GatewayRecord& in, const GatewayRecord& out) {
    addresses_.learn(in.flow, out.flow);
    ++(in_stream(in) ? streamed_ : pairs_);
    if (in_stream(in)) return;
    ++ttl_[static_cast<std::size_t>(ttl_range + in.ttl - out.ttl)];
    ++dscp_[std::size_t{in.tos} / 4 * 64 + out.tos / 4U];
  }

  // What most packets show is the configuration.
  void settle() {
    if (pairs_ != 0)
      usual_ttl_ = static_cast<int>(std::max_element(ttl_.begin(), ttl_.end()) - ttl_.begin()) - ttl_range;
    for (std::size_t in = 0; in < 64; ++in) {
      const auto row = dscp_.begin() + static_cast<std::ptrdiff_t>(in * 64);
      usual_dscp_[in] = static_cast<unsigned>(std::max_element(row, row + 64) - row);
    }
    addresses_.settle();
  }

  void judge(RecordIndex i, RecordIndex o) {
    const GatewayRecord& in = it_.ingress.records()[i];
    const GatewayRecord& out = it_.egress.records()[o];
    std::string text;
    const auto say = [&text](const std::string& what) { text += (text.empty() ? "" : ", ") + what; };
    if (!in_stream(in)) judge_hop(in, out, say);
    if (const std::string fault = addresses_.fault(in.flow, out.flow); !fault.empty()) say(fault);
    if (text.empty()) return;
    report_.violations.push_back({&codes::gateway_modified, i, o, GatewayFault::header_changed, it_.classes.of[i]});
    report_.violations.back().fields = std::move(text);
  }

  template <typename Say>
  void judge_hop(const GatewayRecord& in, const GatewayRecord& out, Say say) {
    if (const int lost = in.ttl - out.ttl; lost != usual_ttl_ || lost < 0)
      say(fmt::format("{} {} > {} ({} others)", in.ipv4 ? "TTL" : "hop limit", in.ttl, out.ttl,
                      usual_ttl_ == 0  ? std::string{"unchanged in"}
                      : usual_ttl_ > 0 ? fmt::format("{} less in", usual_ttl_)
                                       : fmt::format("{} more in", -usual_ttl_)));
    if (const unsigned a = in.tos >> 2U, b = out.tos >> 2U; a != b && b != usual_dscp_[a])
      say(fmt::format("DSCP {} > {} ({} in others)", a, b, usual_dscp_[a]));
    const unsigned ecn = in.tos % 4U, ecn_out = out.tos % 4U;
    const bool marked = ecn_out == 3 && (ecn == 1 || ecn == 2);
    if (ecn != ecn_out && !marked) say(fmt::format("ECN {} > {}", ecn_name(ecn), ecn_name(ecn_out)));
    judge_identity(in, out, say);
    if (!in.no_checksum && out.no_checksum) ++checksums_dropped_;
    if (in.no_checksum && !out.no_checksum) ++checksums_made_;
  }

  template <typename Say>
  void judge_identity(const GatewayRecord& in, const GatewayRecord& out, Say say) {
    if (in.ipv4 != out.ipv4) return;
    if (!in.ipv4) {
      if (in.id != out.id && in.id != 0) say(fmt::format("flow label 0x{:05x} > 0x{:05x}", in.id, out.id));
      if (in.id != out.id && in.id == 0) ++labels_set_;
      return;
    }
    if (in.fragmented || out.fragmented) {
      refragmented_ += in.fragmented == out.fragmented ? 0 : 1;
      return;
    }
    if (in.dont_fragment != out.dont_fragment)
      say(fmt::format("DF {} > {}", in.dont_fragment ? 1 : 0, out.dont_fragment ? 1 : 0));
    if (in.id == out.id) return;
    // An ID means nothing where no fragment may be made: RFC 6864.
    if (in.dont_fragment && (in.id == 0 || out.id == 0))
      ++ids_rewritten_;
    else
      say(fmt::format("identification 0x{:04x} > 0x{:04x}", in.id, out.id));
  }

  void note() {
    const auto add = [&](std::string text) { report_.header_notes.push_back(std::move(text)); };
    if (streamed_ != 0) add(fmt::format("{} packets went in TCP, whose segments a gateway may make anew", streamed_));
    if (pairs_ + streamed_ == 0) return;
    if (usual_ttl_ > 0) add(fmt::format("routed: TTL or hop limit {} less", usual_ttl_));
    for (unsigned in = 0; in < 64; ++in)
      if (usual_dscp_[in] != in && dscp_[in * 64 + usual_dscp_[in]] != 0)
        add(fmt::format("DSCP {} becomes {}", in, usual_dscp_[in]));
    for (std::string& text : addresses_.notes()) add(std::move(text));
    if (refragmented_ != 0) add(fmt::format("{} packets were fragmented or put together", refragmented_));
    if (ids_rewritten_ != 0)
      add(fmt::format("the IPv4 identification of {} packets with DF was rewritten", ids_rewritten_));
    if (labels_set_ != 0) add(fmt::format("{} packets got a flow label", labels_set_));
    if (checksums_made_ != 0) add(fmt::format("{} packets got a UDP checksum, which is odd", checksums_made_));
    if (checksums_dropped_ != 0) add(fmt::format("{} packets lost their UDP checksum", checksums_dropped_));
  }

  const GatewayCase& it_;
  GatewayReport& report_;
  GatewayAddresses addresses_;
  std::array<std::uint64_t, 2 * ttl_range> ttl_{};
  std::array<std::uint64_t, 64 * 64> dscp_{};
  std::array<unsigned, 64> usual_dscp_{};
  int usual_ttl_ = 0;
  std::uint64_t pairs_ = 0, streamed_ = 0, ids_rewritten_ = 0, labels_set_ = 0, checksums_made_ = 0,
                checksums_dropped_ = 0;
  std::uint64_t refragmented_ = 0;
};

}  // namespace

void judge_headers(const GatewayCase& it, GatewayReport& report) { Headers{it, report}.run(); }

}  // namespace espdump
