#include "run/pipeline.hpp"

#include <algorithm>
#include <system_error>
#include <thread>
#include <utility>

namespace espdump::run {

Pipeline::Pipeline(std::size_t threads, std::size_t batches_each, const MakeBatch& make)
    : free_(std::max<std::size_t>(threads, 1)) {
  for (auto& own : free_)
    for (std::size_t i = 0; i < std::max<std::size_t>(batches_each, 1); ++i) own.push_back(make());
}

void Pipeline::run() {
  std::vector<std::thread> others;
  others.reserve(free_.size() - 1);
  try {
    for (std::size_t worker = 1; worker < free_.size(); ++worker) others.emplace_back([this, worker] { work(worker); });
  } catch (const std::system_error&) {  // a limit of the system: those that are there do it all
  }
  work(0);
  for (std::thread& other : others) other.join();
}

void Pipeline::work(std::size_t worker) noexcept {
  Lock lock{mutex_};
  while (!(ended_ && under_way_.empty()))
    if (!step(lock, worker)) changed_.wait(lock);
}

// Whether there was anything to do.
bool Pipeline::step(Lock& lock, std::size_t worker) {
  return print(lock) || decide(lock, worker, false) || render(lock, worker, false) || take(lock, worker) ||
         decide(lock, worker, true) || render(lock, worker, true);
}

void Pipeline::set(UnderWay& batch, State state) {
  batch.state = state;
  changed_.notify_all();
}

bool Pipeline::print(Lock& lock) {
  if (printing_ || under_way_.empty() || under_way_.front().state != State::rendered) return false;
  printing_ = true;
  UnderWay& next = under_way_.front();
  lock.unlock();
  next.batch->print();
  lock.lock();
  printing_ = false;
  free_[next.owner].push_back(std::move(next.batch));
  under_way_.pop_front();
  --decided_;
  changed_.notify_all();
  return true;
}

bool Pipeline::decide(Lock& lock, std::size_t worker, bool any) {
  if (deciding_ || decided_ == under_way_.size()) return false;
  UnderWay& next = under_way_[decided_];
  if (next.state != State::prepared || !(any || next.owner == worker)) return false;
  deciding_ = true;
  lock.unlock();
  next.batch->decide();
  lock.lock();
  deciding_ = false;
  ++decided_;
  set(next, State::decided);
  return true;
}

bool Pipeline::render(Lock& lock, std::size_t worker, bool any) {
  for (std::size_t at = 0; at < decided_; ++at) {
    UnderWay& one = under_way_[at];
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
  if (taking_ || ended_ || free_[worker].empty()) return false;
  taking_ = true;
  std::unique_ptr<Batch> batch = std::move(free_[worker].back());
  free_[worker].pop_back();
  lock.unlock();
  const bool more = batch->take();
  lock.lock();
  taking_ = false;
  ended_ = !more;
  changed_.notify_all();
  if (!more) return true;
  UnderWay& taken = under_way_.emplace_back();
  taken.batch = std::move(batch);
  taken.owner = worker;
  lock.unlock();
  taken.batch->prepare(worker);
  lock.lock();
  set(taken, State::prepared);
  return true;
}

}  // namespace espdump::run
