// What one key file gives: SAs and IKE SAs for the tables, problems for the report. All importers of a file fill the
// same one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <espdump/keystore.hpp>

#include "keys/ike_table.hpp"
#include "keys/key_material.hpp"
#include "keys/problem_list.hpp"
#include "keys/sa_table.hpp"

namespace espdump::keys {

class Intake {
 public:
  Intake(std::string file, SecretArena& arena, SaTable& table, IkeTable& ike)
      : file_(file), problems_(std::move(file)), arena_(&arena), table_(&table), ike_(&ike) {}

  [[nodiscard]] SecretArena& arena() { return *arena_; }
  [[nodiscard]] SaTable& table() { return *table_; }

  // A format that was found in this file; several are named with " + " between them.
  void found(const std::string& format);
  void problem(std::size_t line, std::string text, bool serious = true) {
    problems_.add(line, std::move(text), serious);
  }
  // The same of something that one telling for a whole file is enough of.
  void problem_once(std::size_t line, const std::string& text, bool serious = true);
  // A line that no part of a format claims. Told once for a file, and only where one format was found in it:
  // among several, one's lines are unknown to the other.
  void unknown_line(std::size_t line, std::string_view word);
  void forget_unknown_lines() { unknown_lines_ = 0; }

  // One key of the SA that comes next. Of hidden and zero keys only the first of an SA is told.
  AlgorithmUse take(KeyReading reading, std::size_t line);
  // Counts the SA and hands it to the table; gives its index there.
  std::uint32_t add(SecurityAssociation sa, std::size_t line);

  // Whether there is room for more of IKE; where there is none, that is told. Asked before keys are decoded.
  bool has_room_for_ike(std::size_t line);
  // Hands keys of an IKE SA to the table; gives their index there, or nothing where they were left out.
  std::optional<std::uint32_t> add(IkeKeys keys, std::size_t line);
  void add(SharedSecret secret, std::size_t line);
  // What a log says of a negotiation, with its line there.
  void add(LoggedProposals);
  void add(LoggedSelectors);
  [[nodiscard]] IkeTable& ike() { return *ike_; }

  // What was found; the format is empty where nothing was.
  ImportReport finish();

 private:
  template <typename Entry>
  void add_logged(Entry);

  std::string file_, format_;
  ProblemList problems_;
  SecretArena* arena_;
  SaTable* table_;
  IkeTable* ike_;
  std::size_t formats_ = 0, records_ = 0, usable_ = 0;
  std::unordered_set<std::uint32_t> ike_keys_;  // indices: a set that stands in the file twice counts once
  bool told_key_ = false;                       // that the keys of this SA are hidden or zero
  std::size_t unknown_lines_ = 0, first_unknown_ = 0;
  std::string unknown_word_;
  std::vector<std::string> told_;
};

}  // namespace espdump::keys
