// Joining of IKE fragments, RFC 7383 section 2.6.
#include "decode/ike_fragments.hpp"

#include <algorithm>
#include <utility>

namespace espdump {

IkeFragments::Message& IkeFragments::message_of(const IkeFragment& fragment) {
  const auto found = std::find_if(messages_.begin(), messages_.end(), [&](const Message& message) {
    return message.message_id == fragment.message_id && message.response == fragment.response &&
           message.from_initiator == fragment.from_initiator;
  });
  if (found != messages_.end() && found->pieces.size() >= fragment.total) return *found;
  if (found != messages_.end()) messages_.erase(found);
  if (messages_.size() == most_messages) {
    if (!messages_.front().done) give_up(messages_.front());
    messages_.pop_front();
  }
  Message& made = messages_.emplace_back();
  made.message_id = fragment.message_id;
  made.response = fragment.response;
  made.from_initiator = fragment.from_initiator;
  made.pieces.resize(fragment.total);
  return made;
}

void IkeFragments::give_up(Message& message) {
  if (!std::exchange(message.given_up, true)) ++given_up_;
}

std::optional<IkeFragments::Whole> IkeFragments::add(const IkeFragment& fragment) {
  if (fragment.number == 0 || fragment.number > fragment.total || fragment.total > most_fragments) return std::nullopt;
  Message& message = message_of(fragment);
  if (message.done || message.pieces.size() != fragment.total) return std::nullopt;
  auto& piece = message.pieces[fragment.number - std::size_t{1}];
  if (piece) return std::nullopt;
  if (message.bytes + fragment.plaintext.size() > most_bytes) {
    give_up(message);
    return std::nullopt;
  }
  piece.emplace(fragment.plaintext.begin(), fragment.plaintext.end());
  message.bytes += fragment.plaintext.size();
  if (fragment.number == 1) message.first_payload = fragment.first_payload;
  if (++message.seen != message.pieces.size()) return std::nullopt;
  joined_.clear();
  for (auto& one : message.pieces) joined_.insert(joined_.end(), one->begin(), one->end());
  message.done = true;
  message.pieces.assign(fragment.total, std::nullopt);  // only their number is of use from here on
  return Whole{message.first_payload, joined_};
}

}  // namespace espdump
