// Feeds every file under the given paths to a fuzzer once: the corpus as a test, with any compiler.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_under(const fs::path& path) {
  if (!fs::is_directory(path)) return {path};
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(path))
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

int main(int count, char** arguments) {
  const std::vector<std::string> paths(arguments + 1, arguments + count);
  std::size_t replayed = 0;
  for (const auto& path : paths) {
    for (const auto& file : files_under(path)) {
      std::ifstream in(file, std::ios::binary);
      if (!in) return std::fprintf(stderr, "%s: cannot be read\n", file.c_str()), 1;
      const std::vector<char> text{std::istreambuf_iterator<char>(in), {}};
      std::vector<std::uint8_t> bytes(text.begin(), text.end());
      bytes.shrink_to_fit();  // so that a sanitizer sees a read behind the end
      LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
      ++replayed;
    }
  }
  std::printf("%zu inputs replayed\n", replayed);
  return replayed == 0 ? 1 : 0;
}
