// A line through the medians of many short times: single packets are late for many reasons, half of them are not.
#include "analysis/gateway_clock.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace espdump {
namespace {

constexpr std::size_t most_bins = 32, least_bins = 4, least_in_bin = 8;
constexpr double most_drift = 0.001;      // no clock is as bad
constexpr double least_gain = 1'000'000;  // nanoseconds over the capture
constexpr std::int64_t least_span = 1'000'000'000;

struct Point {
  double time = 0, later = 0;
};

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::vector<Point> medians(const std::vector<ClockSample>& samples) {
  const std::size_t bins = std::min(most_bins, samples.size() / least_in_bin);
  std::vector<Point> out;
  out.reserve(bins);
  for (std::size_t bin = 0; bin < bins; ++bin) {
    const std::size_t from = samples.size() * bin / bins, to = samples.size() * (bin + 1) / bins;
    std::vector<double> later;
    later.reserve(to - from);
    for (std::size_t i = from; i < to; ++i)
      later.push_back(static_cast<double>(samples[i].later - samples.front().later));
    const std::int64_t middle = samples[from + (to - from) / 2].time - samples.front().time;
    out.push_back({static_cast<double>(middle), median(std::move(later))});
  }
  return out;
}

double slope(const std::vector<Point>& points) {
  Point mean;
  for (const Point& point : points) {
    mean.time += point.time / static_cast<double>(points.size());
    mean.later += point.later / static_cast<double>(points.size());
  }
  double over = 0, under = 0;
  for (const Point& point : points) {
    over += (point.time - mean.time) * (point.later - mean.later);
    under += (point.time - mean.time) * (point.time - mean.time);
  }
  return under > 0 ? over / under : 0;
}

// How far the points lie from the line, in the middle.
double unrest(const std::vector<Point>& points, double gain) {
  std::vector<double> rest;
  rest.reserve(points.size());
  for (const Point& point : points) rest.push_back(point.later - gain * point.time);
  const double middle = median(rest);
  for (double& value : rest) value = std::abs(value - middle);
  return median(std::move(rest));
}

}  // namespace

std::int64_t GatewayClock::offset(std::int64_t time) const {
  return shift + static_cast<std::int64_t>(drift * static_cast<double>(time - start));
}

double drift_of(std::vector<ClockSample>& samples) {
  std::sort(samples.begin(), samples.end(), [](const ClockSample& a, const ClockSample& b) { return a.time < b.time; });
  if (samples.size() < least_bins * least_in_bin) return 0;
  const std::vector<Point> points = medians(samples);
  const std::int64_t span = samples.back().time - samples.front().time;
  const double gain = slope(points);
  const double whole = std::abs(gain) * static_cast<double>(span);
  if (span < least_span || whole < least_gain || std::abs(gain) > most_drift) return 0;
  return whole > 6 * unrest(points, gain) ? gain : 0;
}

}  // namespace espdump
