// Batches of work on several threads, in five steps: some of them one batch at a time and in order, the others side by
// side. What comes out is the same for any number of threads.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace espdump::run {

// One batch on its way. Its steps are called by one thread at a time, though not always by the same one.
class Batch {
 public:
  virtual ~Batch() = default;
  // In order, one batch at a time. False: the input has ended, and nothing is in this batch.
  virtual bool take() = 0;
  // Side by side with everything. `worker` tells the threads apart, from 0.
  virtual void prepare(std::size_t worker) = 0;
  // In order, one batch at a time.
  virtual void decide() = 0;
  // Side by side with everything.
  virtual void render() = 0;
  // In order, one batch at a time.
  virtual void print() = 0;
};

// Takes batches through their steps until take() says no. There is no thread for any one step. Each has batches of its
// own, which stay in the cache of its processor, and goes on with these; it takes a new one when they have to wait for
// their turn, and does the work of others rather than nothing.
class Pipeline {
 public:
  // Makes a batch, once for each that there is; they are used again and again.
  using MakeBatch = std::function<std::unique_ptr<Batch>()>;
  // The more batches each thread has, the less has it to wait for others. At least one of both.
  Pipeline(std::size_t threads, std::size_t batches_each, const MakeBatch& make);
  // Returns when all that was taken is printed. Without a thread more than this one where no other can be had.
  void run();

 private:
  enum class State : std::uint8_t { taken, prepared, decided, rendering, rendered };
  struct UnderWay {
    std::unique_ptr<Batch> batch;
    std::size_t owner = 0;
    State state = State::taken;
  };
  using Lock = std::unique_lock<std::mutex>;

  void work(std::size_t worker) noexcept;
  bool step(Lock& lock, std::size_t worker);
  bool print(Lock& lock);
  bool decide(Lock& lock, std::size_t worker, bool any);
  bool render(Lock& lock, std::size_t worker, bool any);
  bool take(Lock& lock, std::size_t worker);
  void set(UnderWay& batch, State state);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<UnderWay> under_way_;                         // in order; they keep their places in memory
  std::size_t decided_ = 0;                                // how many of these, counted from the front
  std::vector<std::vector<std::unique_ptr<Batch>>> free_;  // by worker
  bool taking_ = false, deciding_ = false, printing_ = false, ended_ = false;
};

}  // namespace espdump::run
