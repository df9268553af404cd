#include "base/keeper.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <utility>

namespace espdump {
namespace {

constexpr char wants_name = 'n', wants_removal = 'r';

bool read_all(int from, void* into, std::size_t size) noexcept {
  auto* bytes = static_cast<char*>(into);
  while (size != 0) {
    const ssize_t got = ::read(from, bytes, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    bytes += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

// Keeps no descriptor open but its own: whoever reads the other's output must see it end.
void close_others(int kept) noexcept {
  const long most = sysconf(_SC_OPEN_MAX);
#ifdef __linux__
  if (::close_range(static_cast<unsigned>(kept) + 1, ~0U, 0) == 0 &&
      (kept == 0 || ::close_range(0, static_cast<unsigned>(kept) - 1, 0) == 0))
    return;
#endif
  for (int descriptor = 0; descriptor < most && descriptor < 65536; ++descriptor)
    if (descriptor != kept) ::close(descriptor);
}

[[noreturn]] void keep(int socket, const std::string& part, const std::string& target) noexcept {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) std::signal(signal, SIG_IGN);
  close_others(socket);
  char what = 0;
  while (read_all(socket, &what, 1)) {
    const int result = what == wants_name ? std::rename(part.c_str(), target.c_str()) : ::unlink(part.c_str());
    const int error = result == 0 ? 0 : errno;
    const bool told = ::write(socket, &error, sizeof error) == sizeof error;
    if (error == 0) _exit(0);
    if (!told) break;
  }
  ::unlink(part.c_str());
  _exit(0);
}

}  // namespace

Keeper::Keeper(Keeper&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}

Keeper& Keeper::operator=(Keeper&& other) noexcept {
  if (this == &other) return *this;
  end();
  socket_ = std::exchange(other.socket_, -1);
  return *this;
}

int Keeper::start(const std::string& part, const std::string& target) noexcept {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) return errno;
  for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
  const pid_t child = ::fork();
  if (child == 0) keep(ends[1], part, target);
  const int error = child < 0 ? errno : 0;
  ::close(ends[1]);
  if (error != 0)
    ::close(ends[0]);
  else
    socket_ = ends[0];
  return error;
}

int Keeper::ask(char what) noexcept {
  int error = EPIPE;
  if (::write(socket_, &what, 1) != 1 || !read_all(socket_, &error, sizeof error)) return EPIPE;
  return error;
}

int Keeper::give_name() noexcept { return ask(wants_name); }
int Keeper::remove() noexcept { return ask(wants_removal); }

void Keeper::end() noexcept {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

}  // namespace espdump
