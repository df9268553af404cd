#include "run/pipeline.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "support/catch.hpp"

using namespace espdump::run;

namespace {

constexpr std::size_t wanted = 200;

// What a run of a pipeline did. Steps that go in order note the number of their batch; `wrong` is what must not be: two
// at once, a step left out or done twice.
struct Record {
  std::size_t taken = 0;
  std::vector<std::size_t> decided, printed;
  std::atomic<int> inside_take = 0, inside_decide = 0, inside_print = 0;
  std::atomic<bool> wrong = false;
  std::atomic<std::size_t> prepared = 0, rendered = 0;
};

class Alone {
 public:
  Alone(std::atomic<int>& inside, std::atomic<bool>& wrong) : inside_(inside) {
    if (inside_.fetch_add(1) != 0) wrong = true;
    std::this_thread::yield();
  }
  ~Alone() { inside_.fetch_sub(1); }

 private:
  std::atomic<int>& inside_;
};

class Numbered final : public Batch {
 public:
  Numbered(Record& record, std::size_t workers) : record_(record), workers_(workers) {}

  bool take() override {
    const Alone alone{record_.inside_take, record_.wrong};
    if (record_.taken == wanted) return false;
    number_ = record_.taken++;
    steps_ = 0;
    return true;
  }
  void prepare(std::size_t worker) override {
    step(0);
    if (worker >= workers_) record_.wrong = true;
    ++record_.prepared;
  }
  void decide() override {
    const Alone alone{record_.inside_decide, record_.wrong};
    step(1);
    record_.decided.push_back(number_);
  }
  void render() override {
    step(2);
    ++record_.rendered;
  }
  void print() override {
    const Alone alone{record_.inside_print, record_.wrong};
    step(3);
    record_.printed.push_back(number_);
  }

 private:
  // Each step once, one after the other.
  void step(int expected) {
    if (steps_++ != expected) record_.wrong = true;
    std::this_thread::yield();
  }

  Record& record_;
  std::size_t workers_;
  std::size_t number_ = 0;
  int steps_ = 0;
};

void run(Record& record, std::size_t batches, std::size_t threads) {
  Pipeline{threads, batches, [&] { return std::make_unique<Numbered>(record, threads); }}.run();
}

}  // namespace

TEST_CASE("pipeline: with any number of threads and batches all is done once, and what goes in order goes so") {
  for (const std::size_t threads : {1, 2, 3, 8})
    for (const std::size_t batches : {1, 2, 5, 24}) {
      Record record;
      run(record, batches, threads);
      CAPTURE(threads, batches);
      CHECK_FALSE(record.wrong);
      CHECK(record.prepared == wanted);
      CHECK(record.rendered == wanted);
      REQUIRE(record.decided.size() == wanted);
      REQUIRE(record.printed.size() == wanted);
      for (std::size_t i = 0; i < wanted; ++i) {
        REQUIRE(record.decided[i] == i);
        REQUIRE(record.printed[i] == i);
      }
    }
}

TEST_CASE("pipeline: one batch that has ended at once is no batch at all") {
  Record record;
  record.taken = wanted;
  run(record, 3, 4);
  CHECK(record.prepared == 0);
  CHECK(record.printed.empty());
}
