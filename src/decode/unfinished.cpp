// What captures have in pieces and not whole, counted over several of them.
#include <algorithm>
#include <iterator>
#include <utility>

#include <espdump/decoder.hpp>

namespace espdump {
namespace {

// Of each kind, so that captures without number leave memory bounded. What is left beyond is counted by itself.
constexpr std::size_t most_states = 1U << 16U;

// Appends as many as there is room for; how many there was none for.
std::size_t append(std::vector<std::uint64_t>& to, const std::vector<std::uint64_t>& from) {
  const std::size_t count = std::min(from.size(), most_states - std::min(most_states, to.size()));
  to.insert(to.end(), from.begin(), from.begin() + static_cast<std::ptrdiff_t>(count));
  return from.size() - count;
}

std::vector<std::uint64_t> set_of(std::vector<std::uint64_t> states) {
  std::sort(states.begin(), states.end());
  states.erase(std::unique(states.begin(), states.end()), states.end());
  return states;
}

}  // namespace

void Unfinished::add(const Unfinished& other) {
  given_up += other.given_up + append(left, other.left);
  append(taken_on, other.taken_on);
}

std::uint64_t Unfinished::count() const {
  std::vector<std::uint64_t> missing;
  const std::vector<std::uint64_t> all = set_of(left), gone_on = set_of(taken_on);
  std::set_difference(all.begin(), all.end(), gone_on.begin(), gone_on.end(), std::back_inserter(missing));
  return given_up + missing.size();
}

}  // namespace espdump
