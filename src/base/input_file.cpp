#include "base/input_file.hpp"

#include <fcntl.h>
#include <sys/resource.h>

#include <cerrno>
#include <deque>
#include <map>
#include <mutex>
#include <utility>

namespace espdump {
namespace {

// A descriptor, or an errno that is negative.
int open_now(const std::string& path, Opening opening) {
  const int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | (opening == Opening::never_waits ? O_NONBLOCK : 0);
  int opened = -1;
  do opened = ::open(path.c_str(), flags);
  while (opened < 0 && errno == EINTR);  // opening a FIFO waits for its writer
  return opened < 0 ? -errno : opened;
}

// As many as this user may have at all: the usual limit is that of programs that use select(2), and this one does not.
void allow_many_files() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// Of the process, for a sandbox is.
class Ahead {
 public:
  void add(const std::string& path, Opening opening, int result) {
    const std::lock_guard lock(mutex_);
    opened_[{path, opening}].push_back(result);
  }
  bool take(const std::string& path, Opening opening, int& result) {
    const std::lock_guard lock(mutex_);
    const auto found = opened_.find({path, opening});
    if (found == opened_.end()) return false;
    result = found->second.front();
    found->second.pop_front();
    if (found->second.empty()) opened_.erase(found);
    return true;
  }

 private:
  std::mutex mutex_;
  std::map<std::pair<std::string, Opening>, std::deque<int>> opened_;
};

Ahead& ahead() {
  static Ahead once;
  return once;
}

}  // namespace

int open_input(const std::string& path, Opening opening) {
  int result = -1;
  if (!ahead().take(path, opening, result)) result = open_now(path, opening);
  if (result >= 0) return result;
  errno = -result;
  return -1;
}

void open_ahead(const std::vector<std::string>& paths, Opening opening) {
  allow_many_files();
  for (const std::string& path : paths)
    if (path != "-") ahead().add(path, opening, open_now(path, opening));
}

}  // namespace espdump
