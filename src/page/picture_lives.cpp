#include <espdump/wire/ikev2_names.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "base/append.hpp"
#include "page/markup.hpp"
#include "page/pictures.hpp"
#include "report/ike_view.hpp"

namespace espdump {
namespace {

constexpr double width = 960, left = 190, right = 945, row_height = 20, top = 10;
constexpr std::size_t most_rows = 60, most_children = 256;  // of an IKE SA, that are looked for

constexpr std::size_t most_exchanges = 120;  // of an IKE SA, that are drawn

struct Exchange {
  Timestamp time;
  std::string title, link;
};

struct Life {
  std::string name, title, link;
  std::string_view classes;
  Timestamp from, to;
  Timestamp made{}, ended{};  // by IKE
  bool is_made = false, is_ended = false;
  std::vector<Exchange> exchanges{};
};

Life life_of(const SaStatistics& sa, const IkeChild* child) {
  Life out{fmt::format("#{} {} 0x{:08x}", sa.number, to_string(sa.protocol), sa.spi),
           fmt::format("#{}: packets in frames {} to {}", sa.number, sa.first_frame, sa.last_frame),
           fmt::format("#sa-{}", sa.number),
           verdict_class(sa),
           sa.first_time,
           sa.last_time};
  if (child == nullptr) return out;
  out.made = child->made;
  out.is_made = true;
  out.ended = child->ended;
  out.is_ended = child->end != IkeChildEnd::none;
  return out;
}

std::vector<Exchange> exchanges_of(const IkeSa& sa, bool many_files) {
  std::vector<Exchange> out;
  for (const IkeExchange& exchange : sa.exchanges) {
    const IkeMessage* message = exchange.request    ? &*exchange.request
                                : exchange.response ? &*exchange.response
                                                    : nullptr;
    if (message == nullptr || out.size() == most_exchanges) continue;
    out.push_back({message->time,
                   fmt::format("{} {} in frame {}", wire::ike_exchange_name(sa.major_version, exchange.type),
                               exchange.message_id, message->frame),
                   frame_anchor(message->frame, message->file, many_files)});
  }
  return out;
}

Life life_of(const IkeSa& sa, bool many_files) {
  Life out{fmt::format("IKE {}", ike_sa_name(sa.number)),
           fmt::format("{}: {}, messages in frames {} to {}", ike_sa_name(sa.number), to_string(sa.state),
                       sa.first_frame, sa.last_frame),
           fmt::format("#ike-{}", sa.number),
           sa.state == IkeState::failed || sa.state == IkeState::half_open ? "bad" : "dim",
           sa.first_time,
           sa.last_time};
  out.exchanges = exchanges_of(sa, many_files);
  return out;
}

// Each IKE SA, behind it the SAs that it made, then those of which no exchange is there.
std::vector<Life> lives_of(const PageFacts& facts) {
  std::vector<Life> out;
  std::set<SaNumber> drawn;
  for (const IkeSa* ike : facts.ike_sas) {
    if (out.size() >= most_rows) return out;
    out.push_back(life_of(*ike, facts.many_files()));
    for (std::size_t i = 0; i < ike->children.size() && i < most_children && out.size() < most_rows; ++i)
      for (const SaStatistics* sa : sas_of(ike->children[i], facts.sas))
        if (drawn.insert(sa->number).second && out.size() < most_rows) out.push_back(life_of(*sa, &ike->children[i]));
  }
  for (const SaStatistics& sa : facts.sas)
    if (out.size() < most_rows && drawn.count(sa.number) == 0) out.push_back(life_of(sa, nullptr));
  return out;
}

void draw_life(Svg& svg, const Life& life, const PageFacts& facts, const Scale& x, double y) {
  const double middle = y + row_height / 2;
  svg.begin_link(life.link, life.title);
  svg.text(left - 8, middle + 4, life.name, "label", Svg::Anchor::end);
  svg.end_link();
  const double from = x(facts.seconds(life.is_made ? life.made : life.from));
  const double to = x(facts.seconds(life.is_ended ? life.ended : life.to));
  svg.line(std::min(from, to), middle, std::max(from, to), middle, "axis");
  const double begin = x(facts.seconds(life.from));
  svg.rectangle(begin, middle - 5, std::max(x(facts.seconds(life.to)) - begin, 2.0), 10, life.classes, life.title);
  for (const Exchange& exchange : life.exchanges) {
    svg.begin_link(exchange.link, exchange.title);
    svg.rectangle(x(facts.seconds(exchange.time)) - 1, middle - 8, 2, 16, "exchange", exchange.title);
    svg.end_link();
  }
  if (life.is_made) svg.mark(from, middle, "dot", "mark dim", "made by IKE");
  if (life.is_ended) svg.mark(to, middle, "cross", "mark dim", "deleted by IKE");
}

}  // namespace

std::string draw_lives(const PageFacts& facts) {
  const std::vector<Life> lives = lives_of(facts);
  if (lives.size() < 2) return {};
  const double bottom = top + row_height * static_cast<double>(lives.size());
  Svg svg{
      width, bottom + 26, "Lives of SAs",
      "A row for each IKE SA and each SA: a bar from its first packet to its last, a dot where IKE made it, a cross "
      "where IKE deleted it. Strokes on the bar of an IKE SA are its exchanges."};
  double from = 0, to = 0;
  for (const Life& life : lives) {
    from = std::min(from, facts.seconds(life.from));
    to = std::max(to, facts.seconds(life.to));
  }
  const Scale x{from, to > from ? to : from + 0.001, left, right};
  svg.time_axis(x, top, bottom);
  double y = top;
  for (const Life& life : lives) {
    draw_life(svg, life, facts, x, y);
    y += row_height;
  }
  std::string out = svg.end();
  if (const std::size_t all = facts.sas.size() + facts.ike_sas.size(); lives.size() == most_rows && all > most_rows)
    append(out, "<p>… and {} more.</p>", all - most_rows);
  return out;
}

}  // namespace espdump
