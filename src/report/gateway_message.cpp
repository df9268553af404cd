// One violation in words.
#include <fmt/core.h>

#include <algorithm>

#include <espdump/wire/esp.hpp>
#include <espdump/wire/ikev2_names.hpp>

#include "base/append.hpp"
#include "report/gateway_report.hpp"

namespace espdump {
namespace {

constexpr std::size_t most_ranges = 4;

// Which part of an ESP packet a byte belongs to.
std::string_view part_at(std::size_t byte, std::size_t length, const SecurityAssociation* sa) {
  if (byte < wire::Esp::sequence_offset) return "SPI";
  if (byte < wire::Esp::size) return "sequence number";
  if (sa == nullptr) return "sealed";
  const AlgorithmUse& checked = sa->is_aead() ? sa->encryption : sa->integrity;
  const std::size_t icv = checked.icv_bits / 8;
  if (byte + icv >= length) return "ICV";
  // What stands in for a withheld cipher says nothing about the IV.
  const bool is_cipher = sa->encryption.info != nullptr && sa->encryption.info->primitive != Primitive::null_cipher;
  if (is_cipher && byte < wire::Esp::size + sa->encryption.info->iv) return "IV";
  return is_cipher ? "ciphertext" : "IV or ciphertext";
}

std::string of_sa(const GatewayView& view, RecordIndex in) {
  const GatewayRecord& record = view.ingress.records()[in];
  const GatewayFlow& flow = view.ingress.flow_of(in);
  if (record.ike) return "";
  if (flow.association != nullptr) return fmt::format(", #{} number {}", flow.sa, record.sequence);
  return fmt::format(", SPI 0x{:08x} number {}", flow.spi, record.sequence);
}

std::string leak_text(const GatewayView& view, const GatewayViolation& it) {
  switch (it.of) {
    case GatewayClass::bad_icv: return "the ICV is bad";
    case GatewayClass::far_ahead: return "the ICV is bad, and the number far ahead";
    case GatewayClass::malformed: return "it is malformed: no SA makes packets of this size";
    case GatewayClass::replay: return "it repeats a number that was seen before";
    case GatewayClass::old_replay: return "it repeats a number that was seen before, left of the window";
    case GatewayClass::stale: {
      const SecurityAssociation* sa = view.ingress.flow_of(it.in).association;
      const std::uint32_t window = view.window.value_or(sa == nullptr ? 0 : sa->replay_window);
      return fmt::format("it lies left of a window of {} ({})", window,
                         view.window ? "--window" : "the SA's; --window says another");
    }
    case GatewayClass::zero: return "its number is 0, which no sender sends";
    case GatewayClass::unknown_spi: return "no SA has its SPI";
    case GatewayClass::wrong_address: return "it is addressed to another host than its SA";
    case GatewayClass::no_integrity: return "its SA has no integrity: nothing shows that it is authentic";
    case GatewayClass::open:
    case GatewayClass::good: break;
  }
  return "it should have been stopped";
}

std::string injected_text(const GatewayView& view, const GatewayViolation& it) {
  const GatewayRecord& record = view.egress.records()[it.out];
  const GatewayFlow& flow = view.egress.flow_of(it.out);
  const std::string_view icv = record.icv == GatewayIcv::ok    ? "its ICV is good: something here holds the keys"
                               : record.icv == GatewayIcv::bad ? "its ICV is bad"
                                                               : "it cannot be verified";
  return fmt::format("it never came in, SPI 0x{:08x} number {}; {}", flow.spi, record.sequence, icv);
}

// What GatewaySide made a number of.
std::string ike_text(const GatewayView& view, const GatewayViolation& it) {
  const GatewayRecord& record = view.ingress.records()[it.in];
  const GatewayFlow& flow = view.ingress.flow_of(it.in);
  const auto exchange = static_cast<std::uint8_t>(record.sequence >> 48);
  constexpr std::uint8_t first_of_v2 = 34;
  const std::string_view name = wire::ike_exchange_name(exchange < first_of_v2 ? 1 : 2, exchange);
  return fmt::format("an IKE message, {} {}{}, {} > {},", name.empty() ? "of an unknown exchange" : name,
                     (record.sequence >> 47 & 1) != 0 ? "response " : "request ",
                     static_cast<std::uint32_t>(record.sequence), flow.source.to_string(),
                     flow.destination.to_string());
}

std::string changed_text(const GatewayView& view, const GatewayViolation& it, std::size_t index) {
  const GatewayRecord& out = view.egress.records()[it.out];
  std::string text = "changed";
  if (const auto found = view.changes.find(index); found != view.changes.end()) text += ": " + found->second;
  if (it.of != GatewayClass::good) text += ", and it should have been stopped";
  if (out.icv == GatewayIcv::ok) text += "; the ICV is good again: the gateway has put in a new one";
  if (out.icv == GatewayIcv::bad) text += "; the ICV is bad now";
  return text;
}

}  // namespace

std::string difference_text(Bytes in, Bytes out, const SecurityAssociation* association) {
  std::string text;
  if (in.size() != out.size()) append(text, "length {} > {}", in.size(), out.size());
  const std::size_t common = std::min(in.size(), out.size());
  std::size_t ranges = 0;
  for (std::size_t at = 0; at < common; ++at) {
    if (in[at] == out[at]) continue;
    const std::size_t from = at;
    const std::string_view part = part_at(at, in.size(), association);
    while (at + 1 < common && in[at + 1] != out[at + 1] && part_at(at + 1, in.size(), association) == part) ++at;
    if (ranges++ >= most_ranges) continue;
    if (!text.empty()) text += ", ";
    if (from == at)
      append(text, "byte {} ({})", from, part);
    else
      append(text, "bytes {}-{} ({})", from, at, part);
  }
  if (ranges > most_ranges) append(text, " and {} more places", ranges - most_ranges);
  return text;
}

std::string gateway_message(const GatewayView& view, std::size_t index) {
  const GatewayViolation& it = view.report.violations[index];
  switch (it.fault) {
    case GatewayFault::leaked: return leak_text(view, it) + of_sa(view, it.in);
    case GatewayFault::leaked_fragment:
      return "fragments of a datagram passed one by one, though of the whole " + leak_text(view, it) +
             of_sa(view, it.in);
    case GatewayFault::dropped: return "authentic and new, but it did not leave" + of_sa(view, it.in);
    case GatewayFault::changed: return changed_text(view, it, index) + of_sa(view, it.in);
    case GatewayFault::header_changed: return it.fields + of_sa(view, it.in);
    case GatewayFault::duplicated: return "it came in once and left again" + of_sa(view, it.in);
    case GatewayFault::injected: return injected_text(view, it);
    case GatewayFault::plaintext: {
      const ClearHosts& hosts = view.egress.hosts()[view.egress.clear()[it.out].hosts];
      return fmt::format("{}: {} > {} protocol {}",
                         it.in != no_record ? "what this packet carries left in the clear"
                                            : "left in the clear without having come so, though an SA is for it",
                         hosts.source.to_string(), hosts.destination.to_string(), hosts.protocol);
    }
    case GatewayFault::ike_dropped: return ike_text(view, it) + " did not leave";
    case GatewayFault::ike_changed: return ike_text(view, it) + " was changed";
  }
  return {};
}

std::vector<GatewaySample> gateway_samples(const GatewayReport& report) {
  const auto of = [&](GatewayClass is) { return report.exercised[static_cast<std::size_t>(is)]; };
  return {{"bad ICV", "bad_icv", of(GatewayClass::bad_icv)},
          {"far ahead with a bad ICV", "far_ahead", of(GatewayClass::far_ahead)},
          {"replay", "replay", of(GatewayClass::replay)},
          {"old replay", "old_replay", of(GatewayClass::old_replay)},
          {"stale", "stale", of(GatewayClass::stale)},
          {"unknown SPI", "unknown_spi", of(GatewayClass::unknown_spi)},
          {"wrong address", "wrong_address", of(GatewayClass::wrong_address)},
          {"malformed", "malformed", of(GatewayClass::malformed)},
          {"number 0", "zero", of(GatewayClass::zero)},
          {"no integrity", "no_integrity", of(GatewayClass::no_integrity)},
          {"fragments", "fragments", report.fragmented}};
}

}  // namespace espdump
