// What an analyser keeps for each SA, found by its number without a search.
#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include <espdump/packet.hpp>

namespace espdump {

// A map by SA number with a direct way to its values: numbers count from 1, and packets of thousands of SAs come mixed.
template <typename Value>
class BySa {
 public:
  using Map = std::map<SaNumber, Value>;
  explicit BySa(Map& map) : map_(map) {}

  Value& operator[](SaNumber number) {
    if (number >= places_.size()) places_.resize(std::size_t{number} + 1 + places_.size() / 2);
    Value*& place = places_[number];
    if (place == nullptr) place = &map_[number];
    return *place;
  }

 private:
  Map& map_;
  std::vector<Value*> places_;
};

}  // namespace espdump
