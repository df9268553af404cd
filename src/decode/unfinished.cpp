// What captures have in pieces and not whole, counted over several of them.
#include <algorithm>
#include <iterator>
#include <utility>

#include <espdump/decoder.hpp>

namespace espdump {
namespace {

// Appends as many as there is room for; how many there was none for.
std::size_t append(std::vector<std::uint64_t>& to, const std::vector<std::uint64_t>& from) {
  const std::size_t count =
      std::min(from.size(), Unfinished::most_states - std::min(Unfinished::most_states, to.size()));
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
