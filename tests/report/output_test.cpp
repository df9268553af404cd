#include <fcntl.h>
#include <unistd.h>

#include <espdump/report.hpp>

#include <cerrno>
#include <csignal>
#include <string>

#include "support/catch.hpp"

using namespace espdump;

namespace {

struct Pipe {
  Pipe() { REQUIRE(::pipe(ends) == 0); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_reader();
    ::close(ends[1]);
  }
  void close_reader() {
    if (ends[0] >= 0) ::close(ends[0]);
    ends[0] = -1;
  }
  // What has arrived; must be something.
  [[nodiscard]] std::string read_some() const {
    char bytes[256];
    const ssize_t size = ::read(ends[0], bytes, sizeof bytes);
    return size <= 0 ? std::string{} : std::string(bytes, static_cast<std::size_t>(size));
  }
  int ends[2] = {-1, -1};
};

// A write to a closed pipe must be an error here, not the end of the test program.
struct NoSigpipe {
  void (*before)(int) = std::signal(SIGPIPE, SIG_IGN);
  ~NoSigpipe() { std::signal(SIGPIPE, before); }
};

}  // namespace

TEST_CASE("output: memory gets everything at once") {
  std::string memory = "before ";
  Output out{&memory};
  out.write("one");
  CHECK(memory == "before one");
  out.write(std::string("\0two", 4));
  out.flush();
  CHECK(memory == std::string("before one\0two", 14));
  CHECK(out.error() == 0);
}

TEST_CASE("output: a descriptor gets what is flushed, and stays open") {
  const Pipe pipe;
  {
    Output out{pipe.ends[1]};
    out.write("one ");
    out.write("two");
    out.flush();
    CHECK(pipe.read_some() == "one two");
    out.write("at the end");
  }
  CHECK(pipe.read_some() == "at the end");
  CHECK(::write(pipe.ends[1], "x", 1) == 1);
}

TEST_CASE("output: much text goes out before anybody flushes") {
  const Pipe pipe;
  Output out{pipe.ends[1]};
  for (int i = 0; i < 63; ++i) out.write(std::string(1024, 'a'));
  REQUIRE(::fcntl(pipe.ends[0], F_SETFL, O_NONBLOCK) == 0);
  CHECK(pipe.read_some().empty());
  out.write(std::string(1024, 'a'));
  CHECK_FALSE(pipe.read_some().empty());
}

TEST_CASE("output: a closed pipe is an error that is kept, and nothing follows it") {
  const NoSigpipe no_signal;
  Pipe pipe;
  pipe.close_reader();
  Output out{pipe.ends[1]};
  out.write("lost");
  CHECK(out.error() == 0);
  out.flush();
  CHECK(out.error() == EPIPE);
  out.write("more");
  out.flush();
  CHECK(out.error() == EPIPE);
}

TEST_CASE("output: a full device is an error that is kept") {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  if (full < 0) return;
  {
    Output out{full};
    out.write("text");
    out.flush();
    CHECK(out.error() == ENOSPC);
    out.flush();
    CHECK(out.error() == ENOSPC);
  }
  ::close(full);
}

TEST_CASE("output: a bad descriptor is an error, not a crash") {
  Output out{-1};
  out.write("text");
  out.flush();
  CHECK(out.error() == EBADF);
}
