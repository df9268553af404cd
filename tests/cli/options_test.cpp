#include "cli/options.hpp"

#include <algorithm>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "cli/version.hpp"
#include "support/catch.hpp"

using namespace espdump;
using cli::parse;
using cli::Parsed;

namespace {

Parsed typed(std::vector<const char*> words) {
  words.insert(words.begin(), "espdump");
  return parse(static_cast<int>(words.size()), words.data());
}

run::AnalyzeOptions analysis(const Parsed& parsed) { return std::get<run::AnalyzeOptions>(parsed.options); }
run::KeysOptions listing(const Parsed& parsed) { return std::get<run::KeysOptions>(parsed.options); }

run::AnalyzeOptions good(std::vector<const char*> words) {
  words.push_back("x.pcap");
  const Parsed parsed = typed(words);
  INFO(parsed.error.value_or(""));
  CHECK_FALSE(parsed.error);
  CHECK_FALSE(parsed.answer);
  CHECK(analysis(parsed).captures == std::vector<std::string>{"x.pcap"});
  return analysis(parsed);
}

std::string refused(const std::vector<const char*>& words) {
  const Parsed parsed = typed(words);
  REQUIRE(parsed.error);
  CHECK_FALSE(parsed.answer);
  CHECK(parsed.error->find("espdump: ") == 0);
  CHECK(parsed.error->find("\nTry `espdump --help`.\n") != std::string::npos);
  return *parsed.error;
}

using Strings = std::vector<std::string>;

}  // namespace

TEST_CASE("options: without any, everything is as documented") {
  const auto options = good({});
  CHECK((options.keys.empty() && options.filter.empty() && options.inner_filter.empty() && options.write.empty()));
  CHECK((options.count == 0 && !options.fail_on && options.color == run::When::automatic && options.verbosity == 0));
  CHECK(options.crypto == CryptoBackend::automatic);
  CHECK_FALSE((options.json || options.quiet || options.hex || options.verify_only));
}

TEST_CASE("options: every option, long and short, goes where it belongs") {
  for (const char* name : {"-k", "--keys"}) CHECK(good({name, "k.txt"}).keys == Strings{"k.txt"});
  for (const char* name : {"-f", "--filter"}) CHECK(good({name, "esp"}).filter == "esp");
  CHECK(good({"--inner-filter", "icmp"}).inner_filter == "icmp");
  for (const char* name : {"-c", "--count"}) CHECK(good({name, "12"}).count == 12);
  CHECK(good({"--verify-only"}).verify_only);
  for (const auto& [word, backend] : {std::pair{"auto", CryptoBackend::automatic},
                                      {"openssl", CryptoBackend::openssl},
                                      {"ipsec-mb", CryptoBackend::ipsec_mb}})
    CHECK(good({"--crypto", word}).crypto == backend);
  for (const char* name : {"-q", "--quiet"}) CHECK(good({name}).quiet);
  for (const char* name : {"-v", "--verbose"}) CHECK(good({name}).verbosity == 1);
  for (const char* name : {"-V", "--tree"}) CHECK(good({name}).verbosity == 2);
  for (const char* name : {"-x", "--hex"}) CHECK(good({name}).hex);
  CHECK(good({"--json"}).json);
  for (const char* name : {"-w", "--write"}) CHECK(good({name, "out.pcap"}).write == "out.pcap");
  CHECK(good({"--fail-on", "info"}).fail_on == Severity::info);
  CHECK(good({"--fail-on=warning"}).fail_on == Severity::warning);
  CHECK(good({"--fail-on", "error"}).fail_on == Severity::error);
  CHECK(good({"--color", "always"}).color == run::When::always);
  CHECK(good({"--color", "never"}).color == run::When::never);
  CHECK(good({"--color", "auto"}).color == run::When::automatic);
}

TEST_CASE("options: captures and keys may be several, in any order") {
  const Parsed parsed = typed({"a.pcap", "-k", "1", "b.pcap", "--keys=2", "--", "-c.pcap"});
  CHECK_FALSE(parsed.error);
  CHECK(analysis(parsed).captures == Strings{"a.pcap", "b.pcap", "-c.pcap"});
  CHECK(analysis(parsed).keys == Strings{"1", "2"});
  CHECK(good({"-qk", "k.txt"}).keys == Strings{"k.txt"});
  CHECK(analysis(typed({"-"})).captures == Strings{"-"});
}

TEST_CASE("options: the most talkative of -v and -V counts") {
  CHECK(good({"-V", "-v"}).verbosity == 2);
  CHECK(good({"-v", "-V"}).verbosity == 2);
}

TEST_CASE("options: wrong values name what is right") {
  CHECK_THAT(refused({"x", "--fail-on", "bad"}), Catch::Contains("'bad' is none of error, info, warning"));
  CHECK_THAT(refused({"x", "--color", "red"}), Catch::Contains("'red' is none of always, auto, never"));
  for (const char* count : {"0", "00", "-3", "many", "1x", "99999999999999999999", ""}) {
    INFO(count);
    refused({"x", "-c", count});
  }
  CHECK_THAT(refused({"x", "--nosuch"}), Catch::Contains("--nosuch"));
  CHECK_THAT(refused({"x", "--keys"}), Catch::Contains("--keys") && Catch::Contains("FILE"));
}

TEST_CASE("options: contradictions are told") {
  CHECK_THAT(refused({"-q"}), Catch::Contains("no capture given"));
  for (const char* name : {"o.pcap.gz", "o.pcapng.zst", "o.xz", "o.lz4", "o.bz2"})
    CHECK_THAT(refused({"x", "-w", name}), Catch::Contains("compress it when it is done"));
  CHECK(good({"-w", "out.pcapng"}).write == "out.pcapng");
  CHECK_THAT(refused({"x", "--verify-only", "-w", "o.pcap"}), Catch::Contains("nothing to write"));
  CHECK_THAT(refused({"x", "--verify-only", "--inner-filter", "icmp"}), Catch::Contains("matches nothing"));
  CHECK_THAT(refused({"x", "--json", "-w", "-"}), Catch::Contains("both want standard output"));
  CHECK_THAT(refused({"-", "-k", "-"}), Catch::Contains("standard input"));
  CHECK(good({"-k", "-"}).keys == Strings{"-"});
  CHECK(good({"--json", "-w", "o.pcap"}).json);
}

TEST_CASE("options: help, version and usage are answers") {
  CHECK(typed({"--help"}).answer == cli::help_text(cli::analyze_command));
  CHECK(typed({"-h"}).answer == cli::help_text(cli::analyze_command));
  CHECK(typed({"--version"}).answer == cli::version_text());
  CHECK(typed({"-h", "--version", "x.pcap"}).answer == cli::help_text(cli::analyze_command));
  CHECK(typed({}).error == cli::analyze_command.usage);
  CHECK_THAT(cli::version_text(), Catch::Contains("espdump ") && Catch::Contains("OpenSSL") &&
                                      Catch::Contains("libpcap") && Catch::Contains("libsodium"));
}

TEST_CASE("options: a command is the first word and has options of its own") {
  const Parsed parsed = typed({"keys", "a.txt", "--to", "xfrm", "-", "--policy", "p", "b.txt", "--show-secrets", "-v"});
  CHECK_FALSE(parsed.error);
  REQUIRE(parsed.command != nullptr);
  CHECK(parsed.command->name == "keys");
  CHECK(listing(parsed).files == Strings{"a.txt", "-", "b.txt"});
  CHECK(listing(parsed).policies == Strings{"p"});
  CHECK((listing(parsed).to == run::KeyFormat::xfrm && listing(parsed).show_secrets && listing(parsed).verbose));
  CHECK(listing(typed({"keys", "a"})).to == run::KeyFormat::listing);
  CHECK(listing(typed({"keys", "a", "--to=json"})).to == run::KeyFormat::json);
  CHECK(listing(typed({"keys", "a", "--to", "wireshark"})).to == run::KeyFormat::wireshark);
  CHECK(listing(typed({"keys", "keys"})).files == Strings{"keys"});
}

TEST_CASE("options: a word that is no command, or not the first, is a capture") {
  CHECK(analysis(typed({"./keys"})).captures == Strings{"./keys"});
  CHECK(analysis(typed({"-q", "keys"})).captures == Strings{"keys"});
  CHECK(analysis(typed({"--", "keys"})).captures == Strings{"keys"});
  CHECK(typed({"x.pcap"}).command->name.empty());
}

TEST_CASE("options: a command refuses in its own name") {
  const auto wrong = [](const std::vector<const char*>& words) {
    const Parsed parsed = typed(words);
    REQUIRE(parsed.error);
    CHECK_FALSE(parsed.answer);
    return *parsed.error;
  };
  CHECK(wrong({"keys"}) == cli::keys_command.usage);
  CHECK_THAT(wrong({"keys", "a", "--to", "pdf"}),
             Catch::Contains("'pdf' is none of json, wireshark, wireshark-ike, xfrm") &&
                 Catch::Contains("\nTry `espdump keys --help`.\n"));
  CHECK_THAT(wrong({"keys", "-v"}), Catch::Contains("no key file given"));
  CHECK_THAT(wrong({"keys", "a", "--verify-only"}), Catch::Contains("--verify-only"));
  CHECK_THAT(wrong({"keys", "-", "--policy", "-"}), Catch::Contains("standard input"));
  CHECK(typed({"keys", "--help"}).answer == cli::help_text(cli::keys_command));
  CHECK(wrong({"mtu"}) == cli::mtu_command.usage);
  CHECK_THAT(wrong({"mtu", "--suite", "aes128", "--keys", "x"}), Catch::Contains("exclude each other"));
  CHECK_THAT(*typed({"--help"}).answer, Catch::Contains("\n  mtu "));
  CHECK_THAT(*typed({"--help"}).answer, Catch::Contains("\n  keys                     show what key files hold"));
}

TEST_CASE("options: help fits a terminal of 100 columns and 50 lines") {
  for (const cli::Command& command : cli::commands()) {
    const std::string help = cli::help_text(command);
    CHECK(std::count(help.begin(), help.end(), '\n') <= 50);
    std::size_t begin = 0;
    while (begin < help.size()) {
      const std::size_t end = help.find('\n', begin);
      REQUIRE(end != std::string::npos);
      INFO(help.substr(begin, end - begin));
      CHECK(end - begin <= 100);
      begin = end + 1;
    }
  }
}

TEST_CASE("options: every option of a table is in its help, once, under its group") {
  for (const cli::Command& command : cli::commands()) {
    const std::string help = cli::help_text(command);
    std::set<std::string> names;
    for (const cli::OptionRow& row : command.options) {
      std::string shown{row.names};
      if (const std::size_t comma = shown.find(','); comma != std::string::npos) shown.replace(comma, 1, ", ");
      if (!row.value.empty()) shown += ' ' + std::string{row.value};
      INFO(shown);
      if (row.group.empty()) {
        CHECK(help.find(std::string{row.value} + "...") != std::string::npos);
        continue;
      }
      if (row.group == cli::seldom_wanted) {  // for the manual
        CHECK(help.find(shown) == std::string::npos);
        continue;
      }
      const std::size_t at = help.find(shown + ' ');
      REQUIRE(at != std::string::npos);
      CHECK(help.find(std::string{row.help}, at) != std::string::npos);
      CHECK(help.rfind("\n" + std::string{row.group} + ":\n", at) != std::string::npos);
      CHECK(names.insert(shown).second);
    }
  }
}

TEST_CASE("options: of those with words to choose from, all words are taken and no other one is") {
  std::size_t rows = 0;
  for (const cli::Command& command : cli::commands()) {
    for (const cli::OptionRow& row : command.options) {
      if (row.words.empty()) continue;
      ++rows;
      const std::string option{row.names.substr(row.names.find("--"))}, name{command.name};
      INFO(option);
      std::vector<const char*> words{"x", option.c_str(), "nonsense"};
      if (!name.empty()) words.insert(words.begin(), name.c_str());
      const Parsed refused = typed(words);
      REQUIRE(refused.error);
      CHECK(refused.error->find("'nonsense' is none of ") != std::string::npos);
      std::istringstream all{std::string{row.words}};
      for (std::string word; all >> word;) {
        INFO(word);
        CHECK(refused.error->find(word) != std::string::npos);
        words.back() = word.c_str();
        const Parsed taken = typed(words);
        CHECK((!taken.error || taken.error->find("is none of") == std::string::npos));
      }
    }
  }
  CHECK(rows >= 6);
}
