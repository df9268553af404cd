#include <espdump/explanation.hpp>

#include "packet/explanations.hpp"

namespace espdump {

const Explanation* explanation_of(std::string_view code) noexcept {
  using namespace explanations;
  for (const auto& part : {esp(), keys(), ike(), sizes(), gateway()})
    for (const Explanation& one : part)
      if (one.code == code) return &one;
  return nullptr;
}

}  // namespace espdump
