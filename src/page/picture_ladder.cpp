#include <fmt/core.h>

#include <algorithm>

#include "page/markup.hpp"
#include "page/pictures.hpp"
#include "report/ike_view.hpp"

namespace espdump {
namespace {

constexpr double width = 960, left = 120, right = 945, head = 34, row_height = 34;
constexpr std::size_t most_rungs = 60, most_characters = 112;

std::string shortened(const std::string& text) {
  return text.size() <= most_characters ? text : text.substr(0, most_characters - 1) + "…";
}

void draw_rung(Svg& svg, const PageFacts& facts, const IkeRung& rung, double y) {
  const IkeMessage& message = *rung.message;
  const std::string text = rung_text(rung);
  const bool troubled = message.sealed == IkeSealed::bad_icv || message.contents.error() != nullptr;
  svg.begin_link(frame_anchor(message.frame, message.file, facts.many_files()),
                 fmt::format("frame {}: {}", message.frame, text));
  svg.text(left - 12, y + 4, fmt::format("{}  {:.3f} s", message.frame, facts.seconds(message.time)), "label",
           Svg::Anchor::end);
  svg.arrow(rung.by_initiator() ? left : right, y, rung.by_initiator() ? right : left, 1.5,
            troubled ? "arrow bad" : "arrow plain");
  svg.text((left + right) / 2, y - 7, shortened(text), troubled ? "label strong" : "label", Svg::Anchor::middle);
  svg.end_link();
}

void draw_silence(Svg& svg, const IkeRung& rung, double y) {
  svg.line(rung.by_initiator() ? left : right, y, (left + right) / 2, y, "silence");
  svg.text((left + right) / 2, y - 7, "no answer", "label bad", Svg::Anchor::middle);
}

}  // namespace

std::string draw_ladder(const PageFacts& facts, const IkeSa& sa) {
  const std::vector<IkeRung> rungs = rungs_of(sa);
  if (rungs.empty()) return {};
  const std::size_t drawn = std::min(rungs.size(), most_rungs), left_out = rungs.size() - drawn;
  double height = head + 8;
  for (std::size_t i = 0; i < rungs.size(); ++i) {
    if (i >= most_rungs / 2 && i < most_rungs / 2 + left_out) continue;
    height += row_height * (rungs[i].unanswered() ? 2 : 1);
  }
  height += left_out != 0 ? row_height : 0;
  Svg svg{width, height, fmt::format("Messages of IKE SA {}", ike_sa_name(sa.number)),
          "Time runs down. Each arrow is a message, with its frame and time at the left."};
  svg.text(left, 16, sa.initiator.to_string(), "strong", Svg::Anchor::middle);
  svg.text(right, 16, sa.responder.to_string(), "strong", Svg::Anchor::end);
  svg.line(left, head - 8, left, height, "axis");
  svg.line(right, head - 8, right, height, "axis");
  double y = head + row_height / 2;
  for (std::size_t i = 0; i < rungs.size(); ++i) {
    if (left_out != 0 && i == most_rungs / 2) {
      svg.text((left + right) / 2, y, fmt::format("… {} messages", left_out), "label", Svg::Anchor::middle);
      i += left_out;
      y += row_height;
    }
    draw_rung(svg, facts, rungs[i], y);
    y += row_height;
    if (!rungs[i].unanswered()) continue;
    draw_silence(svg, rungs[i], y);
    y += row_height;
  }
  return svg.end();
}

}  // namespace espdump
