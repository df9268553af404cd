// Verdicts on sequence numbers, beside what a Linux receiver would have counted (net/xfrm/xfrm_input.c's order).
#include "decode/session.hpp"

#include <algorithm>

#include "decode/sighting_log.hpp"

namespace espdump {
namespace {

// A sender that begins again does so at 1; the first packets of it may have been lost.
constexpr std::uint64_t highest_restart = 64;

}  // namespace

Session::Session(SaNumber number, const SecurityAssociation* association)
    : kernel_(KernelReplay::for_sa(association != nullptr && association->esn,
                                   association != nullptr ? association->replay_window : 0)) {
  counts.number = number;
  counts.association = association;
}

std::uint32_t Session::high_half(std::uint32_t low) const {
  const bool esn = counts.association != nullptr && counts.association->esn;
  if (!esn || window() != 0) return kernel_.seq_high(low);
  return static_cast<std::uint32_t>(widen(numbers_.highest(), 0, low) >> 32);
}

// A capture that begins with number 1 saw the receiver's window begin; any other begins somewhere in its life.
void Session::start(const Authentic& packet, bool is_first) {
  if (packet.sequence != 1 || !is_first) kernel_.start_at(packet.sequence);
  kernel_begun_ = !packet.receiver_fails;
}

bool Session::pass_in_kernel(std::uint32_t low) {
  if (started() && !kernel_begun_) return true;  // it took none of those before
  switch (kernel_.check(low)) {
    case KernelReplay::Check::too_old: ++counts.kernel.replay_window; break;
    case KernelReplay::Check::duplicate: ++counts.kernel.replay; break;
    case KernelReplay::Check::zero: break;
    case KernelReplay::Check::accept: return true;
  }
  return false;
}

void Session::accept_in_kernel(const Authentic& packet) {
  const auto low = static_cast<std::uint32_t>(packet.sequence);
  if (!pass_in_kernel(low)) return;
  if (packet.other_cycle)
    ++counts.kernel.failed;
  else if (packet.receiver_fails)
    ++counts.kernel.errors;
  else
    kernel_.advance(low);
}

void Session::refuse(std::uint32_t low, Reached reached) {
  ++counts.icv_bad;
  if (reached == Reached::nothing || !pass_in_kernel(low)) return;
  ++(reached == Reached::icv ? counts.kernel.failed : counts.kernel.errors);
}

void Session::refuse_form(std::uint32_t low, Reached reached) {
  if (reached != Reached::nothing && pass_in_kernel(low)) ++counts.kernel.errors;
}

void Session::repeat(const Authentic& packet, SightingLog& log, OpenRecord& record) {
  ++counts.replayed;
  record.replay = ReplayVerdict::duplicate;
  const FirstUse* use = history_.find(packet.sequence);
  const Sighting* first = use == nullptr ? nullptr : log.at(use->place);
  if (first != nullptr) {
    record.first_frame = first->frame;
    record.first_file = first->file;
    record.since_first = packet.sighting->time - first->time;
    record.same_bytes = first->digest == packet.sighting->digest;
  }
  const bool other_packet = first != nullptr && !record.same_bytes;
  if (other_packet && packet.sequence <= highest_restart && numbers_.highest() > packet.sequence) {
    record.restarted = true;
    ++counts.restarts;
  }
}

void Session::accept(const Authentic& packet, SightingLog& log, OpenRecord& record) {
  const bool first = !started();
  const std::uint64_t newest = first ? 0 : numbers_.highest();
  const std::uint64_t behind = newest > packet.sequence ? newest - packet.sequence : 0;
  const bool begins = !kernel_begun_;
  if (begins) start(packet, first);
  const bool resumes_later = packet.other_cycle && packet.sequence > newest;
  if (resumes_later)
    kernel_.start_at(packet.sequence);  // the capture missed a cycle that the receiver saw
  else if (!packet.is_dropped_before && begins && packet.receiver_fails)
    ++counts.kernel.errors;
  else if (!packet.is_dropped_before && (!begins || (first && packet.sequence == 1) || window() == 0))
    accept_in_kernel(packet);

  record.sequence = packet.sequence;
  record.old_cycle = packet.other_cycle && !resumes_later;
  record.left_of_window = window() != 0 && behind >= window();
  if (numbers_.contains(packet.sequence)) return repeat(packet, log, record);
  if (record.left_of_window) {
    record.replay = ReplayVerdict::stale;
    ++counts.stale;
    return;
  }
  record.replay = behind != 0 ? ReplayVerdict::reordered : ReplayVerdict::fresh;
  if (behind != 0) {
    ++counts.reordered;
    counts.largest_reorder = std::max(counts.largest_reorder, behind);
  }
  numbers_.insert(packet.sequence);
  history_.remember(
      {log.next(), static_cast<std::uint32_t>(packet.sequence), static_cast<std::uint32_t>(packet.sequence >> 32)});
}

SaStatistics Session::statistics() const {
  constexpr std::size_t most_gaps = 64;
  SaStatistics out = counts;
  const SeenNumbers& numbers = started() ? numbers_ : unverified_;
  if (numbers.count() == 0) return out;
  out.first_sequence = numbers.lowest();
  out.last_sequence = numbers.highest();
  out.lost = numbers.missing();
  out.gaps = numbers.gaps(most_gaps);
  return out;
}

}  // namespace espdump
