// A pass needs packets that left encrypted, none of which it could be said that it did not, and few unknown ones.
#include "analysis/protect_verdict.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "analysis/analyzers.hpp"

namespace espdump {
namespace {

// What the protected side should be is the other one.
bool is_swapped(const ProtectSide& plain, const ProtectSide& outer) {
  if (plain.opened().empty() || outer.clear().empty()) return false;
  std::set<std::uint64_t> opened;
  for (const ProtectPacket& packet : plain.opened()) opened.insert(packet.keys.whole);
  return std::any_of(outer.clear().begin(), outer.clear().end(),
                     [&](const ProtectPacket& packet) { return opened.count(packet.keys.whole) != 0; });
}

// The same capture twice.
bool is_same(const ProtectSide& plain, const ProtectSide& outer) {
  if (plain.frames() != outer.frames() || plain.clear().size() != outer.clear().size()) return false;
  return std::equal(plain.clear().begin(), plain.clear().end(), outer.clear().begin(),
                    [](const ProtectPacket& a, const ProtectPacket& b) {
                      return a.frame == b.frame && a.time == b.time && a.keys.whole == b.keys.whole;
                    });
}

std::string esp_reason(const ProtectSide& plain, const ProtectSide& outer, const ProtectReport& report) {
  if (report.esp == 0) return "the other capture has no ESP packet";
  if (report.opened == 0) {
    const auto is = [](GatewayIcv icv) { return [icv](const ProtectEsp& esp) { return esp.icv == icv; }; };
    const auto& all = outer.esp();
    if (std::any_of(all.begin(), all.end(), is(GatewayIcv::ok)))
      return "no ESP packet could be opened: this needs the keys of the ciphers, too";
    if (std::any_of(all.begin(), all.end(), is(GatewayIcv::bad)))
      return "no ESP packet verifies under the keys: are these the keys of this capture?";
    if (std::any_of(all.begin(), all.end(), is(GatewayIcv::cut)))
      return "no ESP packet could be opened: the snap length cut them";
    return "no ESP packet could be opened: the keys of these SAs are missing";
  }
  if (report.encrypted == 0 && report.entered != 0)
    return "what both captures have seems to go to the protected side, all of it: is it the right gateway, and do the "
           "clocks agree?";
  if (report.encrypted == 0 && !plain.clear().empty())
    return "no packet of the protected side is in any ESP packet: are these the two sides, and the keys of both?";
  return {};
}

std::string doubts_text(const ProtectReport& report) {
  constexpr std::array<std::string_view, protect_doubts> words{
      "",
      "while the other capture did not run",
      "while it has no frame at all",
      "where ESP numbers are missing in it",
      "where it has ESP packets that could not be opened",
      "that the snap length cut",
      "fragments of datagrams that are not whole",
      "that a network card cut into segments or joined: capture without offloading",
      "",
      "of which nothing shows whether they should leave",
  };
  std::string out;
  for (std::size_t i = 1; i < words.size(); ++i)
    if (report.doubts[i] != 0) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", report.doubts[i], words[i]);
  return out;
}

void note_clear(const ProtectClear& clear, ProtectReport& report) {
  const auto note = [&](std::uint64_t count, std::string_view text) {
    if (count != 0) report.notes.push_back(count_of(count, "packet") + std::string{text});
  };
  note(report.refused, " did not leave, and ICMP told their senders so");
  note(clear.decrypted,
       " in the clear behind the ESP they came in: a host that decrypts shows them on the same interface");
  note(clear.entered, " for the protected side came in the clear from the other one: no duty of this gateway");
  note(clear.allowed, " in the clear on the other side, of hosts that no SA is for");
}

}  // namespace

void ProtectFacts::count_cipher(const SecurityAssociation* sa) {
  if (sa == nullptr || sa->encryption.info == nullptr) return;
  const Primitive cipher = sa->encryption.info->primitive;
  if (cipher == Primitive::null_cipher || cipher == Primitive::aes_gmac) ++bare;
}

void conclude(const ProtectSide& plain, const ProtectSide& outer, const ProtectClear& clear, const ProtectFacts& facts,
              ProtectReport& report) {
  const auto say = [&](std::string text) { report.reasons.push_back(std::move(text)); };
  const bool wrong_sides = report.encrypted == 0 && (is_swapped(plain, outer) || is_same(plain, outer));
  if (wrong_sides) {
    report.violations.clear();
    say(is_swapped(plain, outer) ? "the sides seem to be swapped: the capture of the protected side comes first"
                                 : "both captures are the same");
  } else {
    if (plain.clear().empty()) say("the capture of the protected side has no IP packet");
    if (std::string reason = esp_reason(plain, outer, report); !reason.empty()) say(std::move(reason));
  }
  if (facts.bare != 0)
    say(count_of(facts.bare, "packet") + " left under an SA that does not encrypt: its cipher is NULL, or GMAC");
  if (clear.on_all_devices != 0)
    say(count_of(clear.on_all_devices, "packet") +
        " in the clear in a capture of all interfaces, which may show those of the protected side: capture on one");
  if (plain.left_out() + outer.left_out() != 0) say("there are more packets, hosts or SAs than can be told apart");
  const std::uint64_t asked = report.encrypted + report.not_judged;
  if (report.encrypted != 0 && report.not_judged * 100 > asked)
    say(fmt::format("{} of {} packets cannot be judged: {}", report.not_judged, asked, doubts_text(report)));
  note_clear(clear, report);
  if (!report.violations.empty())
    report.verdict = GatewayVerdict::fail;
  else
    report.verdict = report.reasons.empty() ? GatewayVerdict::pass : GatewayVerdict::inconclusive;
}

}  // namespace espdump
