// `espdump mtu`.
#include <array>
#include <string>

#include "cli/binding.hpp"

namespace espdump::cli {
namespace {

using run::MtuOptions;

void mode(CLI::App& app, const OptionRow& row, Options& options) {
  choice<SaMode>(app, row, member(options, &MtuOptions::mode), {SaMode::tunnel, SaMode::transport, SaMode::beet});
}
template <Family MtuOptions::*Member>
void family(CLI::App& app, const OptionRow& row, Options& options) {
  choice<Family>(app, row, member(options, Member), {Family::ipv4, Family::ipv6});
}
void path_mtu(CLI::App& app, const OptionRow& row, Options& options) {
  app.add_option(std::string{row.names}, member(options, &MtuOptions::mtu), std::string{row.help})
      ->check(CLI::Range(68, 65535).description(""));
}

std::optional<std::string> contradiction(const Options& all) {
  const auto& options = std::get<MtuOptions>(all);
  if (options.suite.empty() && options.keys.empty()) return "neither --suite nor --keys is given";
  if (!options.suite.empty() && !options.keys.empty()) return "--suite and --keys exclude each other";
  if (!options.keys.empty() && options.nat_t) return "--nat-t is for --suite: SAs of key files say how they go";
  if (standard_inputs(options.keys) > 1) return "standard input cannot be two files at once";
  return std::nullopt;
}

constexpr std::array table{
    OptionRow{"--suite", "SUITE", "What", "algorithms as in esp_proposals: aes256gcm16, aes128-sha256 …",
              value<&MtuOptions::suite>},
    OptionRow{"-k,--keys", "FILE", "What", "or the SAs of a key file (as in the main job); repeatable",
              files<&MtuOptions::keys>},
    OptionRow{"--mode", "MODE", "What", "tunnel (default), transport or beet", mode, "tunnel transport beet"},
    OptionRow{"--outer", "FAMILY", "What", "of the packets on the path: ipv4 (default) or ipv6",
              family<&MtuOptions::outer>, "ipv4 ipv6"},
    OptionRow{"--inner", "FAMILY", "What", "in BEET mode of the packets inside; default: as outside",
              family<&MtuOptions::inner>, "ipv4 ipv6"},
    OptionRow{"--nat-t", "", "What", "in UDP, as behind a NAT", flag<&MtuOptions::nat_t>},
    OptionRow{"--mtu", "N", "What", "of the path between the gateways, in bytes; default 1500", path_mtu},
    no_sandbox_row<&MtuOptions::no_sandbox>,
    OptionRow{"--json", "", "Output", "JSON lines", flag<&MtuOptions::json>},
    OptionRow{"-v,--verbose", "", "Output", "small problems of key files, too", flag<&MtuOptions::verbose>},
};

constexpr std::string_view usage =
    "Usage: espdump mtu --suite SUITE [options]\n"
    "  espdump mtu --suite aes256gcm16 --nat-t       what fits, and the commands that set it\n"
    "  espdump mtu --keys xfrm.txt --mtu 1400        the same of every SA of a dump\n"
    "`espdump mtu --help` shows all options.\n";

constexpr std::string_view opening =
    "espdump mtu: the largest packet and TCP segment that fit through an SA\n\n"
    "Usage: espdump mtu --suite aes256gcm16 [options]\n"
    "       espdump mtu --keys xfrm.txt [options]\n";

constexpr std::string_view closing =
    "Exit status: 0 done; 2 bad arguments, an unknown suite, or a key file that cannot be read\n\n"
    "Examples:\n"
    "  espdump mtu --suite aes256gcm16 --mode tunnel --outer ipv4 --nat-t --mtu 1500\n"
    "  espdump mtu --suite aes128-sha256 --mode transport --outer ipv6\n"
    "  sudo ip xfrm state | espdump mtu --keys - --mtu 1492\n"
    "  espdump mtu --keys xfrm.txt --json | jq .mss_ipv4\n";

constexpr std::string_view about =
    "\n"
    "It computes what ESP or AH adds to a packet under a suite of algorithms, what is left of the path's MTU "
    "for a packet inside and for a segment of TCP, and the lines of ip, nft and iptables that set it. Where "
    "Linux itself computes another number, that is said.\n";

run::Outcome run_it(const Options& options) { return run::show_mtu(std::get<MtuOptions>(options)); }

}  // namespace

const Command mtu_command{"mtu",         "tell what fits through an SA, and the commands that set it",
                          table,         usage,
                          opening,       closing,
                          contradiction, run_it,
                          about};

}  // namespace espdump::cli
