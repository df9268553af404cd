// `espdump gateway`.
#include <array>
#include <string>

#include "cli/binding.hpp"
#include "cli/version.hpp"

namespace espdump::cli {
namespace {

using run::GatewayOptions;

void window(CLI::App& app, const OptionRow& row, Options& options) {
  app.add_option(std::string{row.names}, member(options, &GatewayOptions::window), std::string{row.help})
      ->check(CLI::Range(1, 1'000'000).description(""));
}

void allow_loss(CLI::App& app, const OptionRow& row, Options& options) {
  app.add_option(std::string{row.names}, member(options, &GatewayOptions::allow_loss), std::string{row.help})
      ->check(CLI::Range(0.0, 100.0).description(""));
}

std::optional<std::string> contradiction_of_test(const GatewayOptions& options) {
  if (!options.captures.empty() || !options.ingress.empty() || !options.egress.empty())
    return "--make-test takes one good capture and no others";
  if (options.write.empty()) return "--make-test needs -w FILE for what it makes";
  if (options.protects) return "--make-test and --protects exclude each other";
  return std::nullopt;
}

std::optional<std::string> contradiction_of_sides(const GatewayOptions& options) {
  if (!options.write.empty()) return "-w is for --make-test";
  if (options.captures.size() > 2)
    return "give one capture of each side; more of them with --ingress FILE and --egress FILE";
  if (options.captures.size() == 1 && (options.egress.empty() || !options.ingress.empty()))
    return "one capture of each side is needed: INGRESS EGRESS";
  const bool none = options.captures.empty() && (options.ingress.empty() || options.egress.empty());
  if (none) return "no captures given: INGRESS EGRESS";
  return std::nullopt;
}

std::optional<std::string> contradiction(const Options& all) {
  const auto& options = std::get<GatewayOptions>(all);
  if (options.keys.empty()) return "no keys given: --keys FILE";
  if (auto wrong = options.make_test.empty() ? contradiction_of_sides(options) : contradiction_of_test(options))
    return wrong;
  std::ptrdiff_t inputs = options.make_test == "-" ? 1 : 0;
  for (const auto* files : {&options.captures, &options.ingress, &options.egress, &options.keys, &options.policies})
    inputs += standard_inputs(*files);
  if (inputs > 1) return "standard input cannot be two files at once";
  return std::nullopt;
}

constexpr std::array table{
    OptionRow{"captures", "CAPTURE", "", "", value<&GatewayOptions::captures>},
    OptionRow{"-k,--keys", "FILE", "Input", "keys, or those of the integrity alone; repeatable, - is stdin",
              files<&GatewayOptions::keys>},
    OptionRow{"--policy", "FILE", "Input", "selectors: the output of `ip xfrm policy`; repeatable",
              files<&GatewayOptions::policies>},
    OptionRow{"--ingress", "FILE", "Input", "one more capture in front of the gateway; repeatable",
              files<&GatewayOptions::ingress>},
    OptionRow{"--egress", "FILE", "Input", "one more capture behind it; repeatable", files<&GatewayOptions::egress>},
    no_sandbox_row<&GatewayOptions::no_sandbox>,
    OptionRow{"--window", "N", "Judgement", "the gateway's own replay window; default: that of each SA", window},
    OptionRow{"--allow-loss", "PERCENT", "Judgement", "authentic packets that may be missing; default: 0", allow_loss},
    OptionRow{"--protects", "", "Judgement", "PLAIN ESP: did everything plain leave encrypted, once, unchanged?",
              flag<&GatewayOptions::protects>},
    OptionRow{"--make-test", "CAPTURE", "Test", "make a test of a good capture: damaged, repeated, forged packets",
              value<&GatewayOptions::make_test>},
    OptionRow{"-w,--write", "FILE", "Test", "where it goes, a .pcap; what is planted goes to standard output",
              value<&GatewayOptions::write>},
    OptionRow{"--json", "", "Output", "JSON lines", flag<&GatewayOptions::json>},
    OptionRow{"-v,--verbose", "", "Output", "every violation, and small problems of key files",
              flag<&GatewayOptions::verbose>},
};

constexpr std::string_view usage =
    "Usage: espdump gateway INGRESS EGRESS --keys FILE [options]\n"
    "  espdump gateway in.pcap out.pcap --keys xfrm.txt    does it stop what is not authentic?\n"
    "`espdump gateway --help` shows all options.\n";

constexpr std::string_view opening =
    "espdump gateway: hold a gateway that checks ICVs and sequence numbers to its duty\n\n"
    "Usage: espdump gateway INGRESS EGRESS --keys FILE [options]\n"
    "       espdump gateway PLAIN ESP --keys FILE --protects\n"
    "       espdump gateway --make-test=CAPTURE --keys FILE -w attack.pcap\n"
    "CAPTURE... are INGRESS, taken in front of the gateway, and EGRESS, behind it.\n";

constexpr std::string_view closing =
    "Exit status: 0 it behaves; 1 it does not; 2 bad arguments, or a file that cannot be read at all;\n"
    "             3 inconclusive, and why is said, or a capture ended early\n\n"
    "Examples:\n"
    "  espdump gateway in.pcap out.pcap --keys xfrm.txt\n"
    "  espdump gateway in.pcap out.pcap --keys auth-only.txt --window 64 --json | tail -1 | jq .verdict\n"
    "  espdump gateway --make-test good.pcap --keys xfrm.txt -w attack.pcap > planted.json\n"
    "  tcpreplay -i eth0 attack.pcap    while tcpdump captures on both sides\n";

constexpr std::string_view about =
    "\n"
    "An integrity gateway verifies the ICV and the sequence number of every ESP packet and drops what fails, "
    "without decrypting. Both captures are read, packets are paired by their bytes, and of each that came in "
    "it is computed what had to become of it. Whatever went another way is a violation.\n"
    "\n"
    "`--make-test` makes the input for such a test: a good capture with packets planted in it that have to be "
    "dropped, of every kind, and some that have to pass; what was planted is told on standard output.\n"
    "\n"
    "`--protects` asks the other question, of a gateway that encrypts: did everything leave encrypted, once, "
    "and unchanged?\n";

run::Outcome run_it(const Options& all) {
  auto options = std::get<GatewayOptions>(all);
  options.program = program_text();
  return options.make_test.empty() ? run::judge_gateway(options) : run::make_gateway_test(options);
}

}  // namespace

const Command gateway_command{"gateway",     "hold an integrity gateway's output against its input",
                              table,         usage,
                              opening,       closing,
                              contradiction, run_it,
                              about};

}  // namespace espdump::cli
