// Fingerprints of files, for reports that name what they are about.
#include "base/file_digest.hpp"

#include <openssl/evp.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/base64.hpp"
#include "base/input_file.hpp"

namespace espdump {
namespace {

class OpenFile {
 public:
  // A pipe must not be waited for.
  explicit OpenFile(const std::string& path) : fd_(open_input(path, Opening::never_waits)) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  // A regular file of at most so many bytes.
  [[nodiscard]] bool is_regular(std::uint64_t most) const {
    struct stat status {};
    return fd_ >= 0 && fstat(fd_, &status) == 0 && S_ISREG(status.st_mode) &&
           static_cast<std::uint64_t>(status.st_size) <= most;
  }
  // 0 at the end, less on an error.
  [[nodiscard]] ssize_t read(MutableBytes into, std::uint64_t offset) const {
    ssize_t got = 0;
    do got = ::pread(fd_, into.data(), into.size(), static_cast<off_t>(offset));
    while (got < 0 && errno == EINTR);
    return got;
  }

 private:
  int fd_;
};

using Digest = std::array<std::uint8_t, 32>;

// OpenSSL's, which uses what the processor has for it: captures are large.
class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    is_ready_ = context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1;
  }
  [[nodiscard]] bool is_ready() const { return is_ready_; }
  void add(Bytes bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }
  // Of these alone, and of nothing that was added.
  Digest of(Bytes bytes) {
    EVP_DigestInit_ex(context_.get(), nullptr, nullptr);
    add(bytes);
    return end();
  }
  Digest end() {
    Digest out{};
    EVP_DigestFinal_ex(context_.get(), out.data(), nullptr);
    return out;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
  bool is_ready_ = false;
};

std::optional<std::string> sha256_of(const OpenFile& file, std::uint64_t begin, std::uint64_t end) {
  constexpr std::uint64_t block = 256 * 1024;
  Sha256 hash;
  if (!hash.is_ready()) return std::nullopt;
  std::vector<std::uint8_t> bytes(block);
  for (std::uint64_t at = begin; at < end;) {
    const auto wanted = static_cast<std::size_t>(std::min(block, end - at));
    const ssize_t got = file.read(MutableBytes{bytes}.first(wanted), at);
    if (got < 0) return std::nullopt;
    if (got == 0) break;
    hash.add(Bytes{bytes}.first(static_cast<std::size_t>(got)));
    at += static_cast<std::uint64_t>(got);
  }
  const Digest digest = hash.end();
  std::array<char, 2 * sizeof(Digest) + 1> text{};
  sodium_bin2hex(text.data(), text.size(), digest.data(), digest.size());
  return std::string{text.data()};
}

}  // namespace

std::uint64_t lasting_hash(Bytes bytes) noexcept {
  thread_local Sha256 hash;
  const Digest digest = hash.of(bytes);
  return read_u64(digest, 0);
}

std::optional<std::string> sha256_of_file(const std::string& path, std::uint64_t most) {
  const OpenFile file{path};
  return file.is_regular(most) ? sha256_of(file, 0, UINT64_MAX) : std::nullopt;
}

std::optional<std::string> sha256_of_range(const std::string& path, std::uint64_t begin, std::uint64_t end) {
  const OpenFile file{path};
  return file.is_regular(UINT64_MAX) ? sha256_of(file, begin, end) : std::nullopt;
}

std::string sha256_base64(std::string_view text) {
  Sha256 hash;
  if (!hash.is_ready()) return {};
  hash.add({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});  // NOLINT: bytes are bytes
  return base64(hash.end());
}

}  // namespace espdump
