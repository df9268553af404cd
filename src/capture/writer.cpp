// pcap files with nanoseconds and link type RAW, in little-endian order whatever the machine.
#include <espdump/capture.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <limits>
#include <system_error>
#include <utility>

namespace espdump {
namespace {

constexpr std::size_t buffer_size = 256 * 1024;
constexpr std::uint32_t snap_length = 262144;

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
  int fd = -1;
  std::vector<std::uint8_t> buffer{};
  std::optional<Error> error{};

  ~State() { discard(); }
  [[nodiscard]] std::string part() const { return target + ".part"; }
  [[nodiscard]] Error failure(const std::string& text) const { return {text, path == "-" ? "standard output" : path}; }

  template <std::size_t N>
  void append(const std::uint32_t (&words)[N]) {
    std::array<std::uint8_t, N * 4> bytes;
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(words[i / 4] >> i % 4 * 8);
    append(Bytes{bytes});
  }
  void append(Bytes bytes) { buffer.insert(buffer.end(), bytes.begin(), bytes.end()); }
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

Result<CaptureWriter> CaptureWriter::create(const std::string& path) {
  constexpr int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY;
  auto state = std::make_unique<State>();
  state->path = path;
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
  state->buffer.reserve(buffer_size + snap_length + 64);
  constexpr std::uint32_t nanosecond_magic = 0xa1b23c4d, version_2_4 = 2 | 4 << 16;
  state->append({nanosecond_magic, version_2_4, 0, 0, snap_length, link_type_raw});
  return CaptureWriter{std::move(state)};
}

void CaptureWriter::write(Timestamp time, Bytes packet, std::size_t wire_length) {
  State& state = *state_;
  if (state.error || state.fd < 0) return;
  constexpr std::int64_t billion = 1'000'000'000, last_second = std::numeric_limits<std::uint32_t>::max();
  const std::int64_t nanoseconds = std::max<std::int64_t>(time.nanoseconds, 0);
  const Bytes kept = packet.first(std::min<std::size_t>(packet.size(), snap_length));
  state.append({static_cast<std::uint32_t>(std::min(nanoseconds / billion, last_second)),
                static_cast<std::uint32_t>(nanoseconds % billion), static_cast<std::uint32_t>(kept.size()),
                static_cast<std::uint32_t>(std::max(wire_length, packet.size()))});
  state.append(kept);
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
