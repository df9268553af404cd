// `espdump keys`.
#include <array>
#include <string>

#include "cli/binding.hpp"

namespace espdump::cli {
namespace {

using run::KeyFormat;
using run::KeysOptions;

void format(CLI::App& app, const OptionRow& row, Options& options) {
  choice<KeyFormat>(app, row, member(options, &KeysOptions::to),
                    {KeyFormat::wireshark, KeyFormat::wireshark_ike, KeyFormat::xfrm, KeyFormat::json});
}

std::optional<std::string> contradiction(const Options& all) {
  const auto& options = std::get<KeysOptions>(all);
  if (options.files.empty()) return "no key file given";
  if (standard_inputs(options.files) + standard_inputs(options.policies) > 1)
    return "standard input cannot be two files at once";
  return std::nullopt;
}

constexpr std::array table{
    OptionRow{"files", "FILE", "", "", value<&KeysOptions::files>},
    OptionRow{"--policy", "FILE", "Input", "selectors: the output of `ip xfrm policy`; repeatable",
              files<&KeysOptions::policies>},
    no_sandbox_row<&KeysOptions::no_sandbox>,
    OptionRow{"--to", "FORMAT", "Output", "convert: wireshark, wireshark-ike, xfrm (all hold the keys) or json", format,
              "wireshark wireshark-ike xfrm json"},
    OptionRow{"--show-secrets", "", "Output", "print key bytes in the listing and in JSON, too",
              flag<&KeysOptions::show_secrets>},
    OptionRow{"-v,--verbose", "", "Output", "every problem of the files, small ones and many of a kind, too",
              flag<&KeysOptions::verbose>},
};

constexpr std::string_view usage =
    "Usage: espdump keys FILE... [options]\n"
    "  espdump keys xfrm.txt                            what the file holds, without its keys\n"
    "  espdump keys xfrm.txt --to wireshark > esp_sa    the same for Wireshark\n"
    "`espdump keys --help` shows all options.\n";

constexpr std::string_view opening =
    "espdump keys: show what key files hold, or convert them\n\n"
    "Usage: espdump keys FILE... [options]\n"
    "FILE is of any format that --keys takes; - reads standard input.\n";

constexpr std::string_view closing =
    "Exit status: 0 done; 2 bad arguments, or a file that cannot be read at all or holds no keys\n\n"
    "Examples:\n"
    "  espdump keys xfrm.txt                       the SAs, their algorithms, what is wrong with keys\n"
    "  umask 077; espdump keys xfrm.txt --to wireshark > ~/.config/wireshark/esp_sa\n"
    "  espdump keys charon.log --to wireshark-ike  rows for ikev2_decryption_table\n"
    "  espdump keys esp_sa --to xfrm               commands that set the SAs up\n"
    "  espdump keys ./keys                         a file of that name; espdump ./keys is a capture\n";

constexpr std::string_view about =
    "\n"
    "A listing names each SA, its algorithms and what is wrong with its key, and never shows the key, unless "
    "`--show-secrets` is given. What `--to` prints holds the keys: keep it out of logs and of other users' "
    "sight.\n";

run::Outcome run_it(const Options& options) { return run::show_keys(std::get<KeysOptions>(options)); }

}  // namespace

const Command keys_command{
    "keys", "show what key files hold, or convert them", table, usage, opening, closing, contradiction, run_it, about};

}  // namespace espdump::cli
