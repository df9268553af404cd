// A file that gets its name only when it is whole: made beside its place, and moved there.
#pragma once

#include <string>

#include <espdump/result.hpp>

#include "base/keeper.hpp"

namespace espdump {

class AsideFile {
 public:
  // "-" is standard output; devices, pipes and sockets are written in place. A symbolic link stays, and what it names
  // is replaced. Errors name the path as given.
  static Result<AsideFile> create(const std::string& path);
  AsideFile(AsideFile&& other) noexcept;
  AsideFile& operator=(AsideFile&& other) noexcept;
  // What was not closed leaves nothing behind.
  ~AsideFile() { discard(); }

  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
  [[nodiscard]] int descriptor() const { return descriptor_; }
  // About this file.
  [[nodiscard]] Error failure(const std::string& text) const;
  // The same of a write to it that failed with this errno.
  [[nodiscard]] Error write_failure(int number) const;
  // Leaves what its name needs to a process of its own, for this one will not be able to; that sees to it, too, that
  // nothing is left behind where this one is killed. Before there are secrets and threads. Error: there is no process.
  Status entrust();
  // Once all is written: gives it its name. Standard output stays open.
  Status close();
  void discard() noexcept;

 private:
  AsideFile() = default;
  [[nodiscard]] std::string part() const { return target_ + ".part"; }
  // Both: 0 or an errno.
  int give_name() noexcept;
  int remove() noexcept;

  std::string path_;    // as given
  std::string target_;  // the file to be made; empty: written in place
  int descriptor_ = -1;
  Keeper keeper_;
};

}  // namespace espdump
