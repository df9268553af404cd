// The kinds of options there are, by where their values go.
#pragma once

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "cli/command.hpp"

namespace espdump::cli {

// A member of the options of its command.
template <typename T, typename OfCommand>
T& member(Options& options, T OfCommand::*which) {
  return std::get<OfCommand>(options).*which;
}

// A flag that sets a bool.
template <auto Member>
void flag(CLI::App& app, const OptionRow& row, Options& options) {
  app.add_flag(std::string{row.names}, member(options, Member), std::string{row.help});
}

// An option whose value goes to a member as it is; a vector may be given several times.
template <auto Member>
void value(CLI::App& app, const OptionRow& row, Options& options) {
  app.add_option(std::string{row.names}, member(options, Member), std::string{row.help});
}

// One file each time, or a file behind it that stands alone would count as another.
template <auto Member>
void files(CLI::App& app, const OptionRow& row, Options& options) {
  app.add_option(std::string{row.names}, member(options, Member), std::string{row.help})
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
}

// An option with the words of its row to choose from; what they stand for, in the same order.
template <typename T>
void choice(CLI::App& app, const OptionRow& row, T& target, const std::vector<T>& values) {
  std::map<std::string, T> words;
  std::istringstream names{std::string{row.words}};
  auto value = values.begin();
  for (std::string name; value != values.end() && names >> name; ++value) words.emplace(name, *value);
  app.add_option_function<std::string>(
         std::string{row.names}, [&target, words](const std::string& word) { target = words.at(word); },
         std::string{row.help})
      ->check([words](const std::string& word) {
        if (words.count(word) != 0) return std::string{};
        std::string legal;
        for (const auto& [name, ignored] : words) legal += (legal.empty() ? "" : ", ") + name;
        return "'" + word + "' is none of " + legal;
      });
}

// Of every command that reads what strangers wrote.
template <auto Member>
constexpr OptionRow no_sandbox_row{"--no-sandbox", "", "Input",
                                   "keep all rights while strangers' bytes are read: for debugging", flag<Member>};

// How often standard input is named among files.
inline std::ptrdiff_t standard_inputs(const std::vector<std::string>& files) {
  return std::count(files.begin(), files.end(), "-");
}

}  // namespace espdump::cli
