#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/append.hpp"
#include "page/markup.hpp"
#include "page/pictures.hpp"

namespace espdump {
namespace {

constexpr double width = 960, height = 220, left = 70, right = 945, top = 12, bottom = 185;

std::string rate_text(double bits) {
  constexpr std::array units{"bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s", "Pbit/s", "Ebit/s"};
  std::size_t unit = 0;
  for (; bits >= 1000 && unit + 1 < units.size(); ++unit) bits /= 1000;
  return fmt::format("{:.4g} {}", bits, units.at(unit));
}

}  // namespace

std::string draw_bytes(const PageFacts& facts) {
  const Timeline<ByteStep>& bytes = facts.tracks.bytes();
  if (bytes.used() < 2) return {};
  const double step = static_cast<double>(bytes.width()) / 1e9, start = facts.seconds(bytes.start());
  const auto rate = [&](std::uint64_t count) { return static_cast<double>(count) * 8 / step; };
  double most = 1;
  for (std::size_t i = 0; i < bytes.used(); ++i) most = std::max(most, rate(bytes[i].outer));
  const Scale x{start, start + step * static_cast<double>(bytes.used()), left, right}, y{0, most * 1.05, bottom, top};
  Svg svg{
      width, height, "Throughput over time",
      "The upper area is what IPsec packets take on the wire, the lower one what was inside those that were opened."};
  svg.time_axis(x, top, bottom);
  for (int i = 0; i < 10; ++i) {
    const double mark = y.step(4) * i;
    if (mark > y.to) break;
    svg.line(left, y(mark), right, y(mark), "grid");
    svg.text(left - 6, y(mark) + 4, rate_text(mark), "label", Svg::Anchor::end);
  }
  const auto outline = [&](auto count) {
    std::string points = fmt::format("{:.1f},{:.1f} ", left, bottom);
    for (std::size_t i = 0; i < bytes.used(); ++i) {
      const double height_here = y(rate(count(bytes[i])));
      for (const std::size_t side : {i, i + 1})
        append(points, "{:.1f},{:.1f} ", x(start + step * static_cast<double>(side)), height_here);
    }
    append(points, "{:.1f},{:.1f}", right, bottom);
    return points;
  };
  svg.area(outline([](const ByteStep& one) { return one.outer; }), "outer");
  svg.area(outline([](const ByteStep& one) { return one.inner; }), "inner");
  return svg.end();
}

}  // namespace espdump
