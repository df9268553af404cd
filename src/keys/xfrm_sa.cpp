// From the lines of one SA to the SA itself, with everything said that its user must know.
#include "keys/xfrm_sa.hpp"

#include <fmt/core.h>

#include <utility>

namespace espdump::keys {
namespace {

// Whether the record is an SA with keys; says why not, where that is worth saying.
bool is_complete(const XfrmRecord& record, Intake& intake) {
  if (record.protocol.empty()) {
    intake.problem(record.line, "this SA has no `proto` line: the dump is cut; SA left out");
    return false;
  }
  if (record.protocol != "esp" && record.protocol != "ah") return false;
  if (!record.spi) {
    intake.problem(record.line, "the SPI of this SA cannot be read; SA left out");
    return false;
  }
  if (*record.spi == 0) {
    intake.problem(record.line, "SPI 0: the SA is still being negotiated and has no keys yet; left out", false);
    return false;
  }
  if (record.aead || record.encryption || record.integrity) return true;
  intake.problem(record.line, "this SA has no algorithm lines: not set up yet, or the dump is cut; left out", false);
  return false;
}

AlgorithmUse use_of(const std::optional<KeyLine>& line, Intake& intake) {
  return line ? intake.take(read_key_line(*line, intake.arena()), line->line) : AlgorithmUse{};
}

}  // namespace

void check_suite(SecurityAssociation& sa, bool ciphered, bool authenticated, std::size_t line, Intake& intake) {
  if (sa.protocol == IpsecProtocol::ah && !authenticated) {
    sa.integrity.state = KeyState::unusable;
    intake.problem(line, "AH without an `auth` line; packets of this SA cannot be verified");
  }
  // Dumps for gateways are made without the cipher's keys on purpose.
  if (sa.protocol == IpsecProtocol::esp && !ciphered)
    intake.problem_once(line, "no `enc` line: packets of this SA (and of others like it) are verified, not decrypted",
                        false);
}

void check_beet(const SecurityAssociation& sa, std::size_t line, Intake& intake) {
  if (sa.mode != SaMode::beet) return;
  if (sa.selector_family == Family::none)
    return intake.problem(
        line,
        "BEET SA without a selector: the kernel drops all that comes in on it, and the inner addresses are not known, "
        "unless `ip xfrm policy` tells them (--policy)");
  if (!sa.selector)
    return intake.problem(
        line, fmt::format("BEET SA with a selector for everything: the kernel takes {0} for both inner addresses",
                          sa.selector_family == Family::ipv6 ? "::" : "0.0.0.0"));
  if (!sa.selector->source.is_host() || !sa.selector->destination.is_host())
    intake.problem(line,
                   fmt::format("BEET selector {} to {} is not a host: inner address unknown; the kernel takes the "
                               "first address of the prefix",
                               sa.selector->source.to_string(), sa.selector->destination.to_string()),
                   false);
}

void set_identity(XfrmRecord& record) {
  SecurityAssociation& sa = record.sa;
  sa.protocol = record.protocol == "ah" ? IpsecProtocol::ah : IpsecProtocol::esp;
  sa.spi = *record.spi;
  if (record.context_window) sa.replay_window = *record.context_window;
  if (record.has_context)
    sa.positions.push_back(
        {std::uint64_t{record.seq_hi} << 32 | record.seq, std::uint64_t{record.oseq_hi} << 32 | record.oseq});
}

std::optional<std::uint32_t> take_record(XfrmRecord& record, Intake& intake) {
  if (!is_complete(record, intake)) return std::nullopt;
  set_identity(record);
  SecurityAssociation& sa = record.sa;
  const bool aead = record.aead && sa.protocol == IpsecProtocol::esp;
  if (!aead) sa.integrity = use_of(record.integrity, intake);
  if (sa.protocol == IpsecProtocol::esp) sa.encryption = use_of(aead ? record.aead : record.encryption, intake);
  check_suite(sa, aead || record.encryption, record.integrity.has_value(), record.line, intake);
  check_beet(sa, record.selector_line != 0 ? record.selector_line : record.line, intake);
  return intake.add(std::move(sa), record.line);
}

}  // namespace espdump::keys
