#include "run/pipeline.hpp"

#include <algorithm>
#include <system_error>
#include <thread>
#include <utility>

namespace espdump::run {

Pipeline::Pipeline(std::vector<std::unique_ptr<Batch>> batches, std::size_t threads)
    : slots_(batches.size()), threads_(std::max<std::size_t>(threads, 1)) {
  for (std::size_t at = 0; at < batches.size(); ++at) slots_[at].batch = std::move(batches[at]);
}

void Pipeline::run() {
  std::vector<std::thread> others;
  others.reserve(threads_ - 1);
  try {
    for (std::size_t worker = 1; worker < threads_; ++worker) others.emplace_back([this, worker] { work(worker); });
  } catch (const std::system_error&) {  // a limit of the system: those that are there do it all
  }
  work(0);
  for (std::thread& other : others) other.join();
}

void Pipeline::work(std::size_t worker) noexcept {
  Lock lock{mutex_};
  while (!(ended_ && next_printed_ == next_taken_))
    if (!step(lock, worker)) changed_.wait(lock);
}

// Whether there was anything to do.
bool Pipeline::step(Lock& lock, std::size_t worker) {
  Slot& next = slot(next_decided_);
  return print(lock) || (next.owner == worker && decide(lock, next)) || render(lock, worker, false) ||
         take(lock, worker) || decide(lock, next) || render(lock, worker, true);
}

void Pipeline::set(Slot& slot, State state) {
  slot.state = state;
  changed_.notify_all();
}

bool Pipeline::print(Lock& lock) {
  Slot& next = slot(next_printed_);
  if (printing_ || next.state != State::rendered) return false;
  printing_ = true;
  lock.unlock();
  next.batch->print();
  lock.lock();
  printing_ = false;
  ++next_printed_;
  set(next, State::free);
  return true;
}

bool Pipeline::decide(Lock& lock, Slot& next) {
  if (deciding_ || next.state != State::prepared) return false;
  deciding_ = true;
  lock.unlock();
  next.batch->decide();
  lock.lock();
  deciding_ = false;
  ++next_decided_;
  set(next, State::decided);
  return true;
}

bool Pipeline::render(Lock& lock, std::size_t worker, bool any) {
  for (std::uint64_t number = next_printed_; number < next_decided_; ++number) {
    Slot& one = slot(number);
    if (one.state != State::decided || !(any || one.owner == worker)) continue;
    one.state = State::rendering;
    lock.unlock();
    one.batch->render();
    lock.lock();
    set(one, State::rendered);
    return true;
  }
  return false;
}

bool Pipeline::take(Lock& lock, std::size_t worker) {
  Slot& next = slot(next_taken_);
  if (taking_ || ended_ || next.state != State::free) return false;
  taking_ = true;
  lock.unlock();
  const bool more = next.batch->take();
  lock.lock();
  taking_ = false;
  ended_ = !more;
  if (more) {
    ++next_taken_;
    next.state = State::taken;
    next.owner = worker;
  }
  changed_.notify_all();
  if (!more) return true;
  lock.unlock();
  next.batch->prepare(worker);
  lock.lock();
  set(next, State::prepared);
  return true;
}

}  // namespace espdump::run
