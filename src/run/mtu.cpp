// A suite is made an SA, so that both kinds of questions go one way.
#include "run/mtu.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include <espdump/ike_keys.hpp>
#include <espdump/secret.hpp>
#include <espdump/wire/ikev2_names.hpp>

#include "base/input_file.hpp"
#include "base/write_all.hpp"
#include "report/mtu_report.hpp"
#include "run/confinement.hpp"
#include "run/load_keys.hpp"
#include "run/message.hpp"
#include "run/terminal.hpp"

namespace espdump::run {
namespace {

constexpr std::array<std::uint8_t, 256> no_key{};  // of a key only the length counts here

AlgorithmUse use_of(const AlgorithmChoice& choice, SecretArena& arena) {
  return choice.with(arena.store(Bytes{no_key}.first(std::min(choice.key_size, no_key.size()))));
}

// Nothing where the suite is not understood, which is told.
std::optional<SecurityAssociation> association_of(const MtuOptions& options, SecretArena& arena) {
  std::string problem;
  auto proposal = wire::read_swanctl_proposal(options.suite, problem);
  if (!proposal) {
    say(
        fmt::format("'{}' in the suite '{}' is no word of swanctl.conf (as in aes256gcm16, aes128-sha256, "
                    "chacha20poly1305)",
                    problem, options.suite));
    return std::nullopt;
  }
  const auto suite = suite_of(*proposal, problem);
  if (!suite) {
    say(fmt::format("suite '{}': {}", options.suite, problem));
    return std::nullopt;
  }
  SecurityAssociation sa;
  sa.source = sa.destination = *IpAddress::parse(options.outer == Family::ipv6 ? "::" : "0.0.0.0");
  sa.protocol = proposal->protocol == wire::ike_protocol::ah ? IpsecProtocol::ah : IpsecProtocol::esp;
  sa.mode = options.mode;
  sa.align4 = true;  // as strongSwan sets it
  sa.encapsulation = options.nat_t ? Encapsulation::udp : Encapsulation::none;
  if (sa.protocol == IpsecProtocol::esp) sa.encryption = use_of(suite->encryption, arena);
  sa.integrity = use_of(suite->integrity, arena);
  return sa;
}

std::string answer(const MtuOptions& options, const SecurityAssociation& sa) {
  const auto overhead = overhead_of(sa, options.inner);
  if (!overhead) return {};
  const MtuQuestion question{suite_name(sa), nullptr, 0, *overhead, options.mtu};
  return options.json ? mtu_json(question) : mtu_text(question);
}

std::string answers(const MtuOptions& options, const Keystore& store) {
  std::vector<MtuQuestion> questions;
  std::size_t number = 0, left_out = 0;
  for (const SecurityAssociation& sa : store.associations()) {
    ++number;
    if (const auto overhead = overhead_of(sa, options.inner))
      questions.push_back({suite_name(sa), &sa, number, *overhead, options.mtu});
    else if (left_out++ == 0)
      say(fmt::format("{}: no size can be told: mode or algorithms are not known, or it is IP-TFS", sa.place()));
  }
  if (left_out > 1) say(fmt::format("… and {} more such SAs", left_out - 1));
  if (!options.json) return questions.empty() ? "" : mtu_table(questions, table_width(STDOUT_FILENO));
  std::string out;
  for (const MtuQuestion& question : questions) out += mtu_json(question);
  return out;
}

}  // namespace

Outcome show_mtu(const MtuOptions& options) {
  Outcome outcome;
  std::string out;
  if (!options.suite.empty()) {
    SecretArena arena;
    const auto sa = association_of(options, arena);
    outcome.unusable_input = !sa;
    if (sa) out = answer(options, *sa);
  } else {
    open_ahead(options.keys);
    confine(options.no_sandbox, options.verbose);
    const LoadedKeys loaded = load_keys(options.keys, {}, options.verbose, outcome);
    out = answers(options, loaded.keystore);
  }
  outcome.written(write_all(STDOUT_FILENO, out));
  return outcome;
}

}  // namespace espdump::run
