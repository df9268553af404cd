#include "base/input_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "support/catch.hpp"

using namespace espdump;

namespace {

std::string scratch_file(std::string_view text) {
  std::string path = "/tmp/espdump-input-XXXXXX";
  const int file = mkstemp(path.data());
  REQUIRE(write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  close(file);
  return path;
}

std::string first_byte(int descriptor) {
  std::array<char, 1> byte{};
  const ssize_t got = read(descriptor, byte.data(), 1);
  return {byte.data(), static_cast<std::size_t>(got < 0 ? 0 : got)};
}

}  // namespace

TEST_CASE("input files: those opened ahead stay, whatever becomes of their names") {
  const std::string path = scratch_file("xy");
  open_ahead({path, "-", path});
  unlink(path.c_str());
  const int one = open_input(path), two = open_input(path);
  REQUIRE(one >= 0);
  REQUIRE(two >= 0);
  CHECK(first_byte(one) == "x");
  CHECK(first_byte(one) == "y");
  CHECK(first_byte(two) == "x");  // each is read from its beginning
  close(one);
  close(two);
  CHECK(open_input(path) == -1);
  CHECK(errno == ENOENT);
}

TEST_CASE("input files: what could not be opened ahead fails as it did then") {
  const std::string path = "/tmp/espdump-input-later";
  unlink(path.c_str());
  open_ahead({path});
  close(open(path.c_str(), O_WRONLY | O_CREAT, 0600));
  CHECK(open_input(path) == -1);
  CHECK(errno == ENOENT);
  const int found = open_input(path);
  CHECK(found >= 0);
  close(found);
  unlink(path.c_str());
}

TEST_CASE("input files: those that never wait are others") {
  const std::string path = scratch_file("xy");
  open_ahead({path}, Opening::never_waits);
  unlink(path.c_str());
  CHECK(open_input(path) == -1);
  const int file = open_input(path, Opening::never_waits);
  CHECK(first_byte(file) == "x");
  close(file);
}
