// The sandbox, tried from inside: by a child, for it cannot be left again.
#include "run/confinement.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>

#include "support/catch.hpp"

using namespace espdump;

namespace {

// What `inside` returns, after a confined child ran it; 255: it died.
int confined(const std::function<int()>& inside) {
  const pid_t child = fork();
  if (child == 0) {
    const std::vector<std::string> lacking = run::confine();
    _exit(lacking.empty() ? inside() : 100 + static_cast<int>(lacking.size()));
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

// Whether this system has all that the sandbox is made of.
bool has_sandbox() {
  static const bool has = confined([] { return 0; }) == 0;
  return has;
}

bool is_refused(int error) { return error == EPERM || error == EACCES; }

#define NEEDS_SANDBOX()                                                      \
  if (!has_sandbox()) {                                                      \
    WARN("no sandbox in this build or on this system: nothing to be tried"); \
    return;                                                                  \
  }

std::string scratch_file() {
  std::string path = "/tmp/espdump-confinement-XXXXXX";
  close(mkstemp(path.data()));
  chmod(path.c_str(), 0666);
  return path;
}

}  // namespace

TEST_CASE("sandbox: where something is missing, the system lacks it, and our rules are not at fault") {
  const pid_t child = fork();
  if (child == 0) {
    const std::vector<std::string> lacking = run::confine();
    const auto ours = [](const std::string& text) {
      return text.find("refuses its rules") != std::string::npos || text.find("take effect") != std::string::npos;
    };
    _exit(std::any_of(lacking.begin(), lacking.end(), ours) ? 1 : 0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(status == 0);
}

TEST_CASE("sandbox: nothing is opened, created, named or removed inside") {
  NEEDS_SANDBOX();
  const std::string path = scratch_file(), other = path + ".other";
  const auto fails = [&](auto call) { return confined([&] { return call() != -1 ? 1 : is_refused(errno) ? 0 : 2; }); };
  CHECK(fails([&] { return open(path.c_str(), O_RDONLY); }) == 0);
  CHECK(fails([&] { return open(path.c_str(), O_WRONLY); }) == 0);
  CHECK(fails([&] { return open(other.c_str(), O_WRONLY | O_CREAT, 0600); }) == 0);
  CHECK(fails([&] { return open("/proc/self/maps", O_RDONLY); }) == 0);
  CHECK(fails([&] { return rename(path.c_str(), other.c_str()); }) == 0);
  CHECK(fails([&] { return unlink(path.c_str()); }) == 0);
  CHECK(fails([&] { return link(path.c_str(), other.c_str()); }) == 0);
  CHECK(fails([&] { return symlink(path.c_str(), other.c_str()); }) == 0);
  CHECK(fails([&] { return mkdir(other.c_str(), 0700); }) == 0);
  CHECK(fails([&] { return chmod(path.c_str(), 0); }) == 0);
  CHECK(fails([&] { return truncate(path.c_str(), 0); }) == 0);
  CHECK(access(path.c_str(), F_OK) == 0);
  unlink(path.c_str());
}

TEST_CASE("sandbox: no socket, no other program, no other process") {
  NEEDS_SANDBOX();
  const auto fails = [&](auto call) { return confined([&] { return call() != -1 ? 1 : is_refused(errno) ? 0 : 2; }); };
  CHECK(fails([] { return socket(AF_INET, SOCK_STREAM, 0); }) == 0);
  CHECK(fails([] { return socket(AF_INET6, SOCK_DGRAM, 0); }) == 0);
  CHECK(fails([] { return socket(AF_UNIX, SOCK_STREAM, 0); }) == 0);
  CHECK(fails([] {
          std::array<int, 2> ends{};
          return socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data());
        }) == 0);
  CHECK(fails([] { return execl("/bin/true", "true", nullptr); }) == 0);
  CHECK(fails([] { return fork(); }) == 0);
  CHECK(fails([] { return kill(getppid(), 0); }) == 0);
}

TEST_CASE("sandbox: a socket that was open connects nowhere") {
  NEEDS_SANDBOX();
  const int open_before = socket(AF_INET, SOCK_STREAM, 0);
  REQUIRE(open_before >= 0);
  const int result = confined([&] {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(9);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto* address = reinterpret_cast<const sockaddr*>(&where);  // NOLINT: that is how it is called
    return connect(open_before, address, sizeof where) == -1 && is_refused(errno) ? 0 : 1;
  });
  close(open_before);
  CHECK(result == 0);
}

TEST_CASE("sandbox: no code but what was there") {
  NEEDS_SANDBOX();
  CHECK(confined([] {
          void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
          if (page == MAP_FAILED) return 1;
          return mprotect(page, 4096, PROT_READ | PROT_EXEC) == -1 && is_refused(errno) ? 0 : 2;
        }) == 0);
  CHECK(confined([] {
          return mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? 0 : 1;
        }) == 0);
}

TEST_CASE("sandbox: what was open is read and written, memory is had, threads run") {
  NEEDS_SANDBOX();
  const std::string path = scratch_file();
  const int file = open(path.c_str(), O_RDWR);
  CHECK(confined([&] {
          if (write(file, "four", 4) != 4 || lseek(file, 0, SEEK_SET) != 0) return 1;
          std::array<char, 4> bytes{};
          if (read(file, bytes.data(), bytes.size()) != 4) return 2;
          const std::vector<char> large(std::size_t{64} << 20, 'x');
          int result = 3;
          std::thread{[&] { result = large.back() == 'x' ? 0 : 4; }}.join();
          return result;
        }) == 0);
  close(file);
  unlink(path.c_str());
}

TEST_CASE("sandbox: root becomes somebody else, for good") {
  NEEDS_SANDBOX();
  if (geteuid() != 0) return;
  CHECK(confined([] { return geteuid() == 0 || getuid() == 0 || getegid() == 0 ? 1 : 0; }) == 0);
  CHECK(confined([] { return setuid(0) == 0 ? 1 : 0; }) == 0);
  setenv("SUDO_UID", "12345", 1);
  setenv("SUDO_GID", "23456", 1);
  CHECK(confined([] { return getuid() == 12345 && getgid() == 23456 ? 0 : 1; }) == 0);
  setenv("SUDO_UID", "0", 1);
  CHECK(confined([] { return getuid() != 0 ? 0 : 1; }) == 0);
  unsetenv("SUDO_UID");
  unsetenv("SUDO_GID");
}
