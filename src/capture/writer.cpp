// The file that packets are written to, in whichever format: made beside its place, and moved there when whole.
#include <espdump/capture.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "capture/written.hpp"

namespace espdump {
namespace {

constexpr std::size_t buffer_size = 256 * 1024;

std::string error_text(int number) { return std::generic_category().message(number); }

// Where a path leads: a file is replaced, not the symbolic link that names it.
std::string real_path(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real{realpath(path.c_str(), nullptr), &std::free};
  return real ? std::string{real.get()} : path;
}

// A device, a pipe, a socket: something that must be written in place.
bool is_special(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

bool is_directory(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

}  // namespace

struct CaptureWriter::State {
  std::string path;      // as given, for messages
  std::string target{};  // the file to be made; empty: written in place
  bool pcapng = false;
  int fd = -1;
  std::vector<std::uint8_t> buffer{};
  std::optional<Error> error{};

  ~State() { discard(); }
  [[nodiscard]] std::string part() const { return target + ".part"; }
  [[nodiscard]] Error failure(const std::string& text) const { return {text, path == "-" ? "standard output" : path}; }

  void flush();
  void finish();
  void discard() noexcept;
};

void CaptureWriter::State::flush() {
  Bytes rest{buffer};
  while (!rest.empty() && !error) {
    const ssize_t written = ::write(fd, rest.data(), rest.size());
    if (written >= 0)
      rest = rest.subspan(static_cast<std::size_t>(written));
    else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      pollfd waiting{fd, POLLOUT, 0};
      poll(&waiting, 1, -1);
    } else if (errno != EINTR)
      error = failure("cannot be written: " + error_text(errno));
  }
  buffer.clear();
}

// The file gets its name only now, when it is whole.
void CaptureWriter::State::finish() {
  flush();
  const int closing = std::exchange(fd, -1);
  if (closing > STDERR_FILENO && ::close(closing) != 0 && !error)
    error = failure("cannot be written: " + error_text(errno));
  if (target.empty()) return;
  if (!error && std::rename(part().c_str(), target.c_str()) != 0)
    error = failure("cannot be created: " + error_text(errno));
  if (error) ::unlink(part().c_str());
}

void CaptureWriter::State::discard() noexcept {
  if (fd < 0) return;
  if (fd > STDERR_FILENO) ::close(fd);
  fd = -1;
  if (!target.empty()) ::unlink(part().c_str());
}

CaptureWriter::CaptureWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
CaptureWriter::CaptureWriter(CaptureWriter&&) noexcept = default;
CaptureWriter& CaptureWriter::operator=(CaptureWriter&&) noexcept = default;
CaptureWriter::~CaptureWriter() = default;

Result<CaptureWriter> CaptureWriter::create(const std::string& path, std::uint32_t link_type) {
  constexpr int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY;
  auto state = std::make_unique<State>();
  state->path = path;
  state->pcapng = path.ends_with(".pcapng");
  if (is_directory(path)) return Unexpected{state->failure("is a directory; name a file in it")};
  if (path == "-") {
    state->fd = STDOUT_FILENO;
  } else if (is_special(path)) {
    state->fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
  } else {
    state->target = real_path(path);
    state->fd = ::open(state->part().c_str(), flags | O_NOFOLLOW, 0666);
  }
  if (state->fd < 0) return Unexpected{state->failure("cannot be created: " + error_text(errno))};
  state->buffer.reserve(buffer_size + capture::most_written);
  state->pcapng ? capture::begin_pcapng(state->buffer, link_type) : capture::begin_pcap(state->buffer, link_type);
  return CaptureWriter{std::move(state)};
}

bool CaptureWriter::keeps_comments() const { return state_->pcapng; }

void CaptureWriter::write(Timestamp time, Bytes packet, std::size_t wire_length, std::string_view comment) {
  State& state = *state_;
  if (state.error || state.fd < 0) return;
  const capture::Written written{time, packet, wire_length, comment};
  state.pcapng ? capture::add_to_pcapng(state.buffer, written) : capture::add_to_pcap(state.buffer, written);
  if (state.buffer.size() >= buffer_size) state.flush();
}

void CaptureWriter::flush() {
  if (state_->fd >= 0) state_->flush();
}

Status CaptureWriter::close() {
  if (state_->fd >= 0) state_->finish();
  if (state_->error) return Unexpected{*state_->error};
  return Nothing{};
}

}  // namespace espdump
