#include "partial/names.hpp"

#include <fmt/core.h>

#include <espdump/codes.hpp>
#include <espdump/dissector.hpp>

namespace espdump::partial {
namespace {

// Some codes have two rows.
std::string name_of(const FindingInfo& info) { return fmt::format("{} {}", info.code, to_string(info.severity)); }
std::string name_of(const Protocol& protocol) { return std::string{protocol.name}; }
std::string name_of(const AlgorithmInfo& info) { return fmt::format("{} {}", static_cast<int>(info.kind), info.xfrm); }

template <typename T>
std::vector<std::string> names_of(const std::vector<const T*>& list) {
  std::vector<std::string> out;
  for (std::size_t i = 1; i < list.size(); ++i) out.push_back(list[i] == nullptr ? std::string{} : name_of(*list[i]));
  return out;
}

template <typename T>
std::vector<const T*> find_all(const std::vector<std::string>& names, const std::vector<const T*>& own) {
  std::vector<const T*> out{nullptr};
  for (const std::string& name : names) {
    const T* found = nullptr;
    for (const T* one : own)
      if (one != nullptr && name_of(*one) == name) found = one;
    out.push_back(found);
  }
  return out;
}

}  // namespace

Names Names::own() {
  Names out;
  for (const Dissector* dissector : all_dissectors()) out.protocols.push_back(dissector);
  for (const FindingInfo* info : codes::all()) out.codes.push_back(info);
  for (const AlgorithmInfo& info : all_algorithms()) out.algorithms.push_back(&info);
  out.index();
  return out;
}

Names Names::of(const std::vector<std::string>& protocols, const std::vector<std::string>& codes,
                const std::vector<std::string>& algorithms) {
  const Names own = Names::own();
  Names out;
  out.protocols = find_all(protocols, own.protocols);
  out.codes = find_all(codes, own.codes);
  out.algorithms = find_all(algorithms, own.algorithms);
  out.index();
  return out;
}

void Names::index() {
  for (std::size_t i = 1; i < protocols.size(); ++i) numbers_.emplace(protocols[i], i);
  for (std::size_t i = 1; i < codes.size(); ++i) numbers_.emplace(codes[i], i);
  for (std::size_t i = 1; i < algorithms.size(); ++i) numbers_.emplace(algorithms[i], i);
  numbers_[nullptr] = 0;
}

std::vector<std::string> Names::protocol_names() const { return names_of(protocols); }
std::vector<std::string> Names::code_names() const { return names_of(codes); }
std::vector<std::string> Names::algorithm_names() const { return names_of(algorithms); }

std::uint64_t Names::number_of(const Protocol* protocol) const { return numbers_.at(protocol); }
std::uint64_t Names::number_of(const FindingInfo* info) const { return numbers_.at(info); }
std::uint64_t Names::number_of(const AlgorithmInfo* info) const { return numbers_.at(info); }

}  // namespace espdump::partial
