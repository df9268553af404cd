// Buffered output to a descriptor, with its first error kept.
#include <unistd.h>

#include <espdump/report.hpp>

#include <cerrno>

namespace espdump {

void Output::write(std::string_view text) {
  constexpr std::size_t enough = 64 * 1024;
  if (memory_ != nullptr) {
    memory_->append(text);
    return;
  }
  if (error_ != 0) return;
  buffer_.append(text);
  if (buffer_.size() >= enough) flush();
}

void Output::flush() {
  std::string_view left = buffer_;
  while (memory_ == nullptr && error_ == 0 && !left.empty()) {
    const ssize_t written = ::write(descriptor_, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0)
      error_ = errno;
    else
      left.remove_prefix(static_cast<std::size_t>(written));
  }
  buffer_.clear();
}

}  // namespace espdump
