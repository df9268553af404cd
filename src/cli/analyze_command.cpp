// The main job.
#include <array>
#include <charconv>
#include <string>

#include "cli/binding.hpp"
#include "run/frame_list.hpp"

namespace espdump::cli {
namespace {

using run::AnalyzeOptions;
using run::When;

void verbosity(CLI::App& app, const OptionRow& row, Options& options, int level) {
  int& now = member(options, &AnalyzeOptions::verbosity);
  app.add_flag_function(
      std::string{row.names}, [&now, level](std::int64_t) { now = std::max(now, level); }, std::string{row.help});
}
void verbose(CLI::App& app, const OptionRow& row, Options& options) { verbosity(app, row, options, 1); }
void tree(CLI::App& app, const OptionRow& row, Options& options) { verbosity(app, row, options, 2); }

void times(CLI::App& app, const OptionRow& row, Options& options) {
  app.add_flag(std::string{row.names}, member(options, &AnalyzeOptions::times), std::string{row.help});
}

void color(CLI::App& app, const OptionRow& row, Options& options) {
  choice<When>(app, row, member(options, &AnalyzeOptions::color), {When::automatic, When::always, When::never});
}
void progress(CLI::App& app, const OptionRow& row, Options& options) {
  choice<When>(app, row, member(options, &AnalyzeOptions::progress), {When::automatic, When::always, When::never});
}
void crypto(CLI::App& app, const OptionRow& row, Options& options) {
  choice<CryptoBackend>(app, row, member(options, &AnalyzeOptions::crypto),
                        {CryptoBackend::automatic, CryptoBackend::openssl, CryptoBackend::ipsec_mb});
}
void fail_on(CLI::App& app, const OptionRow& row, Options& options) {
  choice<std::optional<Severity>>(app, row, member(options, &AnalyzeOptions::fail_on),
                                  {Severity::info, Severity::warning, Severity::error});
}
void count(CLI::App& app, const OptionRow& row, Options& options) {
  app.add_option(std::string{row.names}, member(options, &AnalyzeOptions::count), std::string{row.help})
      ->check([](const std::string& text) {
        const bool digits =
            !text.empty() && text.size() < 19 && text.find_first_not_of("0123456789") == std::string::npos;
        return digits && text.find_first_not_of('0') != std::string::npos ? std::string{}
                                                                          : "'" + text + "' is no positive number";
      });
}

void page_packets(CLI::App& app, const OptionRow& row, Options& options) {
  app.add_option(std::string{row.names}, member(options, &AnalyzeOptions::page_packets), std::string{row.help})
      ->check(CLI::Range(0, 1'000'000));
}

void threads(CLI::App& app, const OptionRow& row, Options& options) {
  app.add_option(std::string{row.names}, member(options, &AnalyzeOptions::threads), std::string{row.help})
      ->check(CLI::Range(1, 64));
}

// Two numbers of bytes, as `espdump index` prints them; without the second all that follows.
std::optional<ByteRange> parse_range(const std::string& text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string::npos) return std::nullopt;
  const auto parse = [](std::string_view digits, std::uint64_t& out) {
    const auto [end, trouble] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
    return trouble == std::errc{} && end == digits.data() + digits.size();
  };
  ByteRange range;
  const std::string_view begin = std::string_view{text}.substr(0, dash), end = std::string_view{text}.substr(dash + 1);
  if (!parse(begin, range.begin) || (!end.empty() && !parse(end, range.end))) return std::nullopt;
  return range.begin < range.end ? std::optional{range} : std::nullopt;
}

void range(CLI::App& app, const OptionRow& row, Options& options) {
  ByteRange& target = member(options, &AnalyzeOptions::range);
  app.add_option_function<std::string>(
         std::string{row.names}, [&target](const std::string& text) { target = *parse_range(text); },
         std::string{row.help})
      ->check([](const std::string& text) {
        return parse_range(text) ? std::string{} : "'" + text + "' is no range of bytes, as in 4096-8192";
      });
}

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

std::optional<std::string> contradiction(const Options& all) {
  const auto& options = std::get<AnalyzeOptions>(all);
  if (options.captures.empty()) return "no capture given";
  if (options.times > 5) return "-t can be given up to five times, as to tcpdump";
  if (!options.page.empty() && options.page == options.write) return "--html and -w want the same file";
  for (const std::string_view end : {".gz", ".zst", ".xz", ".lz4", ".bz2"})
    if (ends_with(options.write, end)) return "-w writes .pcap and .pcapng; compress it when it is done";
  if (options.verify_only && !options.write.empty())
    return "--verify-only decrypts nothing, so -w has nothing to write";
  if (options.verify_only && !options.inner_filter.empty())
    return "--verify-only decrypts nothing, so --inner-filter matches nothing";
  if (options.json && options.write == "-") return "--json and -w - both want standard output; give -w a file";
  if (options.page == "-" && (options.json || options.write == "-"))
    return "--html - wants standard output for itself; give it a file";
  if (!options.partial.empty() && options.count != 0) return "--partial is about whole captures; leave --count out";
  const bool reports = !(options.write.empty() && options.page.empty() && options.inner_filter.empty() &&
                         options.frames.empty() && options.kernel_stats.empty() && options.pseudonyms.empty());
  if (!options.partial.empty() && reports)
    return "--partial makes no report: leave out what is about one, and have it made by `espdump merge`";
  if (!options.before.empty() && options.partial.empty()) return "--after is for --partial";
  if (!options.range.is_all() && options.partial.empty()) return "--range is for --partial";
  if (!options.range.is_all() && options.captures.size() != 1) return "--range is of one capture";
  if (!options.frames.empty())
    if (const auto frames = run::FrameList::parse(options.frames); !frames) return "--frames: " + frames.error().text;
  if (standard_inputs(options.keys) != 0 && standard_inputs(options.captures) != 0)
    return "standard input cannot be capture and key file at once";
  if (standard_inputs(options.kernel_stats) != 0 &&
      standard_inputs(options.policies) + standard_inputs(options.keys) + standard_inputs(options.captures) != 0)
    return "standard input cannot be the kernel's counters and something else at once";
  if (standard_inputs(options.policies) != 0 && standard_inputs(options.keys) + standard_inputs(options.captures) != 0)
    return "standard input cannot be the policies and something else at once";
  return std::nullopt;
}

constexpr std::array table{
    OptionRow{"captures", "CAPTURE", "", "", value<&AnalyzeOptions::captures>},
    OptionRow{"-k,--keys", "FILE", "Input", "keys, as from `ip xfrm state`; repeatable, - is stdin",
              files<&AnalyzeOptions::keys>},
    OptionRow{"--policy", "FILE", "Input", "selectors: the output of `ip xfrm policy`; repeatable",
              files<&AnalyzeOptions::policies>},
    OptionRow{"--kernel-stats", "FILE", "Input", "`ip -s xfrm state`, /proc/net/xfrm_stat: is the capture whole?",
              files<&AnalyzeOptions::kernel_stats>},
    OptionRow{"-f,--filter", "EXPR", "Input", "only captured packets that match (pcap-filter(7))",
              value<&AnalyzeOptions::filter>},
    OptionRow{"--inner-filter", "EXPR", "Input", "show only decrypted packets that match",
              value<&AnalyzeOptions::inner_filter>},
    OptionRow{"--frames", "LIST", "Input", "show only these frames, as findings name them: 42-44,60 or 2:7",
              value<&AnalyzeOptions::frames>},
    OptionRow{"-c,--count", "N", "Input", "stop after N packets", count},
    OptionRow{"--verify-only", "", "Input", "check ICVs and sequence numbers, decrypt nothing",
              flag<&AnalyzeOptions::verify_only>},
    OptionRow{"--crypto", "LIBRARY", "Input", "what opens packets: auto, openssl or, faster, ipsec-mb", crypto,
              "auto openssl ipsec-mb"},
    OptionRow{"-j,--threads", "N", "Input", "threads that work on it, 1 to 64; the output is the same", threads},
    OptionRow{"-q,--quiet", "", "Output", "the report only, no line per packet", flag<&AnalyzeOptions::quiet>},
    OptionRow{"-v,--verbose", "", "Output", "more per line", verbose},
    OptionRow{"-V,--tree", "", "Output", "every field of every layer", tree},
    OptionRow{"-t", "", "Output", "no times; -tt since 1970, -ttt since the last line, -tttt date and time", times},
    OptionRow{"-x,--hex", "", "Output", "hex and ASCII, before and after decryption", flag<&AnalyzeOptions::hex>},
    OptionRow{"--json", "", "Output", "newline-delimited JSON", flag<&AnalyzeOptions::json>},
    OptionRow{"-w,--write", "FILE", "Output", "the decrypted packets as .pcap or, with comments, .pcapng; - is stdout",
              value<&AnalyzeOptions::write>},
    OptionRow{"--partial", "FILE", "Output", "what `espdump merge` needs of these captures",
              value<&AnalyzeOptions::partial>},
    OptionRow{"--html", "FILE", "Output", "a page to look at in any browser, with pictures; - is stdout",
              value<&AnalyzeOptions::page>},
    OptionRow{"--redact", "", "Output", "leave out what packets carry; headers stay", flag<&AnalyzeOptions::redact>},
    OptionRow{"--pseudonyms", "FILE", "Output", "the same, and other addresses and names, keyed by FILE",
              value<&AnalyzeOptions::pseudonyms>},
    OptionRow{"--fail-on", "SEVERITY", "Output", "exit 1 where a finding is at least info, warning or error", fail_on,
              "info warning error"},
    OptionRow{"--color", "WHEN", "Output", "auto, always or never", color, "auto always never"},
    OptionRow{"--html-packets", "N", seldom_wanted, "packets in the page at most, 500 if not given", page_packets},
    OptionRow{"--progress", "WHEN", seldom_wanted, "how far it is, on standard error: auto, always or never", progress,
              "auto always never"},
    OptionRow{"--range", "BEGIN-END", seldom_wanted,
              "for --partial: only what begins in these bytes of the capture, as `espdump index` cuts it", range},
    OptionRow{"--after", "FILE", seldom_wanted,
              "for --partial: a capture from before, for what began in it; repeatable", files<&AnalyzeOptions::before>},
    OptionRow{"--no-sandbox", "", seldom_wanted, "keep all rights while strangers' bytes are read: for debugging",
              flag<&AnalyzeOptions::no_sandbox>},
};

constexpr std::string_view usage =
    "Usage: espdump CAPTURE... [--keys FILE]... [options]\n"
    "  sudo ip xfrm state > xfrm.txt            take the keys while the tunnel is up\n"
    "  espdump capture.pcap --keys xfrm.txt     decrypt, verify, report\n"
    "`espdump --help` shows all options.\n";

constexpr std::string_view opening =
    "espdump: analyse captured IPsec offline: decrypt ESP, verify every packet, say what is wrong\n\n"
    "Usage: espdump CAPTURE... [--keys FILE]... [options]    or    espdump COMMAND ...\n"
    "CAPTURE is pcap or pcapng, compressed or not; - is standard input; several are merged by time.\n";

constexpr std::string_view closing =
    "Exit status: 0 done; 1 --fail-on met; 2 bad arguments or unreadable file; 3 a capture ended early\n\n"
    "Examples:\n"
    "  sudo ip xfrm state > xfrm.txt                          on either end, while the tunnel is up\n"
    "  espdump wire.pcap --keys xfrm.txt                      one line per packet, then the report\n"
    "  espdump wire.pcap --keys xfrm.txt -q -w inner.pcap     the decrypted packets for Wireshark\n"
    "  sudo tcpdump -i eth0 -U -w - esp or udp port 4500 | espdump - --keys xfrm.txt\n";

constexpr std::string_view about =
    "\n"
    "For each frame there is a line: its number, the seconds since the first one (`-t` to `-ttttt` mean what "
    "they mean to tcpdump, dates in UTC), addresses, the number that the SA has in this capture, the sequence "
    "number, a verdict where there is something to say, and what came out of the SA. Behind the lines stands "
    "the report: what is wrong, by weight, each with its cause and what helps; information; and a table of "
    "the SAs with what the receiving Linux kernel would count of each.\n"
    "\n"
    "Key files are recognised by what they hold: the output of `ip xfrm state` or `ip xfrm monitor`, a script "
    "of `ip xfrm state add` or of setkey, tables of Wireshark, a log of charon or pluto that prints keys. "
    "With the keys of IKE, those of ESP follow. Without any keys IKE in the clear, sizes, numbers and times "
    "are judged.\n"
    "\n"
    "On a terminal lines of packets are cut to its width (not with `-v`, `-V` or `-x`), and what is longer than the "
    "screen begins with the verdict. With `--frames` only the frames that a finding names are shown, with `-V` all "
    "that "
    "is known of them; the report is about all.\n"
    "\n"
    "Keys never appear in what it prints, and are kept in memory that is locked and wiped.\n"
    "\n"
    "With `--html` the report is a page as well: findings with their evidence drawn, and a list of packets with "
    "fields and bytes, in one file that any browser opens. Packets in it are decrypted.\n"
    "\n"
    "With `--redact` the contents of packets are left out of everything that is written, with `--pseudonyms` addresses "
    "and "
    "names become others, too: then a report can be handed on. The key of pseudonyms is a file of at least 16 bytes "
    "(`head -c 32 /dev/urandom > FILE`); with the same key the same addresses become the same.\n"
    "\n"
    "With `--kernel-stats` the counters of a kernel are held against the capture: equal, or how many packets one of "
    "them "
    "lacks. It takes the output of `ip -s xfrm state` from either end and /proc/net/xfrm_stat of the receiving one.\n"
    "\n"
    "Captures may be compressed with gzip, zstd, xz, lz4 or bzip2.\n"
    "\n"
    "With `--json` there is an object in each line; its `type` is packet, finding, sa, ike_sa, kernel_stats, or "
    "summary at "
    "the end.\n";

run::Outcome run_it(const Options& options) { return run::analyze(std::get<AnalyzeOptions>(options)); }

}  // namespace

const Command analyze_command{"", "", table, usage, opening, closing, contradiction, run_it, about};

}  // namespace espdump::cli
