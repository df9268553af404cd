// The text of a key file, read straight into locked and guarded memory.
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <espdump/assert.hpp>
#include <espdump/secret.hpp>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/input_file.hpp"

namespace espdump {
namespace {

constexpr std::size_t first_capacity = 64 * 1024;
constexpr std::size_t limit = std::size_t{1} << 30;

class Descriptor {
 public:
  explicit Descriptor(const std::string& path)
      : owned_(path != "-"), number_(owned_ ? open_input(path) : STDIN_FILENO) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (owned_ && number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int number() const { return number_; }

 private:
  bool owned_;
  int number_;
};

std::string reason(int error) {
  if (error == ENOENT || error == ENOTDIR) return "no such file";
  if (error == EACCES || error == EPERM) return "permission denied";
  if (error == EISDIR) return "is a directory";
  return "cannot be read: " + std::generic_category().message(error);
}

ssize_t read_some(int descriptor, MutableBytes into) {
  ssize_t count = 0;
  do count = ::read(descriptor, into.data(), into.size());
  while (count < 0 && errno == EINTR);
  return count;
}

std::uint8_t* allocate(std::size_t size) { return static_cast<std::uint8_t*>(sodium_malloc(size)); }

constexpr const char* too_large = "is larger than 1 GiB, which no key file is";
constexpr const char* no_memory = "not enough memory to read it";

}  // namespace

SecretText::SecretText() { ESPDUMP_ASSERT(sodium_init() >= 0); }

SecretText::SecretText(SecretText&& other) noexcept
    : bytes_(std::exchange(other.bytes_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)),
      others_can_read_(other.others_can_read_) {}

SecretText& SecretText::operator=(SecretText&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  std::swap(size_, other.size_);
  std::swap(capacity_, other.capacity_);
  std::swap(others_can_read_, other.others_can_read_);
  return *this;
}

SecretText::~SecretText() { sodium_free(bytes_); }  // wipes

Bytes SecretText::bytes() const { return {bytes_, size_}; }

SecretText SecretText::copy(Bytes bytes) {
  SecretText text;
  text.capacity_ = std::max<std::size_t>(bytes.size(), 1);
  text.bytes_ = allocate(text.capacity_);
  ESPDUMP_ASSERT(text.bytes_ != nullptr);
  std::copy(bytes.begin(), bytes.end(), text.bytes_);
  text.size_ = bytes.size();
  return text;
}

Result<SecretText> SecretText::read(const std::string& path) {
  const Descriptor file(path);
  if (file.number() < 0) return fail(reason(errno), path);
  struct stat status = {};
  if (::fstat(file.number(), &status) != 0) return fail(reason(errno), path);
  if (S_ISDIR(status.st_mode)) return fail("is a directory", path);
  const bool sized = S_ISREG(status.st_mode) && status.st_size > 0;
  if (sized && static_cast<std::uint64_t>(status.st_size) > limit) return fail(too_large, path);

  SecretText text;
  text.others_can_read_ = S_ISREG(status.st_mode) && (status.st_mode & S_IROTH) != 0;
  // One byte more than the file says it has, so that its end is met without growing.
  text.capacity_ = std::max(first_capacity, sized ? static_cast<std::size_t>(status.st_size) + 1 : 0);
  text.bytes_ = allocate(text.capacity_);
  if (text.bytes_ == nullptr) return fail(no_memory, path);
  while (true) {
    if (text.size_ == text.capacity_) {
      if (text.size_ > limit) return fail(too_large, path);
      std::uint8_t* larger = allocate(text.capacity_ * 2);
      if (larger == nullptr) return fail(no_memory, path);
      std::copy(text.bytes_, text.bytes_ + text.size_, larger);
      sodium_free(std::exchange(text.bytes_, larger));
      text.capacity_ *= 2;
    }
    const ssize_t count = read_some(file.number(), {text.bytes_ + text.size_, text.capacity_ - text.size_});
    if (count < 0) return fail(reason(errno), path);
    if (count == 0) break;
    text.size_ += static_cast<std::size_t>(count);
  }
  if (text.size_ > limit) return fail(too_large, path);
  return text;
}

}  // namespace espdump
