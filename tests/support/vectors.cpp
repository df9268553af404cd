// The vector files of testdata/vectors.
#include "support/vectors.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "support/testdata.hpp"

namespace espdump::test {
namespace {

EspVector parse(const std::string& file, const std::string& line) {
  std::istringstream in{line};
  EspVector vector;
  std::string esn, esp, inner;
  vector.file = file;
  std::getline(in, vector.name, '|');
  std::getline(in, vector.sa, '|');
  std::getline(in, esn, '|');
  std::getline(in, esp, '|');
  std::getline(in, inner);
  if (inner.empty() || (esn != "esn" && esn != "plain")) throw std::runtime_error(file + ": no vector: " + line);
  vector.esn = esn == "esn";
  vector.esp = unhex(esp);
  vector.inner = unhex(inner);
  return vector;
}

}  // namespace

std::vector<EspVector> esp_vectors() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(testdata("vectors")))
    if (entry.path().extension() == ".txt") files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  std::vector<EspVector> vectors;
  for (const std::string& file : files) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);)
      if (!line.empty() && line[0] != '#')
        vectors.push_back(parse(std::filesystem::path{file}.filename().string(), line));
  }
  return vectors;
}

}  // namespace espdump::test
