#include "base/write_all.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <thread>

#include "support/catch.hpp"

using namespace espdump;

TEST_CASE("write all: more than a pipe holds arrives whole") {
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  const std::string text(300'000, 'x');
  std::string read_back;
  std::thread reader([&] {
    std::array<char, 4096> piece{};
    for (ssize_t n = 0; (n = read(ends[0], piece.data(), piece.size())) > 0;)
      read_back.append(piece.data(), static_cast<std::size_t>(n));
  });
  const int error = write_all(ends[1], text);
  close(ends[1]);
  reader.join();
  close(ends[0]);
  CHECK(error == 0);
  CHECK(read_back == text);
}

TEST_CASE("write all: what cannot be written says why") {
  CHECK(write_all(-1, "x") == EBADF);
  CHECK(write_all(-1, "") == 0);
  const int full = open("/dev/full", O_WRONLY);
  if (full < 0) return;
  CHECK(write_all(full, "x") == ENOSPC);
  close(full);
}
