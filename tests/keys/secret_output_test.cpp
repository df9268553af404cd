#include "keys/secret_output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "support/catch.hpp"
#include "support/random.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using keys::SecretOutput;

TEST_CASE("secret output: text and keys come out as they went in, however long") {
  test::Random random;
  INFO("ESPDUMP_SEED=" << random.seed());
  SecretArena arena;
  std::string model, written;
  {
    SecretOutput out(&written);
    while (model.size() < 200'000) {
      std::vector<std::uint8_t> key(random.below(300));
      for (auto& byte : key) byte = static_cast<std::uint8_t>(random.below(256));
      out.hex(arena.store(key));
      for (const std::uint8_t byte : key)
        model += "0123456789abcdef"[byte >> 4], model += "0123456789abcdef"[byte & 15];
      const std::string text(random.below(3000), 't');
      out.write(text);
      model += text;
    }
  }
  CHECK(written == model);
}

TEST_CASE("secret output: a descriptor gets everything, and its first error is kept") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  {
    SecretOutput out(ends[1]);
    out.write("some text");
    out.flush();
    char read[32] = {};
    CHECK(::read(ends[0], read, sizeof read) == 9);
    CHECK(std::string{read} == "some text");
    CHECK(out.error() == 0);
  }
  ::close(ends[0]);
  ::close(ends[1]);
  SecretOutput out(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  out.write("lost");
  out.flush();
  CHECK(out.error() == EBADF);
}
