// The report on IKE: a paragraph for each IKE SA with its Child SAs, and its exchanges as a ladder where something is
// wrong.
#include <espdump/wire/ikev2_names.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "analysis/ike_lives.hpp"
#include "report/ike_view.hpp"
#include "report/text.hpp"
#include "report/text_util.hpp"

namespace espdump {
namespace {

constexpr std::size_t most_sas = 40, most_children = 8, most_rungs = 40;

double seconds(Timestamp from, Timestamp to) { return static_cast<double>(to.nanoseconds - from.nanoseconds) / 1e9; }

std::string state_text(const IkeSa& sa) {
  if (sa.major_version == 1) return "IKEv1";
  std::string out{to_string(sa.state)};
  if (sa.rekeyed_to != 0) out += ", rekeyed as " + ike_sa_name(sa.rekeyed_to);
  if (sa.rekeyed_from != 0) out += ", a rekeying of " + ike_sa_name(sa.rekeyed_from);
  if (sa.collided_with != 0) out += fmt::format(" by both ends at once (see {})", ike_sa_name(sa.collided_with));
  if (sa.unreadable != 0 && !sa.has_keys) out += sa.refused != 0 ? ", wrong keys" : ", no keys for it";
  return out;
}

std::string children_text(const IkeSa& sa, const std::vector<SaStatistics>& sas) {
  std::string out;
  std::size_t told = 0;
  for (const IkeChild& child : sa.children) {
    if (told++ == most_children) return out + fmt::format(" … (+{})", sa.children.size() - most_children);
    std::string numbers;
    for (const SaStatistics* ipsec : sas_of(child, sas))
      numbers += fmt::format("{}#{}", numbers.empty() ? "" : "/", ipsec->number);
    const std::string_view packets = numbers.empty() ? " (no packets)" : "";
    if (numbers.empty()) numbers = fmt::format("0x{:08x}/0x{:08x}", child.responder_spi, child.initiator_spi);
    out += fmt::format("{}{} {}{}", out.empty() ? "" : ", ", numbers,
                       child.mode == SaMode::beet ? "BEET" : to_string(child.mode), packets);
  }
  return out;
}

std::string head(const IkeSa& sa, const std::vector<SaStatistics>& sas) {
  std::string out = fmt::format("{}  {} > {}  {}", ike_sa_name(sa.number), sa.initiator.to_string(),
                                sa.responder.to_string(), state_text(sa));
  if (const std::string_view nat = nat_text(sa.nat); !nat.empty()) out += fmt::format(", {}", nat);
  if (const std::string chosen = chosen_text(sa.chosen); !chosen.empty()) out += ", " + chosen;
  if (const std::string children = children_text(sa, sas); !children.empty())
    out += (sa.children.size() == 1 ? ", child " : ", children ") + children;
  return out;
}

// When a Child SA lived, and what it carries.
std::string child_line(const IkeChild& child, const std::vector<SaStatistics>& sas) {
  std::string out =
      fmt::format("0x{:08x}/0x{:08x} since frame {}", child.responder_spi, child.initiator_spi, child.made_frame);
  if (child.rekeys != 0) out += fmt::format(", in place of 0x{:08x}", child.rekeys);
  if (child.collided) out += " (both ends rekeyed at once)";
  if (child.end != IkeChildEnd::none)
    out +=
        fmt::format(", deleted in frame {}{} after {:.1f} s", child.ended_frame,
                    child.end == IkeChildEnd::ike_deleted ? " with its IKE SA" : "", seconds(child.made, child.ended));
  FrameNumber first = 0, last = 0;
  for (const SaStatistics* ipsec : sas_of(child, sas)) {
    first = first == 0 ? ipsec->first_frame : std::min(first, ipsec->first_frame);
    last = std::max(last, ipsec->last_frame);
  }
  if (first != 0)
    out += fmt::format("; packets in frames {}-{}{}", first, last,
                       first < child.made_frame ? ", the first before the exchange ended" : "");
  const auto list = [](const std::vector<wire::TrafficSelector>& selectors) {
    std::string text;
    for (const wire::TrafficSelector& selector : selectors)
      text += (text.empty() ? "" : " ") + wire::to_string(selector);
    return text;
  };
  if (!child.initiator_selectors.empty())
    out += fmt::format("; {} === {}", list(child.initiator_selectors), list(child.responder_selectors));
  if (child.narrowed())
    out += fmt::format(" of {} === {} asked for", list(child.asked_initiator_selectors),
                       list(child.asked_responder_selectors));
  return out;
}

// The requests of one end, where there is something to say of them.
std::string requests_text(const IpAddress& host, const IkeRequests& requests) {
  const bool crowded = requests.at_once > requests.window;
  if (!crowded && requests.missing == 0 && requests.window == 1) return {};
  std::string out =
      fmt::format("{} began {} exchange{}", host.to_string(), requests.count, requests.count == 1 ? "" : "s");
  if (requests.answered < requests.count) out += fmt::format(", {} answered", requests.answered);
  if (requests.sent_again != 0) out += fmt::format(", {} sent again", requests.sent_again);
  if (requests.missing != 0) out += fmt::format("; {} between them not in the capture", requests.missing);
  if (requests.window != 1) out += fmt::format("; the other end takes {} at once", requests.window);
  if (crowded)
    out += fmt::format("; {} were under way at once, though the other end takes {} (SET_WINDOW_SIZE)", requests.at_once,
                       requests.window);
  return out;
}

// Time runs down; the arrows point the way that messages went.
void print_ladder(const IkeSa& sa, Timestamp start, Output& out, const Palette& palette) {
  const std::vector<IkeRung> rungs = rungs_of(sa);
  out.write(fmt::format("      {}\n", palette.quiet(fmt::format("{} (left) and {} (right)", sa.initiator.to_string(),
                                                                sa.responder.to_string()))));
  for (std::size_t i = 0; i < rungs.size(); ++i) {
    if (rungs.size() > most_rungs && i == most_rungs / 2) {
      const std::size_t left_out = rungs.size() - most_rungs;
      out.write(fmt::format("      … {} messages\n", left_out));
      i += left_out;
    }
    const IkeRung& rung = rungs[i];
    const bool to_right = rung.by_initiator();
    out.write(fmt::format("      {:>5} {:>9.3f}  {}  {}{}\n", rung.message->frame, seconds(start, rung.message->time),
                          to_right ? "-->" : "<--", rung.response ? "  " : "", rung_text(rung)));
    if (rung.unanswered())
      out.write(
          fmt::format("      {:>5} {:>9}  {}  {}\n", "", "", to_right ? "<--" : "-->", palette.warning("  no answer")));
  }
}

// Without keys a rekeying cannot be seen: it is sealed by the IKE SA that it replaces.
std::string beside_text(const IkeSa& sa, const std::string& twin) {
  if (sa.initiator_id || sa.responder_id) return fmt::format("stands beside {} between the same peers", twin);
  return fmt::format("replaces {} between the same peers or stands beside it: what tells that is sealed", twin);
}

// What else is to be known of an IKE SA, a line each.
std::vector<std::string> remarks(const IkeSa& sa, const std::vector<const IkeSa*>& all) {
  std::vector<std::string> out;
  if (sa.initiator_id || sa.responder_id)
    out.push_back(fmt::format("'{}' === '{}'", sa.initiator_id.value_or("?"), sa.responder_id.value_or("?")));
  if (const IkeSa* twin = twin_of(sa, all)) out.push_back(beside_text(sa, ike_sa_name(twin->number)));
  if (const std::uint32_t lifetime = auth_lifetime(sa); lifetime != 0)
    out.push_back(fmt::format(
        "to be authenticated again within {} s (AUTH_LIFETIME){}", lifetime,
        ended_for_good(sa, all) ? fmt::format("; deleted after {:.1f} s", seconds(sa.first_time, sa.last_time)) : ""));
  const auto add_requests = [&](const IpAddress& host, const IkeRequests& requests) {
    if (std::string text = requests_text(host, requests); !text.empty()) out.push_back(std::move(text));
  };
  if (sa.major_version == 2) {
    add_requests(sa.initiator, sa.by_initiator);
    add_requests(sa.responder, sa.by_responder);
  }
  return out;
}

// One that is not just there: rekeyed or deleted.
bool is_eventful(const IkeSa& sa) {
  return sa.children.size() > 1 || std::any_of(sa.children.begin(), sa.children.end(),
                                               [](const IkeChild& child) { return child.end != IkeChildEnd::none; });
}

}  // namespace

void print_ike(const Decoder& decoder, const std::vector<SaStatistics>& sas, const IkeSectionOptions& options,
               Output& out, const Palette& palette) {
  const std::vector<const IkeSa*> all = decoder.ike_sas();
  if (all.empty()) return;
  out.write("\n" + palette.heading("IKE") + "\n");
  for (std::size_t i = 0; i < all.size() && i < most_sas; ++i) {
    const IkeSa& sa = *all[i];
    out.write(palette.paragraph(head(sa, sas), 2, 2));
    for (const std::string& remark : remarks(sa, all)) out.write(palette.paragraph(remark, 6));
    const std::size_t children = is_eventful(sa) || options.all ? std::min(sa.children.size(), most_children) : 0;
    for (std::size_t child = 0; child < children; ++child)
      out.write(palette.paragraph(child_line(sa.children[child], sas), 6));
    const bool troubled =
        std::find(options.troubled.begin(), options.troubled.end(), sa.number) != options.troubled.end();
    if (sa.major_version == 2 && (troubled || options.all)) print_ladder(sa, options.start, out, palette);
  }
  if (all.size() > most_sas) out.write(fmt::format("  … and {} more (--json has them all)\n", all.size() - most_sas));
  if (const std::uint64_t untracked = decoder.untracked_ike_messages(); untracked != 0)
    out.write(fmt::format("  {} IKE messages of further IKE SAs were not followed\n", untracked));
}

}  // namespace espdump
