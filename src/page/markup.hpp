// Writing HTML and SVG: everything that comes from outside goes through markup().
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <espdump/address.hpp>

namespace espdump {

// Text fit to stand between tags and inside quoted attributes. Valid UTF-8; characters that control a terminal or the
// direction of text are shown by their numbers.
std::string markup(std::string_view text);

// The same of sentences in which `code` stands between backticks; newlines stay.
std::string prose(std::string_view text);

// JSON fit to stand inside a script element.
std::string json_in_script(std::string_view json);

// "1.3k", "12M": a count in few characters.
std::string short_number(double number);

// Where a link to a frame leads.
std::string frame_anchor(std::uint64_t frame, std::uint16_t file, bool many_files);

// From values to places on a picture.
struct Scale {
  double from = 0, to = 1, begin = 0, end = 1;
  [[nodiscard]] double operator()(double value) const {
    return to == from ? (begin + end) / 2 : begin + (value - from) / (to - from) * (end - begin);
  }
  // A round distance between marks, so that there are about `count`.
  [[nodiscard]] double step(int count) const;
};

// An SVG picture under construction. Classes name what something means; the style sheet gives it its colour.
class Svg {
 public:
  // `title` is what a screen reader says of it, `about` what it says next. Plain text.
  Svg(double width, double height, std::string_view title, std::string_view about);

  void line(double x1, double y1, double x2, double y2, std::string_view classes);
  void arrow(double x1, double y, double x2, double width, std::string_view classes);
  // `title`: what is told of it under the mouse; plain text, may be empty.
  void rectangle(double x, double y, double width, double height, std::string_view classes,
                 std::string_view title = {});
  // `points` as SVG writes them: "1,2 3,4".
  void area(std::string_view points, std::string_view classes);
  enum class Anchor : std::uint8_t { start, middle, end };
  void text(double x, double y, std::string_view text, std::string_view classes = {}, Anchor anchor = Anchor::start);
  // A small figure around a place; one of "cross", "triangle", "diamond", "ring" and "dot".
  void mark(double x, double y, std::string_view shape, std::string_view classes, std::string_view title,
            std::string_view link = {});
  // All until end_link() leads there; `label` is plain text.
  void begin_link(std::string_view link, std::string_view label);
  void end_link() { out_ += "</a>"; }

  // An axis of time at the bottom of `x`'s range, with seconds since `start`.
  void time_axis(const Scale& x, double top, double bottom);

  // The whole of it; nothing may be added after that.
  std::string end();

 private:
  std::string out_;
};

}  // namespace espdump
