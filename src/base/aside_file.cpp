#include "base/aside_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <system_error>
#include <utility>

namespace espdump {
namespace {

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

Result<AsideFile> AsideFile::create(const std::string& path) {
  AsideFile out;
  out.path_ = path;
  if (is_directory(path)) return Unexpected{out.failure("is a directory; name a file in it")};
  if (path == "-") {
    out.descriptor_ = STDOUT_FILENO;
  } else if (is_special(path)) {
    out.descriptor_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
  } else {
    out.target_ = real_path(path);
    out.descriptor_ =
        ::open(out.part().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW, 0666);
  }
  if (out.descriptor_ < 0) return Unexpected{out.failure("cannot be created: " + error_text(errno))};
  return out;
}

AsideFile::AsideFile(AsideFile&& other) noexcept
    : path_(std::move(other.path_)),
      target_(std::move(other.target_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      keeper_(std::move(other.keeper_)) {}

AsideFile& AsideFile::operator=(AsideFile&& other) noexcept {
  if (this == &other) return *this;
  discard();
  path_ = std::move(other.path_);
  target_ = std::move(other.target_);
  descriptor_ = std::exchange(other.descriptor_, -1);
  keeper_ = std::move(other.keeper_);
  return *this;
}

Status AsideFile::entrust() {
  if (target_.empty() || keeper_.is_there()) return Nothing{};
  const int error = keeper_.start(part(), target_);
  if (error == 0) return Nothing{};
  return Unexpected{failure("cannot be seen to by a process of its own: " + error_text(error))};
}

int AsideFile::give_name() noexcept {
  if (keeper_.is_there()) return keeper_.give_name();
  return std::rename(part().c_str(), target_.c_str()) == 0 ? 0 : errno;
}

int AsideFile::remove() noexcept {
  if (keeper_.is_there()) return keeper_.remove();
  return ::unlink(part().c_str()) == 0 ? 0 : errno;
}

Error AsideFile::failure(const std::string& text) const { return {text, path_ == "-" ? "standard output" : path_}; }

Error AsideFile::write_failure(int number) const { return failure("cannot be written: " + error_text(number)); }

Status AsideFile::close() {
  const int closing = std::exchange(descriptor_, -1);
  int trouble = 0;
  if (closing > STDERR_FILENO && ::close(closing) != 0) trouble = errno;
  if (trouble != 0) {
    if (!target_.empty()) remove();
    return Unexpected{write_failure(trouble)};
  }
  if (target_.empty()) return Nothing{};
  const int refused = give_name();
  if (refused == 0) return Nothing{};
  remove();
  return Unexpected{failure("cannot be created: " + error_text(refused))};
}

void AsideFile::discard() noexcept {
  if (descriptor_ < 0) return;
  if (descriptor_ > STDERR_FILENO) ::close(descriptor_);
  descriptor_ = -1;
  if (!target_.empty()) remove();
}

}  // namespace espdump
