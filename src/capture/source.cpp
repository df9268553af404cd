// Blocks of 256 KiB by read(2): mapping the file would be no faster, would count the whole file as memory, and
// a file truncated meanwhile would end the process.
#include "capture/source.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/input_file.hpp"
#include "base/interruption.hpp"
#include "capture/decompress.hpp"

namespace espdump::capture {
namespace {

constexpr std::size_t block_size = 256 * 1024;

std::string error_text(int number) { return std::generic_category().message(number); }

std::string why_not_opened(int number) {
  switch (number) {
    case ENOENT: return "no such file";
    case EACCES: return "permission denied: it cannot be read by this user";
    case EMFILE: return "too many open files; raise the limit with ulimit -n, or join captures with mergecap first";
    default: return "cannot be opened: " + error_text(number);
  }
}

}  // namespace

Result<Source> Source::open(const std::string& path) {
  Source source;
  source.name_ = path;
  source.fd_ = path == "-" ? STDIN_FILENO : open_input(path);
  if (source.fd_ < 0) return source.failure(why_not_opened(errno));
  struct stat status {};
  if (fstat(source.fd_, &status) != 0) return source.failure(why_not_opened(errno));
  if (S_ISDIR(status.st_mode)) return source.failure("is a directory; name the capture files in it");
  source.stream_ = !S_ISREG(status.st_mode);
  if (!source.stream_) source.size_ = static_cast<std::uint64_t>(status.st_size);
  if (!source.stream_) posix_fadvise(source.fd_, 0, 0, POSIX_FADV_SEQUENTIAL);
  source.make_room(block_size);
  return source;
}

Source Source::over(Bytes bytes, std::string name) {
  Source source;
  source.name_ = std::move(name);
  source.bytes_ = bytes;
  source.size_ = bytes.size();
  source.ended_ = true;
  return source;
}

Source Source::unpacked(std::unique_ptr<Unpacker> unpacker) {
  Source source;
  source.name_ = unpacker->packed().name();
  source.stream_ = unpacker->packed().is_stream();
  source.unpacker_ = std::move(unpacker);
  source.make_room(block_size);
  return source;
}

Source::Source() = default;

Source::Source(Source&& other) noexcept { *this = std::move(other); }

Source& Source::operator=(Source&& other) noexcept {
  if (this == &other) return *this;
  close();
  name_ = std::move(other.name_);
  fd_ = std::exchange(other.fd_, -1);
  unpacker_ = std::move(other.unpacker_);
  size_ = other.size_;
  stream_ = other.stream_;
  ended_ = other.ended_;
  read_error_ = other.read_error_;
  buffer_ = std::move(other.buffer_);
  capacity_ = std::exchange(other.capacity_, 0);
  bytes_ = std::exchange(other.bytes_, Bytes{});
  begin_ = std::exchange(other.begin_, 0);
  before_ = other.before_;
  stop_ = other.stop_;
  return *this;
}

Source::~Source() { close(); }

void Source::close() noexcept {
  if (fd_ > STDIN_FILENO) ::close(fd_);
  fd_ = -1;
}

void Source::jump(std::uint64_t offset) {
  if (offset >= before_ && offset - before_ <= bytes_.size()) {
    begin_ = static_cast<std::size_t>(offset - before_);
    return;
  }
  if (fd_ < 0 || ::lseek(fd_, static_cast<off_t>(offset), SEEK_SET) < 0) {
    ended_ = true;
    begin_ = bytes_.size();
    return;
  }
  bytes_ = {buffer_.get(), 0};
  begin_ = 0;
  before_ = offset;
  ended_ = false;
}

void Source::forget() {
  if (unpacker_) unpacker_->packed().forget();
  if (buffer_) wipe({buffer_.get(), capacity_});
  ended_ = true;
  bytes_ = {};
  begin_ = 0;
}

bool Source::fetch(std::size_t size) {
  while (here().size() < size) {
    if (ended()) return false;
    if (begin_ + size > capacity_ || here().empty()) make_room(size);
    if (!read_once()) return false;
  }
  return true;
}

// Moves the unread bytes to the front of a buffer that has room for `size`.
void Source::make_room(std::size_t size) {
  const Bytes rest = here();
  if (size > capacity_) {
    std::size_t capacity = std::max(capacity_, block_size);
    while (capacity < size) capacity *= 2;
    std::unique_ptr<std::uint8_t[]> larger{new std::uint8_t[capacity]};  // not zeroed: a small file touches little
    std::copy(rest.begin(), rest.end(), larger.get());
    buffer_ = std::move(larger);
    capacity_ = capacity;
  } else {
    std::copy(rest.begin(), rest.end(), buffer_.get());
  }
  before_ += begin_;
  begin_ = 0;
  bytes_ = {buffer_.get(), rest.size()};
}

// One successful read, however short: who waits for more must first see what is here.
bool Source::read_once() {
  const MutableBytes room{buffer_.get() + bytes_.size(), capacity_ - bytes_.size()};
  const std::size_t got = unpacker_ ? unpacker_->read(room) : read_file(room);
  bytes_ = {buffer_.get(), bytes_.size() + got};
  ended_ = got == 0;
  return !ended_;
}

// Until there is something to read, or its end. False: nobody wants more of it.
bool Source::wait_for_stream() const {
  std::array<pollfd, 2> waiting{pollfd{fd_, POLLIN, 0}, pollfd{interruption_descriptor(), POLLIN, 0}};
  while (poll(waiting.data(), waiting.size(), -1) < 0 && errno == EINTR) {
  }
  return (waiting[1].revents & POLLIN) == 0;
}

std::size_t Source::read_file(MutableBytes room) {
  for (;;) {
    if (stream_ && !wait_for_stream()) return 0;
    const ssize_t got = ::read(fd_, room.data(), room.size());
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK) continue;
    read_error_ = errno;
    return 0;
  }
}

Unexpected<Error> Source::failure(std::string text) const {
  return fail(std::move(text), name_ == "-" ? "standard input" : name_);
}

// Of what was unpacked nobody has a file to look into.
ReadProgress Source::progress() const {
  return unpacker_ ? unpacker_->packed().progress() : ReadProgress{offset(), size_};
}

std::string Source::place() const { return fmt::format("{} {}", unpacker_ ? "unpacked byte" : "byte", offset()); }

std::optional<Error> Source::trouble() const {
  if (unpacker_) return unpacker_->error();
  if (read_error_ == 0) return std::nullopt;
  return failure(fmt::format("cannot be read at byte {}: {}", offset(), error_text(read_error_))).error;
}

std::optional<Error> Source::cut(std::size_t wanted) const {
  constexpr auto rest = "what was read is reported";
  if (const auto why = trouble()) return failure(fmt::format("{}; {}", why->text, rest)).error;
  if (here().empty()) return std::nullopt;
  return failure(fmt::format("ends in the middle of a record at {}: {} of {} bytes are there; {}", place(),
                             here().size(), wanted, rest))
      .error;
}

Unexpected<Error> Source::cut_header(std::size_t wanted) const {
  if (const auto why = trouble()) return {*why};
  return failure(fmt::format("ends in the middle of its file header: {} of {} bytes are there", here().size(), wanted));
}

Error Source::damaged(const std::string& claim) const {
  return failure(fmt::format("record at {} {}: the file is damaged from here on; what was read is reported", place(),
                             claim))
      .error;
}

}  // namespace espdump::capture
