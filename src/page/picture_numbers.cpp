#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "base/append.hpp"
#include "page/markup.hpp"
#include "page/pictures.hpp"

namespace espdump {
namespace {

constexpr double width = 960, height = 280, left = 70, right = 945, top = 12, bottom = 245;

struct Look {
  std::string_view shape, classes, word;
};

const Look& look_of(SaEvent::Kind kind) {
  static constexpr std::array<Look, SaEvent::kinds> looks{{{"cross", "mark bad", "bad ICV"},
                                                           {"triangle", "mark bad", "replay"},
                                                           {"diamond", "mark bad", "too late"},
                                                           {"dot", "mark dim", "out of order"}}};
  return looks.at(static_cast<std::size_t>(kind));
}

class Numbers {
 public:
  Numbers(const PageFacts& facts, const SaStatistics& sa, const SaTrack& track)
      : facts_(facts), sa_(sa), track_(track) {}

  std::string draw() {
    if (!find_scales()) return {};
    axes();
    window();
    accepted();
    gaps();
    for (const SaEvent& event : track_.events) draw(event);
    return svg_.end();
  }

 private:
  [[nodiscard]] double time_of(std::size_t step) const {
    const Timeline<NumberStep>& numbers = track_.numbers;
    return facts_.seconds(numbers.start()) + static_cast<double>(numbers.width()) / 1e9 * static_cast<double>(step);
  }

  // Whether there is anything to draw. What does not verify may claim any number: it does not stretch the picture.
  bool find_scales() {
    std::uint64_t least = ~std::uint64_t{0}, most = 0;
    for (std::size_t i = 0; i < track_.numbers.used(); ++i) {
      least = std::min(least, track_.numbers[i].least);
      most = std::max(most, track_.numbers[i].most);
    }
    double from = facts_.seconds(sa_.first_time), to = facts_.seconds(sa_.last_time);
    for (const SaEvent& event : track_.events) {
      from = std::min(from, facts_.seconds(event.time));
      to = std::max(to, facts_.seconds(event.time));
      if (event.kind == SaEvent::Kind::bad_icv && most >= least) continue;
      least = std::min(least, event.sequence);
      most = std::max(most, event.sequence);
    }
    if (most < least) return false;
    x_ = {from, to > from ? to : from + 0.001, left, right};
    const auto low = static_cast<double>(least), high = static_cast<double>(most);
    const double margin = std::max(1.0, (high - low) * 0.04);
    y_ = {low - margin, high + margin, bottom, top};
    return true;
  }

  void axes() {
    svg_.time_axis(x_, top, bottom);
    svg_.line(left, top, left, bottom, "axis");
    const double step = std::max(1.0, y_.step(5));
    for (int i = 0; i < 12; ++i) {
      const double mark = (std::floor(y_.from / step) + 1 + i) * step;
      if (mark > y_.to) break;
      svg_.line(left, y_(mark), right, y_(mark), "grid");
      svg_.text(left - 6, y_(mark) + 4, short_number(mark), "label", Svg::Anchor::end);
    }
    svg_.text(left - 6, top + 2, "number", "label", Svg::Anchor::end);
  }

  // What the receiver would still take: from the newest number so far down by the width of its window.
  void window() {
    const double size = sa_.association == nullptr ? 0 : sa_.association->replay_window;
    if (size == 0) return;
    std::string outline;
    std::vector<std::pair<double, double>> lower;
    double newest = 0;
    bool any = false;
    for (std::size_t i = 0; i < track_.numbers.used(); ++i) {
      if (!track_.numbers[i].empty()) {
        newest = std::max(newest, static_cast<double>(track_.numbers[i].most));
        any = true;
      }
      if (!any) continue;
      for (const std::size_t side : {i, i + 1}) {
        const double x = std::clamp(x_(time_of(side)), left, right);
        append(outline, "{:.1f},{:.1f} ", x, y_(std::min(newest, y_.to)));
        lower.emplace_back(x, y_(std::max(newest - size + 1, y_.from)));
      }
    }
    for (auto point = lower.rbegin(); point != lower.rend(); ++point)
      append(outline, "{:.1f},{:.1f} ", point->first, point->second);
    svg_.area(outline, "window");
  }

  void accepted() {
    for (std::size_t i = 0; i < track_.numbers.used(); ++i) {
      const NumberStep& step = track_.numbers[i];
      if (step.empty()) continue;
      const double x = x_(time_of(i)), y = y_(static_cast<double>(step.most));
      const double end = std::min(x_(time_of(i + 1)), right + 3);
      svg_.rectangle(x, y - 1.5, std::max(end - x, 3.0), y_(static_cast<double>(step.least)) - y + 3, "good");
    }
  }

  // Numbers that never came, where the next one did.
  void gaps() {
    for (const auto& [first, last] : sa_.gaps) {
      const auto number = static_cast<double>(first);
      if (number < y_.from || number > y_.to) continue;
      std::size_t step = 0;
      while (step + 1 < track_.numbers.used() && (track_.numbers[step].empty() || track_.numbers[step].most < first))
        ++step;
      const std::string title = first == last ? fmt::format("number {} never came", first)
                                              : fmt::format("numbers {} to {} never came", first, last);
      const double x = std::clamp(x_(time_of(step)), left, right);
      const double high = y_(std::min(static_cast<double>(last), y_.to));
      if (y_(number) - high > 6) svg_.rectangle(x - 1.5, high, 3, y_(number) - high, "warn", title);
      svg_.mark(x, (high + y_(number)) / 2, "ring", "mark warn", title);
    }
  }

  void draw(const SaEvent& event) {
    const Look& look = look_of(event.kind);
    const double number = std::clamp(static_cast<double>(event.sequence), y_.from, y_.to);
    svg_.mark(x_(facts_.seconds(event.time)), y_(number), look.shape, look.classes,
              fmt::format("{}: number {} in frame {}", look.word, event.sequence, event.frame),
              frame_anchor(event.frame, event.file, facts_.many_files()));
  }

  const PageFacts& facts_;
  const SaStatistics& sa_;
  const SaTrack& track_;
  Scale x_, y_;
  Svg svg_{width, height, fmt::format("Sequence numbers of #{} over time", sa_.number),
           "Bars: numbers accepted. Band: the receiver's replay window. Crosses: bad ICVs. Triangles: replays. "
           "Diamonds: too late. Rings: numbers that never came. Dots: out of order, inside the window."};
};

}  // namespace

std::string draw_numbers(const PageFacts& facts, const SaStatistics& sa) {
  const SaTrack* track = facts.tracks.of(sa.number);
  return track == nullptr ? std::string{} : Numbers{facts, sa, *track}.draw();
}

}  // namespace espdump
