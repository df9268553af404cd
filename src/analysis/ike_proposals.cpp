#include "analysis/ike_proposals.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include <espdump/wire/ikev2_names.hpp>

namespace espdump {
namespace {

namespace transform = wire::ike_transform;
using Transforms = std::vector<wire::IkeTransform>;

// None is as good as no transform of that type.
Transforms of_type(const IkeOffer& offer, std::uint8_t type) {
  Transforms out;
  const bool zero_is_none = type != transform::sequence_numbers;
  for (const wire::IkeTransform& it : offer.transforms)
    if (it.type == type && (it.id != 0 || !zero_is_none)) out.push_back(it);
  return out;
}

std::string words(const Transforms& transforms) {
  std::string out;
  for (const wire::IkeTransform& it : transforms) out += (out.empty() ? "" : ", ") + wire::swanctl_keyword(it);
  return out.empty() ? "none" : out;
}

std::string type_word(std::uint8_t type) {
  switch (type) {
    case transform::encryption: return "encryption";
    case transform::prf: return "pseudorandom function";
    case transform::integrity: return "integrity";
    case transform::key_exchange: return "key exchange group";
    case transform::sequence_numbers: return "sequence numbers";
    default:
      return type >= transform::additional_ke_first && type <= transform::additional_ke_last
                 ? fmt::format("additional key exchange {}", type - transform::additional_ke_first + 1)
                 : fmt::format("transform type {}", type);
  }
}

struct Comparison {
  Transforms common;
  std::string apart;  // words for what is not
  std::size_t types_apart = 0;
};

Comparison compare(const IkeOffer& offered, const IkeOffer& taken) {
  std::set<std::uint8_t> types;
  for (const IkeOffer* offer : {&offered, &taken})
    for (const wire::IkeTransform& it : offer->transforms) types.insert(it.type);
  Comparison out;
  for (const std::uint8_t type : types) {
    const Transforms one = of_type(offered, type), two = of_type(taken, type);
    const std::size_t before = out.common.size();
    for (const wire::IkeTransform& it : one)
      if (std::find(two.begin(), two.end(), it) != two.end()) out.common.push_back(it);
    if (out.common.size() != before || (one.empty() && two.empty())) continue;
    ++out.types_apart;
    out.apart +=
        fmt::format("{}{} ({} against {})", out.apart.empty() ? "" : ", ", type_word(type), words(one), words(two));
  }
  return out;
}

std::optional<Comparison> closest(const std::vector<IkeOffer>& offered, const std::vector<IkeOffer>& taken) {
  constexpr std::size_t most = 32;  // of each; both lists are written by hand
  std::optional<Comparison> best;
  for (std::size_t i = 0; i < offered.size() && i < most; ++i)
    for (std::size_t j = 0; j < taken.size() && j < most; ++j) {
      if (offered[i].protocol != taken[j].protocol) continue;
      Comparison one = compare(offered[i], taken[j]);
      const bool closer = !best || one.types_apart < best->types_apart ||
                          (one.types_apart == best->types_apart && one.common.size() > best->common.size());
      if (closer) best = std::move(one);
    }
  return best;
}

}  // namespace

std::vector<IkeOffer> offers_of(const std::vector<wire::IkeProposal>& proposals) {
  std::vector<IkeOffer> out;
  out.reserve(proposals.size());
  for (const wire::IkeProposal& proposal : proposals)
    out.push_back({proposal.number, proposal.protocol, 0, proposal.transforms});
  return out;
}

bool same_offers(const std::vector<IkeOffer>& one, const std::vector<IkeOffer>& two) {
  const auto by_type = [](Transforms transforms) {
    std::stable_sort(transforms.begin(), transforms.end(),
                     [](const wire::IkeTransform& a, const wire::IkeTransform& b) { return a.type < b.type; });
    return transforms;
  };
  return std::equal(one.begin(), one.end(), two.begin(), two.end(), [&](const IkeOffer& a, const IkeOffer& b) {
    return a.protocol == b.protocol && by_type(a.transforms) == by_type(b.transforms);
  });
}

std::string in_common_text(const std::vector<IkeOffer>& offered, const std::vector<IkeOffer>& taken) {
  const auto best = closest(offered, taken);
  if (!best) return {};
  if (best->types_apart == 0)
    return fmt::format("They have {} in common, so that something else was the reason.", words(best->common));
  return fmt::format("In common: {}. Not in common: {}.", best->common.empty() ? "nothing" : words(best->common),
                     best->apart);
}

}  // namespace espdump
