// A process beside this one that gives a file its name, once this one may not touch names any more.
#pragma once

#include <string>

namespace espdump {

// It reads single bytes that it is sent and nothing else, and ends with whoever started it.
class Keeper {
 public:
  Keeper() = default;
  Keeper(Keeper&& other) noexcept;
  Keeper& operator=(Keeper&& other) noexcept;
  ~Keeper() { end(); }

  [[nodiscard]] bool is_there() const { return socket_ >= 0; }
  // Of the file `part`, which is to be `target`. Removes it where neither of the two below was asked for. 0 or an
  // errno.
  int start(const std::string& part, const std::string& target) noexcept;
  // Each once, and the last thing asked of it that succeeds; 0 or an errno.
  int give_name() noexcept;
  int remove() noexcept;

 private:
  int ask(char what) noexcept;
  void end() noexcept;
  int socket_ = -1;
};

}  // namespace espdump
