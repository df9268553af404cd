// A reassembler for each capture: what a capture has in pieces is put together out of itself, whatever others that
// overlap with it have of the same. Only what was under way when it began it takes over from those before.
// So what is made of a capture does not depend on captures that begin later, and can be made without them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <list>
#include <optional>
#include <unordered_map>
#include <utility>

#include <espdump/decoder.hpp>

namespace espdump {

// A Reassembler can take_over() what another one has under way, tells what is unfinished() and its cost() in bytes,
// whether it is_idle() (has nothing to take over), and begins to count_anew().
template <typename Reassembler>
class PerCapture {
 public:
  // At the same time; what was longest without a piece makes room.
  static constexpr std::size_t most_captures = 256;
  static constexpr std::size_t most_bytes = 32U << 20;

  explicit PerCapture(std::function<Reassembler()> make) : make_(std::move(make)) {}

  // The first frame of this capture comes: what is under way in others is taken over.
  void begin(std::uint16_t capture) {
    std::optional<Reassembler> fresh;
    for (auto one = all_.rbegin(); one != all_.rend(); ++one) {
      if (one->second.is_idle()) continue;
      if (!fresh) fresh.emplace(make_());
      fresh->take_over(one->second);
    }
    if (fresh) insert(capture, std::move(*fresh));
  }

  // Valid until the next call.
  Reassembler& of(std::uint16_t capture) {
    if (all_.empty() || all_.back().first != capture) turn_to(capture);
    make_room();
    return all_.back().second;
  }
  [[nodiscard]] std::size_t captures() const { return all_.size(); }

  [[nodiscard]] Unfinished unfinished() const {
    Unfinished out = gone_;
    for (const auto& [capture, reassembler] : all_)
      if (capture < counted_) out.add(reassembler.unfinished());
    return out;
  }

  // unfinished() is of what comes from here on, in the first `captures`.
  void count_anew(std::size_t captures) {
    counted_ = captures;
    gone_ = {};
    for (auto& [capture, reassembler] : all_) reassembler.count_anew();
  }

 private:
  using All = std::list<std::pair<std::uint16_t, Reassembler>>;  // the one in use is the last

  void insert(std::uint16_t capture, Reassembler&& reassembler) {
    if (!all_.empty()) others_cost_ += all_.back().second.cost();
    all_.emplace_back(capture, std::move(reassembler));
    places_.emplace(capture, std::prev(all_.end()));
    make_room();
  }

  void turn_to(std::uint16_t capture) {
    const auto place = places_.find(capture);
    if (place == places_.end()) return insert(capture, make_());
    others_cost_ += all_.back().second.cost();
    others_cost_ -= place->second->second.cost();
    all_.splice(all_.end(), all_, place->second);
  }

  // What goes could only have been finished by a capture that is read all the time.
  void make_room() {
    while (all_.size() > 1 && (all_.size() > most_captures || others_cost_ + all_.back().second.cost() > most_bytes)) {
      const auto& [capture, reassembler] = all_.front();
      if (capture < counted_) gone_.add(reassembler.unfinished());
      others_cost_ -= reassembler.cost();
      places_.erase(capture);
      all_.pop_front();
    }
  }

  std::function<Reassembler()> make_;
  All all_;
  std::unordered_map<std::uint16_t, typename All::iterator> places_;
  std::size_t others_cost_ = 0;  // of all but the last
  std::size_t counted_ = SIZE_MAX;
  Unfinished gone_;  // of those that made room
};

}  // namespace espdump
