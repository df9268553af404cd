// What exporters have to say of SAs and IKE SAs.
#pragma once

#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include <espdump/keystore.hpp>

#include "base/packet_hash.hpp"

namespace espdump::keys {

class ExportNotes {
 public:
  void add(const SecurityAssociation& sa, std::string text) { notes_.push_back({sa.file, sa.line, std::move(text)}); }
  void add(const IkeKeys& keys, std::string text) { notes_.push_back({keys.file, keys.line, std::move(text)}); }
  // Not in the output at all.
  void left_out(const SecurityAssociation& sa, const std::string& why) { add(sa, why + "; SA left out"); }
  void left_out(const IkeKeys& keys, const std::string& why) { add(keys, why + "; IKE SA left out"); }
  std::vector<ImportProblem> take() { return std::move(notes_); }

 private:
  std::vector<ImportProblem> notes_;
};

// Tells SAs that are named as one before was, as after a rekey that used an SPI again.
class Generations {
 public:
  bool is_first(std::string name) { return names_.insert(std::move(name)).second; }

 private:
  std::unordered_set<std::string, SecretHash> names_;
};

}  // namespace espdump::keys
