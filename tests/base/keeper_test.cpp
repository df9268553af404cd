#include "base/keeper.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "base/aside_file.hpp"
#include "support/catch.hpp"

using namespace espdump;

namespace {

class Folder {
 public:
  Folder() { REQUIRE(mkdtemp(path_.data()) != nullptr); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    for (const char* name : {"a", "a.part", "b", "b.part"}) unlink((*this / name).c_str());
    rmdir(path_.c_str());
  }
  std::string operator/(const char* name) const { return path_ + "/" + name; }

 private:
  std::string path_ = "/tmp/espdump-keeper-XXXXXX";
};

bool is_there(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

void make(const std::string& path) { close(open(path.c_str(), O_WRONLY | O_CREAT, 0600)); }

// What another process does shows a little later.
bool vanishes(const std::string& path) {
  for (int i = 0; i < 500 && is_there(path); ++i) std::this_thread::sleep_for(std::chrono::milliseconds{10});
  return !is_there(path);
}

}  // namespace

TEST_CASE("keeper: gives a file its name, or removes it") {
  const Folder folder;
  make(folder / "a.part");
  make(folder / "b.part");
  Keeper a, b;
  REQUIRE(a.start(folder / "a.part", folder / "a") == 0);
  REQUIRE(b.start(folder / "b.part", folder / "b") == 0);
  CHECK(a.give_name() == 0);
  CHECK(b.remove() == 0);
  CHECK(is_there(folder / "a"));
  for (const char* name : {"a.part", "b", "b.part"}) CHECK_FALSE(is_there(folder / name));
}

TEST_CASE("keeper: a name that cannot be given is an error, and removing still works") {
  const Folder folder;
  make(folder / "a.part");
  Keeper keeper;
  REQUIRE(keeper.start(folder / "a.part", folder / "no such folder/a") == 0);
  CHECK(keeper.give_name() == ENOENT);
  CHECK(is_there(folder / "a.part"));
  CHECK(keeper.remove() == 0);
  CHECK_FALSE(is_there(folder / "a.part"));
}

TEST_CASE("keeper: whoever is killed leaves nothing behind") {
  const Folder folder;
  const pid_t child = fork();
  if (child == 0) {
    auto file = AsideFile::create(folder / "a");
    if (!file || !file->entrust()) _exit(1);
    _exit(write(file->descriptor(), "half", 4) == 4 ? 0 : 1);  // and no destructor
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(vanishes(folder / "a.part"));
  CHECK_FALSE(is_there(folder / "a"));
}

TEST_CASE("keeper: a file that is closed has its name, one that is given up has none") {
  const Folder folder;
  auto file = AsideFile::create(folder / "a");
  REQUIRE(file);
  REQUIRE(file->entrust());
  CHECK(file->close());
  CHECK(is_there(folder / "a"));
  auto other = AsideFile::create(folder / "b");
  REQUIRE(other);
  REQUIRE(other->entrust());
  AsideFile moved = std::move(*other);
  moved.discard();
  CHECK_FALSE(is_there(folder / "b.part"));
  CHECK_FALSE(is_there(folder / "b"));
}
