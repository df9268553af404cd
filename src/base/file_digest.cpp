// Fingerprints of files, for reports that name what they are about.
#include "base/file_digest.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace espdump {
namespace {

class OpenFile {
 public:
  // A pipe must not be waited for.
  explicit OpenFile(const std::string& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] bool is_regular() const {
    struct stat status {};
    return fd_ >= 0 && fstat(fd_, &status) == 0 && S_ISREG(status.st_mode);
  }
  // 0 at the end, less on an error.
  [[nodiscard]] ssize_t read(std::vector<std::uint8_t>& into) const {
    ssize_t got = 0;
    do got = ::read(fd_, into.data(), into.size());
    while (got < 0 && errno == EINTR);
    return got;
  }

 private:
  int fd_;
};

}  // namespace

std::optional<std::string> sha256_of_file(const std::string& path) {
  constexpr std::size_t block = 256 * 1024;
  const OpenFile file{path};
  if (!file.is_regular() || sodium_init() < 0) return std::nullopt;
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  std::vector<std::uint8_t> bytes(block);
  ssize_t got = 0;
  while ((got = file.read(bytes)) > 0) crypto_hash_sha256_update(&state, bytes.data(), static_cast<std::size_t>(got));
  if (got < 0) return std::nullopt;
  std::array<std::uint8_t, crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256_final(&state, digest.data());
  std::array<char, 2 * crypto_hash_sha256_BYTES + 1> text{};
  sodium_bin2hex(text.data(), text.size(), digest.data(), digest.size());
  return std::string{text.data()};
}

}  // namespace espdump
