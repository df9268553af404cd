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

using Fields = std::vector<std::string>;

// What stands between the bars of each line of each file, behind the file's name.
std::vector<Fields> read_fields(const std::string& directory, std::size_t fields) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(testdata(directory)))
    if (entry.path().extension() == ".txt") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<Fields> out;
  for (const std::filesystem::path& file : files) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
      if (line.empty() || line[0] == '#') continue;
      Fields row{file.filename().string()};
      std::istringstream rest{line};
      for (std::string field; std::getline(rest, field, '|');) row.push_back(field);
      if (row.size() != fields + 1) throw std::runtime_error(row[0] + ": no vector: " + line);
      out.push_back(std::move(row));
    }
  }
  return out;
}

bool is_esn(const std::string& word) {
  if (word != "esn" && word != "plain") throw std::runtime_error("neither esn nor plain: " + word);
  return word == "esn";
}

}  // namespace

std::vector<EspVector> esp_vectors() {
  std::vector<EspVector> out;
  for (const Fields& row : read_fields("vectors", 5))
    out.push_back({row[0], row[1], row[2], is_esn(row[3]), unhex(row[4]), unhex(row[5])});
  return out;
}

std::vector<AhVector> ah_vectors() {
  std::vector<AhVector> out;
  for (const Fields& row : read_fields("vectors/ah", 6))
    out.push_back({row[0], row[1], row[2], row[3], row[4], is_esn(row[5]), unhex(row[6])});
  return out;
}

}  // namespace espdump::test
