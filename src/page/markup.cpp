#include "page/markup.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/append.hpp"
#include "report/text_util.hpp"

namespace espdump {
namespace {

// U+200E and U+200F, U+202A to U+202E, U+2066 to U+2069: they turn the direction of what follows.
std::size_t direction_mark(std::string_view text) {
  if (text.size() < 3 || text[0] != '\xe2') return 0;
  const auto second = static_cast<unsigned char>(text[1]), third = static_cast<unsigned char>(text[2]);
  if (second == 0x80 && (third == 0x8e || third == 0x8f || (third >= 0xaa && third <= 0xae))) return third + 0x1f80U;
  return second == 0x81 && third >= 0xa6 && third <= 0xa9 ? third + 0x1fc0U : 0;
}

void add_title(std::string& out, std::string_view title) {
  if (!title.empty()) append(out, "<title>{}</title>", markup(title));
}

}  // namespace

std::string markup(std::string_view text) {
  const std::string safe = terminal_safe(text);
  std::string out;
  out.reserve(safe.size());
  for (std::size_t at = 0; at < safe.size(); ++at) {
    if (const std::size_t mark = direction_mark(std::string_view{safe}.substr(at)); mark != 0) {
      append(out, "\\u{:04x}", mark);
      at += 2;
      continue;
    }
    switch (safe[at]) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += safe[at];
    }
  }
  return out;
}

std::string prose(std::string_view text) {
  std::string out;
  bool in_code = false;
  while (!text.empty()) {
    const std::size_t end = text.find_first_of("`\n");
    out += markup(text.substr(0, end));
    if (end == std::string_view::npos) break;
    const bool closes = in_code || text.find('`', end + 1) != std::string_view::npos;
    if (text[end] == '\n')
      out += '\n';
    else if (!closes)
      out += '`';
    else
      out += (in_code = !in_code) ? "<code>" : "</code>";
    text.remove_prefix(end + 1);
  }
  return out;
}

// Only strings hold one, where it may be written so; "</script" and "<!--" do not come about.
std::string json_in_script(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (const char character : json)
    if (character == '<')
      out += "\\u003c";
    else
      out += character;
  return out;
}

std::string short_number(double number) {
  constexpr std::array units{"", "k", "M", "G", "T", "P", "E"};
  std::size_t unit = 0;
  while (number >= 10'000 && unit + 1 < units.size()) {
    number /= 1000;
    ++unit;
  }
  return fmt::format("{:.6g}{}", unit == 0 ? number : std::round(number * 10) / 10, units.at(unit));
}

std::string frame_anchor(std::uint64_t frame, std::uint16_t file, bool many_files) {
  return many_files ? fmt::format("#frame-{}-{}", file + 1, frame) : fmt::format("#frame-{}", frame);
}

double Scale::step(int count) const {
  const double least = (to - from) / count;
  if (!(least > 0)) return 1;
  const double power = std::pow(10, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= least) return factor * power;
  return 10 * power;
}

Svg::Svg(double width, double height, std::string_view title, std::string_view about) {
  append(out_, "<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"group\" aria-label=\"{}\"><title>{}</title><desc>{}</desc>",
         width, height, markup(title), markup(title), markup(about));
}

void Svg::line(double x1, double y1, double x2, double y2, std::string_view classes) {
  append(out_, "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" class=\"{}\"/>", x1, y1, x2, y2, classes);
}

void Svg::arrow(double x1, double y, double x2, double width, std::string_view classes) {
  const double head = 5 + width, back = x2 > x1 ? -head : head;
  append(out_,
         "<path d=\"M{:.1f} {:.1f}H{:.1f}\" stroke-width=\"{:.1f}\" class=\"{}\"/>"
         "<path d=\"M{:.1f} {:.1f}l{:.1f} {:.1f}v{:.1f}z\" class=\"{} head\"/>",
         x1, y, x2 + back / 2, width, classes, x2, y, back, -head / 2, head, classes);
}

void Svg::rectangle(double x, double y, double width, double height, std::string_view classes, std::string_view title) {
  append(out_, "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" class=\"{}\"", x, y,
         std::max(width, 0.5), std::max(height, 0.5), classes);
  if (title.empty()) {
    out_ += "/>";
    return;
  }
  out_ += '>';
  add_title(out_, title);
  out_ += "</rect>";
}

void Svg::area(std::string_view points, std::string_view classes) {
  append(out_, "<polygon points=\"{}\" class=\"{}\"/>", points, classes);
}

void Svg::text(double x, double y, std::string_view text, std::string_view classes, Anchor anchor) {
  constexpr std::array<std::string_view, 3> names{"", " text-anchor=\"middle\"", " text-anchor=\"end\""};
  append(out_, "<text x=\"{:.1f}\" y=\"{:.1f}\" class=\"{}\"{}>{}</text>", x, y, classes,
         names.at(static_cast<std::size_t>(anchor)), markup(text));
}

void Svg::mark(double x, double y, std::string_view shape, std::string_view classes, std::string_view title,
               std::string_view link) {
  if (!link.empty()) begin_link(link, title);
  append(out_, "<g transform=\"translate({:.1f} {:.1f})\" class=\"{}\">", x, y, classes);
  add_title(out_, title);
  if (shape == "cross") out_ += "<path d=\"M-4 -4L4 4M-4 4L4 -4\" class=\"stroke\"/>";
  if (shape == "triangle") out_ += "<path d=\"M0 -5L5 4H-5z\"/>";
  if (shape == "diamond") out_ += "<path d=\"M0 -5L5 0L0 5L-5 0z\"/>";
  if (shape == "ring") out_ += "<circle r=\"4\" class=\"stroke\"/>";
  if (shape == "dot") out_ += "<circle r=\"2.5\"/>";
  out_ += "</g>";
  if (!link.empty()) end_link();
}

void Svg::begin_link(std::string_view link, std::string_view label) {
  append(out_, "<a href=\"{}\" aria-label=\"{}\">", link, markup(label));
}

void Svg::time_axis(const Scale& x, double top, double bottom) {
  line(x.begin, bottom, x.end, bottom, "axis");
  const double step = x.step(8), first = std::ceil(x.from / step) * step;
  for (int i = 0; i < 20; ++i) {  // far from zero, steps may be too small for any difference
    const double mark = first + i * step;
    if (mark > x.to) break;
    line(x(mark), top, x(mark), bottom, "grid");
    text(x(mark), bottom + 15, fmt::format("{:.6g} s", mark), "label", Anchor::middle);
  }
}

std::string Svg::end() {
  out_ += "</svg>";
  return std::move(out_);
}

}  // namespace espdump
