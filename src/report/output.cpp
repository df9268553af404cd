// Buffered output to a descriptor, with its first error kept.
#include <espdump/report.hpp>

#include "base/write_all.hpp"

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
  if (memory_ == nullptr && error_ == 0) error_ = write_all(descriptor_, buffer_);
  buffer_.clear();
}

}  // namespace espdump
