#include "report/mtu_report.hpp"

#include <fmt/core.h>

#include <utility>

#include "report/json_line.hpp"
#include "report/table.hpp"

namespace espdump {
namespace {

constexpr std::size_t least_ipv6_mtu = 1280;

std::string_view family_name(Family family) { return family == Family::ipv6 ? "IPv6" : "IPv4"; }

std::string head(const MtuQuestion& question) {
  const Overhead& it = question.overhead;
  std::string out = fmt::format("{}{}, {}, {} outside", question.suite, it.protocol == IpsecProtocol::ah ? " (AH)" : "",
                                it.mode == SaMode::beet ? "BEET" : to_string(it.mode), family_name(it.outer));
  if (it.mode == SaMode::beet) out += fmt::format(", {} inside", family_name(it.inner));
  if (it.encapsulation == Encapsulation::udp) out += ", UDP encapsulation";
  if (it.encapsulation == Encapsulation::tcp) out += ", TCP encapsulation";
  return out + fmt::format(", path MTU {}\n", question.path_mtu);
}

std::string line(std::string_view name, std::string_view value) { return fmt::format("  {:<20}{}\n", name, value); }

std::string overhead_text(const Overhead& it) {
  const auto [least, most] = added_by(it);
  return least == most ? fmt::format("{} bytes", least) : fmt::format("{} to {} bytes", least, most);
}

// Only BEET has two answers.
std::string linux_lines(const MtuQuestion& question) {
  const std::size_t fits = largest_inner(question.overhead, question.path_mtu);
  const std::size_t computed = linux_mtu(question.overhead, question.path_mtu);
  if (fits == computed) return {};
  if (computed < fits)
    return line("Linux computes",
                fmt::format("{} bytes, {} less than would fit, and refuses what is larger", computed, fits - computed));
  return line("Linux computes",
              fmt::format("{} bytes, {} more than fit: such packets leave as fragments", computed, computed - fits));
}

// The sizes to set; an MSS of 0: nothing of that family.
struct Settings {
  std::size_t mtu = 0, mss_ipv4 = 0, mss_ipv6 = 0;
  std::size_t path_mtu = 0;
  bool forwarded = false, local = false;  // packets of others (tunnel mode), or of the hosts themselves
};

Settings settings_of(const MtuQuestion& question) {
  const Overhead& it = question.overhead;
  Settings out;
  out.mtu = safe_mtu(it, question.path_mtu);
  out.path_mtu = question.path_mtu;
  out.forwarded = it.mode == SaMode::tunnel;
  out.local = !out.forwarded;
  if (carries(it, Family::ipv4)) out.mss_ipv4 = mss_of(out.mtu, Family::ipv4);
  if (carries(it, Family::ipv6)) out.mss_ipv6 = mss_of(out.mtu, Family::ipv6);
  return out;
}

std::string mss_text(const Settings& settings) {
  std::string out;
  if (settings.mss_ipv4 != 0) out = fmt::format("{} (IPv4)", settings.mss_ipv4);
  if (settings.mss_ipv6 != 0) out += fmt::format("{}{} (IPv6)", out.empty() ? "" : "  ", settings.mss_ipv6);
  return out;
}

// A hook of netfilter that packets pass before they are sealed, or after they were opened.
struct Hook {
  std::string_view nft, iptables, type;
};
constexpr Hook forward{"forward", "FORWARD", "filter"}, output{"output", "OUTPUT", "route"},
    input{"input", "INPUT", "filter"};

std::string nft_line(const Hook& hook, std::string_view family, std::string_view side, std::size_t mss) {
  return line("",
              fmt::format("nft add rule inet mangle {} meta nfproto {} {} tcp flags syn tcp option maxseg size set {}",
                          hook.nft, family, side, mss));
}
std::string chain_line(const Hook& hook) {
  return line(
      "", fmt::format("nft 'add table inet mangle; add chain inet mangle {} {{ type {} hook {} priority mangle; }}'",
                      hook.nft, hook.type, hook.nft));
}
std::string iptables_line(const Hook& hook, std::string_view program, std::string_view side, std::size_t mss) {
  return line("", fmt::format("{} -t mangle -A {} -m policy --pol ipsec --dir {} -p tcp --tcp-flags SYN,RST SYN -j "
                              "TCPMSS --set-mss {}",
                              program, hook.iptables, side, mss));
}

// A clamp in one direction protects only what comes back, so that each stands for both.
std::string clamps_by_policy(const Settings& settings, const Hook& out, const Hook& in) {
  std::string nft, iptables;
  const auto add = [&](std::string_view family, std::string_view program, std::size_t mss) {
    if (mss == 0) return;
    nft += nft_line(out, family, "rt ipsec exists", mss) + nft_line(in, family, "meta ipsec exists", mss);
    iptables += iptables_line(out, program, "out", mss) + iptables_line(in, program, "in", mss);
  };
  add("ipv4", "iptables", settings.mss_ipv4);
  add("ipv6", "ip6tables", settings.mss_ipv6);
  return chain_line(out) + (in.nft == out.nft ? "" : chain_line(in)) + nft + iptables;
}

std::string clamps_by_interface(const Settings& settings) {
  std::string out = chain_line(forward);
  for (const std::string_view side : {"oifname \"ipsec0\"", "iifname \"ipsec0\""}) {
    if (settings.mss_ipv4 != 0) out += nft_line(forward, "ipv4", side, settings.mss_ipv4);
    if (settings.mss_ipv6 != 0) out += nft_line(forward, "ipv6", side, settings.mss_ipv6);
  }
  return out;
}

std::string commands(const Settings& settings) {
  std::string out;
  if (settings.forwarded)
    out += line("on an interface", fmt::format("ip link set ipsec0 mtu {}", settings.mtu)) +
           clamps_by_interface(settings) +
           line("by policies", fmt::format("strongswan.conf: charon.plugins.kernel-netlink.mtu = {}", settings.mtu)) +
           clamps_by_policy(settings, forward, forward);
  if (settings.local)
    out += line("on the hosts", fmt::format("ip route replace PEER via GATEWAY mtu {}", settings.path_mtu)) +
           line("", fmt::format("or, on an xfrm interface: ip link set ipsec0 mtu {}", settings.mtu)) +
           clamps_by_policy(settings, output, input);
  return out;
}

std::string warnings(const MtuQuestion& question, std::size_t mtu) {
  const Overhead& it = question.overhead;
  std::string out;
  if (it.encapsulation == Encapsulation::tcp)
    out += line("", "In TCP packets of any size get through; this is what Linux computes.");
  if (carries(it, Family::ipv6) && mtu < least_ipv6_mtu)
    out += line("", fmt::format("IPv6 inside needs 1280 bytes (RFC 8200 section 5): hosts do not heed the {} that the "
                                "gateway answers, and their packets vanish.",
                                mtu));
  return out;
}

// The commands that all of them can live with.
std::string for_all(const std::vector<MtuQuestion>& questions) {
  Settings out;
  const auto take = [](std::size_t& least, std::size_t value) {
    if (value != 0 && (least == 0 || value < least)) least = value;
  };
  for (const MtuQuestion& question : questions) {
    const Settings settings = settings_of(question);
    if (settings.mss_ipv4 == 0 && settings.mss_ipv6 == 0) continue;  // nothing fits
    take(out.mtu, settings.mtu);
    take(out.path_mtu, settings.path_mtu);
    out.forwarded = out.forwarded || settings.forwarded;
    out.local = out.local || settings.local;
    take(out.mss_ipv4, settings.mss_ipv4);
    take(out.mss_ipv6, settings.mss_ipv6);
  }
  if (out.mtu == 0) return {};
  return fmt::format("\nFor {}, at a path MTU of {}:\n", questions.size() == 1 ? "it" : "all of them",
                     questions.front().path_mtu) +
         commands(out);
}

std::string_view word(Family family) { return family == Family::ipv6 ? "ipv6" : "ipv4"; }

}  // namespace

std::string mtu_text(const MtuQuestion& question) {
  const Settings settings = settings_of(question);
  std::string out = head(question) + line("overhead", overhead_text(question.overhead));
  if (settings.mss_ipv4 == 0 && settings.mss_ipv6 == 0) return out + line("largest inner", "nothing fits");
  out += line("largest inner", fmt::format("{} bytes", largest_inner(question.overhead, question.path_mtu)));
  out += linux_lines(question);
  out += line("TCP MSS", mss_text(settings));
  return out + warnings(question, settings.mtu) + commands(settings);
}

std::string mtu_table(const std::vector<MtuQuestion>& questions, std::size_t width) {
  Table table;
  table.row({"#", "from > to", "spi", "mode", "suite", "added", "largest inner", "Linux", "MSS IPv4", "MSS IPv6"});
  for (const MtuQuestion& question : questions) {
    const Overhead& it = question.overhead;
    const SecurityAssociation& sa = *question.sa;
    const auto [least, most] = added_by(it);
    const std::size_t mtu = safe_mtu(it, question.path_mtu);
    const auto mss = [&](Family family) {
      return carries(it, family) ? std::to_string(mss_of(mtu, family)) : std::string{"-"};
    };
    std::string mode{it.mode == SaMode::beet ? "BEET" : to_string(it.mode)};
    if (it.encapsulation != Encapsulation::none) mode += it.encapsulation == Encapsulation::udp ? "/UDP" : "/TCP";
    table.row({std::to_string(question.number), sa.source.to_string() + " > " + sa.destination.to_string(),
               fmt::format("0x{:08x}", sa.spi), std::move(mode), question.suite,
               least == most ? std::to_string(least) : fmt::format("{}-{}", least, most),
               std::to_string(largest_inner(it, question.path_mtu)), std::to_string(linux_mtu(it, question.path_mtu)),
               mss(Family::ipv4), mss(Family::ipv6)});
  }
  constexpr std::size_t addresses = 1, suite = 4, first_number = 5, last_number = 9;
  std::string out;
  for (const std::string& row : table.lines(first_number, last_number, {width, {suite, addresses}})) out += row;
  return out + for_all(questions);
}

std::string mtu_json(const MtuQuestion& question) {
  const Overhead& it = question.overhead;
  JsonLine json;
  json.start_line("mtu");
  if (question.sa != nullptr) {
    json.number("id", question.number);
    json.text("src", question.sa->source.to_string());
    json.text("dst", question.sa->destination.to_string());
    json.text("spi", fmt::format("0x{:08x}", question.sa->spi));
  }
  json.text("proto", it.protocol == IpsecProtocol::ah ? "ah" : "esp");
  json.text("suite", question.suite);
  json.text("mode", to_string(it.mode));
  json.text("outer", word(it.outer));
  if (it.mode == SaMode::beet) json.text("inner", word(it.inner));
  if (it.encapsulation != Encapsulation::none)
    json.text("encapsulation", it.encapsulation == Encapsulation::udp ? "udp" : "tcp");
  json.number("path_mtu", question.path_mtu);
  json.number("added_min", added_by(it).first);
  json.number("added_max", added_by(it).second);
  json.number("largest_inner", largest_inner(it, question.path_mtu));
  json.number("linux_mtu", linux_mtu(it, question.path_mtu));
  const std::size_t mtu = safe_mtu(it, question.path_mtu);
  json.number("mtu", mtu);
  if (carries(it, Family::ipv4)) json.number("mss_ipv4", mss_of(mtu, Family::ipv4));
  if (carries(it, Family::ipv6)) json.number("mss_ipv6", mss_of(mtu, Family::ipv6));
  return std::string{json.end_line()};
}

}  // namespace espdump
