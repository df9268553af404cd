#include "keys/charon_negotiation.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <espdump/printable.hpp>
#include <espdump/wire/ikev2_names.hpp>

#include "keys/text.hpp"

namespace espdump::keys {
namespace {

constexpr std::size_t longest_list = 512;  // of selectors, in characters

// What follows `start`, where the message begins so.
std::optional<std::string_view> after(std::string_view message, std::string_view start) {
  if (!starts_with(message, start)) return std::nullopt;
  return message.substr(start.size());
}

// "IKE:…/…, IKE:…/…"; empty where one of them is not understood.
std::vector<wire::IkeProposal> proposals_in(std::string_view list) {
  constexpr std::size_t most = 128;
  std::vector<wire::IkeProposal> out;
  while (!list.empty() && out.size() < most) {
    const std::string_view text = list.substr(0, list.find(", "));
    auto proposal = wire::read_proposal_text(text);
    if (!proposal) return {};
    out.push_back(std::move(*proposal));
    list.remove_prefix(std::min(list.size(), text.size() + 2));
  }
  return out;
}

std::string safe(std::string_view text) { return printable(text.substr(0, longest_list)); }

}  // namespace

// One thread says both in a row.
void CharonNegotiation::read(const CharonLine& line, std::size_t number) {
  if (line.group != "CFG") return;
  Thread& thread = threads_[line.thread];
  if (const auto received = after(line.message, "received proposals: ")) {
    thread.received = *received;
    return;
  }
  const std::string_view list = std::exchange(thread.received, {});
  if (const auto own = after(line.message, "configured proposals: "); own && !list.empty()) {
    LoggedProposals out{proposals_in(list), proposals_in(*own), {}, number};
    if (out.received.empty() || out.configured.empty()) return;
    found_ = true;
    return intake_.add(std::move(out));
  }
  read_selectors(thread, line.message, number);
}

// "looking for a child config for 10.2.0.0/24 === 10.1.0.0/24", then what each candidate allows, a selector a line.
void CharonNegotiation::read_selectors(Thread& thread, std::string_view message, std::size_t number) {
  if (const auto asked = after(message, "looking for a child config for ")) {
    end_selectors(thread);
    const std::size_t middle = asked->find(" === ");
    if (middle == std::string_view::npos) return;
    thread.asked.asked_here = safe(asked->substr(0, middle));
    thread.asked.asked_there = safe(asked->substr(middle + 5));
    thread.asked.line = number;
    return;
  }
  if (thread.asked.line == 0) return;
  const List list = std::exchange(thread.list, List::none);
  if (message == "proposing traffic selectors for us:") {
    thread.list = List::here;
  } else if (message == "proposing traffic selectors for other:") {
    thread.list = List::there;
  } else if (list != List::none && starts_with(message, " ") && !starts_with(message, "  ")) {
    std::string& into = list == List::here ? thread.asked.allowed_here : thread.asked.allowed_there;
    if (into.size() < longest_list) into += (into.empty() ? "" : " ") + safe(message.substr(1));
    thread.list = list;
  } else if (!starts_with(message, " ")) {
    end_selectors(thread);
  }
}

void CharonNegotiation::end_selectors(Thread& thread) {
  LoggedSelectors out = std::exchange(thread.asked, {});
  thread.list = List::none;
  if (out.line == 0 || (out.allowed_here.empty() && out.allowed_there.empty())) return;
  found_ = true;
  intake_.add(std::move(out));
}

void CharonNegotiation::finish() {
  for (auto& [number, thread] : threads_) end_selectors(thread);
}

}  // namespace espdump::keys
