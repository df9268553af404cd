// Batches of work on several threads, in five steps: some of them one batch at a time and in order, the others side by
// side. What comes out is the same for any number of threads.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
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

// Takes batches through their steps until take() says no. There is no thread for any one step. Each goes on with what
// it prepared itself, which is in the cache of its processor; it takes a new batch when that has to wait for its turn,
// and does the work of others rather than nothing.
class Pipeline {
 public:
  // Batches are used again and again; the more of them, the less has anyone to wait for others. At least one.
  Pipeline(std::vector<std::unique_ptr<Batch>> batches, std::size_t threads);
  // Returns when all that was taken is printed. Without a thread more than this one where no other can be had.
  void run();

 private:
  enum class State : std::uint8_t { free, taken, prepared, decided, rendering, rendered };
  struct Slot {
    std::unique_ptr<Batch> batch;
    State state = State::free;
    std::size_t owner = 0;  // the worker that prepared it
  };
  using Lock = std::unique_lock<std::mutex>;

  void work(std::size_t worker) noexcept;
  bool step(Lock& lock, std::size_t worker);
  bool print(Lock& lock);
  bool decide(Lock& lock, Slot& next);
  bool render(Lock& lock, std::size_t worker, bool any);
  bool take(Lock& lock, std::size_t worker);
  Slot& slot(std::uint64_t number) { return slots_[number % slots_.size()]; }
  void set(Slot& slot, State state);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Slot> slots_;
  std::size_t threads_;
  bool taking_ = false, deciding_ = false, printing_ = false, ended_ = false;
  std::uint64_t next_taken_ = 0, next_decided_ = 0, next_printed_ = 0;  // numbers of batches
};

}  // namespace espdump::run
