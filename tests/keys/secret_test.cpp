// Guarded memory for keys and key text.
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <espdump/secret.hpp>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "support/catch.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

// A directory of its own for each test, removed at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "espdump-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

std::string text_of(const SecretText& text) { return {text.bytes().begin(), text.bytes().end()}; }

}  // namespace

TEST_CASE("secret: stored bytes come back, also after the arena was moved and sealed") {
  SecretArena arena;
  const auto key = unhex("00112233445566778899aabbccddeeff");
  const Secret secret = arena.store(key);
  SecretArena moved = std::move(arena);
  moved.seal();
  REQUIRE(secret.size() == 16);
  CHECK(std::vector<std::uint8_t>(reveal(secret).begin(), reveal(secret).end()) == key);
}

TEST_CASE("secret: comparison looks at lengths and bytes") {
  SecretArena arena;
  const Secret one = arena.store(unhex("0102")), same = arena.store(unhex("0102"));
  CHECK(same_secret(one, same));
  CHECK_FALSE(same_secret(one, arena.store(unhex("0103"))));
  CHECK_FALSE(same_secret(one, arena.store(unhex("010203"))));
  CHECK(same_secret(Secret{}, arena.store({})));
  CHECK(arena.store({}).empty());
}

TEST_CASE("secret: a hundred thousand keys and one larger than a region find room") {
  SecretArena arena;
  std::vector<Secret> secrets;
  for (std::uint32_t i = 0; i < 100'000; ++i) {
    std::uint8_t key[36] = {};
    write_u32(key, 0, i);
    secrets.push_back(arena.store(key));
  }
  const std::vector<std::uint8_t> large(3'000'000, 0x5a);
  const Secret big = arena.store(large);
  arena.seal();
  bool all = true;
  for (std::uint32_t i = 0; i < secrets.size(); ++i) all = all && read_u32(reveal(secrets[i]), 0) == i;
  CHECK(all);
  CHECK(std::equal(large.begin(), large.end(), reveal(big).begin()));
}

TEST_CASE("secret: a sealed arena cannot be written") {
  const pid_t child = fork();
  if (child == 0) {
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
    std::signal(SIGSEGV, SIG_DFL);
    SecretArena arena;
    Secret handle;
    const MutableBytes key = arena.allocate(16, handle);
    arena.seal();
    key[0] = 1;
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(!(WIFEXITED(status) && WEXITSTATUS(status) == 0));
}

TEST_CASE("secret text: a file is read whole, whatever its size") {
  const TemporaryDirectory directory;
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{65535}, std::size_t{65536}, std::size_t{1'000'000}}) {
    const std::string content(size, 'k');
    std::ofstream(directory.file("keys")) << content;
    const auto text = SecretText::read(directory.file("keys"));
    REQUIRE(text);
    CHECK(text_of(*text) == content);
  }
}

TEST_CASE("secret text: a FIFO and /dev/fd are read to their end") {
  const TemporaryDirectory directory;
  const std::string content(300'000, 'x');
  REQUIRE(mkfifo(directory.file("fifo").c_str(), 0600) == 0);
  std::thread writer([&] { std::ofstream(directory.file("fifo")) << content; });
  const auto text = SecretText::read(directory.file("fifo"));
  writer.join();
  REQUIRE(text);
  CHECK(text_of(*text) == content);

  int ends[2] = {};
  REQUIRE(pipe(ends) == 0);
  REQUIRE(write(ends[1], "abc", 3) == 3);
  close(ends[1]);
  const auto from_fd = SecretText::read("/dev/fd/" + std::to_string(ends[0]));
  close(ends[0]);
  REQUIRE(from_fd);
  CHECK(text_of(*from_fd) == "abc");
}

TEST_CASE("secret text: what cannot be read says why") {
  const TemporaryDirectory directory;
  CHECK(SecretText::read(directory.file("nosuch")).error().text == "no such file");
  CHECK(SecretText::read(directory.file("nosuch")).error().file == directory.file("nosuch"));
  CHECK(SecretText::read(directory.file("")).error().text == "is a directory");
  std::ofstream(directory.file("huge")) << "x";
  std::filesystem::resize_file(directory.file("huge"), (std::uintmax_t{1} << 30) + 1);
  CHECK(SecretText::read(directory.file("huge")).error().text.find("1 GiB") != std::string::npos);
}

TEST_CASE("secret text: moving leaves nothing behind") {
  SecretText text = SecretText::copy(bytes_of("abc"));
  SecretText moved = std::move(text);
  CHECK(text_of(moved) == "abc");
  text = SecretText::copy({});
  CHECK(text.bytes().empty());
  moved = std::move(text);
  CHECK(moved.bytes().empty());
}

TEST_CASE("secret: core dumps can be forbidden") {
  const pid_t child = fork();
  if (child == 0) {
    forbid_core_dumps();
    rlimit limit{};
    getrlimit(RLIMIT_CORE, &limit);
    _exit(limit.rlim_cur == 0 && limit.rlim_max == 0 ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
}
