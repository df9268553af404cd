// Keywords and their order as ip-xfrm(8) has them; what its importer (xfrm_command.cpp) reads back is the same SA.
#include "keys/export_xfrm.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <string>

#include "keys/export_notes.hpp"

namespace espdump::keys {
namespace {

bool is_missing(const AlgorithmUse& use) { return use.state == KeyState::hidden || use.state == KeyState::unusable; }

// Why no command can set the SA up; empty: one can.
std::string obstacle(const SecurityAssociation& sa) {
  if (is_missing(sa.encryption) || is_missing(sa.integrity))
    return "one of its keys is hidden or cannot be used, and a command needs them all";
  if (sa.wildcards) return "its row leaves addresses or SPI open, which a command cannot";
  if (sa.mode == SaMode::other) return "no command sets this mode";
  return {};
}

std::string identity(const SecurityAssociation& sa) {
  std::string out = "ip xfrm state add";
  if (sa.source.size() != 0) out += " src " + sa.source.to_string();
  const std::string_view mode = sa.mode == SaMode::unknown ? to_string(SaMode::tunnel) : to_string(sa.mode);
  out += fmt::format(" dst {} proto {} spi 0x{:08x} mode {}", sa.destination.to_string(), to_string(sa.protocol),
                     sa.spi, mode);
  if (sa.reqid != 0) out += fmt::format(" reqid {}", sa.reqid);
  out += fmt::format(" replay-window {}{}", sa.replay_window,
                     sa.esn && sa.align4 ? " flag esn align4"
                     : sa.esn            ? " flag esn"
                     : sa.align4         ? " flag align4"
                                         : "");
  return out;
}

// Where both ends were loaded, each end moves one of the two numbers.
std::string window(const SecurityAssociation& sa) {
  if (sa.positions.empty()) return {};
  WindowPosition last;
  for (const WindowPosition& position : sa.positions) {
    last.received = std::max(last.received, position.received);
    last.sent = std::max(last.sent, position.sent);
  }
  const auto low = [](std::uint64_t number) { return static_cast<std::uint32_t>(number); };
  std::string out = fmt::format(" replay-seq 0x{:x} replay-oseq 0x{:x}", low(last.received), low(last.sent));
  if (sa.esn) out += fmt::format(" replay-seq-hi 0x{:x} replay-oseq-hi 0x{:x}", last.received >> 32, last.sent >> 32);
  return out;
}

// ICMP and mobility headers have type and code where others have ports.
std::string upper(const Selector& selector) {
  const bool types = selector.protocol == 1 || selector.protocol == 58 || selector.protocol == 135;
  std::string out;
  if (selector.protocol != 0) out += fmt::format(" proto {}", selector.protocol);
  if (selector.source_port) out += fmt::format(" {} {}", types ? "type" : "sport", *selector.source_port);
  if (selector.destination_port) out += fmt::format(" {} {}", types ? "code" : "dport", *selector.destination_port);
  return out;
}

std::string selector(const SecurityAssociation& sa) {
  if (sa.selector)
    return fmt::format(" sel src {} dst {}{}", sa.selector->source.to_string(), sa.selector->destination.to_string(),
                       upper(*sa.selector));
  if (sa.selector_family == Family::none) return {};
  const std::string_view all = sa.selector_family == Family::ipv6 ? "::/0" : "0.0.0.0/0";
  return fmt::format(" sel src {0} dst {0}", all);
}

std::string encapsulation(const SecurityAssociation& sa) {
  if (sa.encapsulation == Encapsulation::none) return {};
  return fmt::format(" encap {} {} {} {}", sa.encapsulation == Encapsulation::tcp ? "espintcp" : "espinudp",
                     sa.source_port, sa.destination_port, sa.destination.is_v6() ? "::" : "0.0.0.0");
}

std::string tags(const SecurityAssociation& sa) {
  std::string out;
  if (sa.mark != 0 || sa.mark_mask != 0) out += fmt::format(" mark 0x{:x} mask 0x{:x}", sa.mark, sa.mark_mask);
  if (sa.if_id) out += fmt::format(" if_id 0x{:x}", *sa.if_id);
  return out;
}

class Commands {
 public:
  explicit Commands(SecretOutput& out) : out_(out) {}

  void add(const SecurityAssociation& sa) {
    if (const std::string why = obstacle(sa); !why.empty()) return notes_.left_out(sa, why);
    tell(sa);
    out_.write(identity(sa) + window(sa));
    if (sa.encryption.info != nullptr) write_key(sa.is_aead() ? "aead" : "enc", sa.encryption);
    if (sa.integrity.info != nullptr) write_key("auth-trunc", sa.integrity);
    out_.write(encapsulation(sa) + tags(sa) + selector(sa) + "\n");
  }

  std::vector<ImportProblem> notes() { return notes_.take(); }

 private:
  void tell(const SecurityAssociation& sa);

  // Parentheses mean something to shells, and an empty key is a word, too.
  void write_key(std::string_view keyword, const AlgorithmUse& use) {
    out_.write(fmt::format(" {} '{}' ", keyword, use.info->xfrm));
    out_.write(use.key.empty() ? "''" : "0x");
    out_.hex(use.key);
    if (use.info->kind != AlgorithmKind::encryption) out_.write(fmt::format(" {}", use.icv_bits));
  }

  SecretOutput& out_;
  ExportNotes notes_;
  Generations generations_;
};

void Commands::tell(const SecurityAssociation& sa) {
  if (sa.mode == SaMode::unknown) notes_.add(sa, "the key file does not say its mode; written is `mode tunnel`");
  if (sa.protocol == IpsecProtocol::esp && sa.encryption.info == nullptr)
    notes_.add(sa, "the key file gives no cipher; Linux takes no ESP without `enc`, though espdump does");
  if (sa.encryption.info != nullptr && sa.is_aead() && sa.encryption.info->iv == 0)
    notes_.add(sa, "Linux has no implicit IVs (RFC 8750) and refuses this command, though espdump takes it");
  const std::string name =
      fmt::format("{} {} {} {}/{}", sa.destination.to_string(), to_string(sa.protocol), sa.spi, sa.mark, sa.mark_mask);
  if (!generations_.is_first(name))
    notes_.add(sa,
               "an earlier command has the same destination and SPI: a kernel refuses this one as long as that SA is "
               "there");
}

}  // namespace

std::vector<ImportProblem> export_xfrm(std::span<const SecurityAssociation> sas, SecretOutput& out) {
  Commands commands(out);
  for (const SecurityAssociation& sa : sas) commands.add(sa);
  return commands.notes();
}

}  // namespace espdump::keys
