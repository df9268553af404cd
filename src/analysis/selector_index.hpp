// Values by what selectors cover: many SAs and many packets cost their sum.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <set>
#include <tuple>
#include <unordered_map>

#include <espdump/sa.hpp>

#include "analysis/traffic.hpp"
#include "base/packet_hash.hpp"

namespace espdump {

// The address with all but its first `bits` zero.
IpAddress first_bits(const IpAddress& address, std::size_t bits);

// Selectors are found by the prefixes of the traffic, one look for each pair of lengths that some selector has.
template <typename Value>
class SelectorIndex {
 public:
  // The value of a selector, made when none covers just the same.
  Value& operator[](const Selector& selector);
  // Gives take() the value of each selector that covers the traffic, in no order, until it answers true. Where ports
  // are not to be seen, no more than 64 of those that differ in their ports alone.
  template <typename Take>
  bool any_covering(const Traffic& traffic, Take take);
  template <typename Take>
  void for_each(Take take) {
    for (Entry& entry : entries_) take(entry.value);
  }

 private:
  // What a selector looks at.
  struct Shape {
    std::uint8_t source = 0, destination = 0;  // bits
    bool protocol = false, source_port = false, destination_port = false;
    [[nodiscard]] bool has_ports() const { return source_port || destination_port; }
    bool operator<(const Shape& other) const { return as_tuple() < other.as_tuple(); }
    [[nodiscard]] auto as_tuple() const {
      return std::tuple(source, destination, protocol, source_port, destination_port);
    }
  };
  struct Entry {
    Selector selector;
    Value value{};
  };
  using Table = std::unordered_multimap<std::uint64_t, Entry*>;
  static constexpr std::size_t most_without_ports = 64;

  static Shape shape_of(const Selector& selector) {
    return {selector.source.length, selector.destination.length, selector.protocol != 0,
            selector.source_port.has_value(), selector.destination_port.has_value()};
  }
  static std::uint64_t key_of(const Shape& shape, const Traffic& traffic, bool with_ports);
  static Traffic example(const Selector& selector) {
    return {selector.source.address, selector.destination.address, selector.protocol,
            selector.source_port,    selector.destination_port,    false};
  }

  std::deque<Entry> entries_;
  std::set<Shape> shapes_;
  Table whole_, without_ports_;  // the second: of those that have ports, by the rest
  Value nowhere_{};              // of selectors without addresses, which cover nothing
};

template <typename Value>
std::uint64_t SelectorIndex<Value>::key_of(const Shape& shape, const Traffic& traffic, bool with_ports) {
  std::array<std::uint8_t, 10> rest{shape.source, shape.destination, shape.protocol ? traffic.protocol : std::uint8_t{},
                                    static_cast<std::uint8_t>(traffic.source.family()),
                                    static_cast<std::uint8_t>(traffic.destination.family())};
  rest[5] = static_cast<std::uint8_t>(shape.protocol << 2 | shape.source_port << 1 | shape.destination_port << 0);
  if (with_ports && shape.source_port) write_u16(MutableBytes{rest}, 6, traffic.source_port.value_or(0));
  if (with_ports && shape.destination_port) write_u16(MutableBytes{rest}, 8, traffic.destination_port.value_or(0));
  return hosts_hash(first_bits(traffic.source, shape.source), first_bits(traffic.destination, shape.destination), rest);
}

template <typename Value>
Value& SelectorIndex<Value>::operator[](const Selector& selector) {
  const Traffic covered = example(selector);
  if (!covers(selector, covered)) return nowhere_;
  const Shape shape = shape_of(selector);
  const std::uint64_t key = key_of(shape, covered, true);
  const auto [from, to] = whole_.equal_range(key);
  for (auto it = from; it != to; ++it)
    if (covers(it->second->selector, covered)) return it->second->value;
  Entry& made = entries_.emplace_back();
  made.selector = selector;
  shapes_.insert(shape);
  whole_.emplace(key, &made);
  if (shape.has_ports()) without_ports_.emplace(key_of(shape, covered, false), &made);
  return made.value;
}

template <typename Value>
template <typename Take>
bool SelectorIndex<Value>::any_covering(const Traffic& traffic, Take take) {
  for (const Shape& shape : shapes_) {
    const bool unseen =
        (shape.source_port && !traffic.source_port) || (shape.destination_port && !traffic.destination_port);
    auto [it, end] = (unseen ? without_ports_ : whole_).equal_range(key_of(shape, traffic, !unseen));
    for (std::size_t looked = 0; it != end && looked < most_without_ports; ++it, ++looked)
      if (covers(it->second->selector, traffic) && take(it->second->value)) return true;
  }
  return false;
}

}  // namespace espdump
