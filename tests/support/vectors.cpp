// The vector files of testdata/vectors.
#include "support/vectors.hpp"

#include <openssl/evp.h>
#include <openssl/provider.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <stdexcept>

#include "crypto/gcrypt.hpp"
#include "crypto/nettle.hpp"
#include "support/testdata.hpp"

namespace espdump::test {
namespace {

struct Line {
  std::string file;
  std::vector<std::string> fields;
  [[nodiscard]] bool is_part() const { return fields[0] == "cipher" || fields[0] == "mac" || fields[0] == "aead"; }
  [[nodiscard]] std::string algorithms() const {
    return is_part() ? fields.at(2) + " 0x" + fields.at(3) : fields.at(1);
  }
};

Line split(const std::string& file, const std::string& text) {
  Line line{file, {}};
  std::istringstream in{text + "|"};
  for (std::string field; std::getline(in, field, '|');) line.fields.push_back(field);
  if (line.fields.size() < 5) throw std::runtime_error(file + ": no vector: " + text);
  return line;
}

std::vector<Line> all_lines(const std::string& directory) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(testdata(directory)))
    if (entry.path().extension() == ".txt") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<Line> lines;
  for (const auto& file : files) {
    std::ifstream in(file);
    for (std::string text; std::getline(in, text);)
      if (!text.empty() && text[0] != '#') lines.push_back(split(file.filename().string(), text));
  }
  return lines;
}

std::vector<Line> usable_lines() {
  std::vector<Line> lines = all_lines("vectors");
  std::erase_if(lines, [](const Line& line) { return !has_library_for(line.algorithms()); });
  return lines;
}

bool is_esn(const std::string& word) {
  if (word != "esn" && word != "plain") throw std::runtime_error("neither esn nor plain: " + word);
  return word == "esn";
}

// In a context of its own, so that the test program's other algorithms stay as they are.
bool has_legacy_provider() {
  static const bool found = [] {
    OSSL_LIB_CTX* context = OSSL_LIB_CTX_new();
    OSSL_PROVIDER* provider = OSSL_PROVIDER_load(context, "legacy");
    if (provider != nullptr) OSSL_PROVIDER_unload(provider);
    OSSL_LIB_CTX_free(context);
    return provider != nullptr;
  }();
  return found;
}

EspVector esp_vector(const Line& line) {
  if (line.fields.size() != 5) throw std::runtime_error(line.file + ": no vector: " + line.fields[0]);
  return {
      line.file, line.fields[0], line.fields[1], is_esn(line.fields[2]), unhex(line.fields[3]), unhex(line.fields[4])};
}

}  // namespace

bool has_library_for(std::string_view text) {
  static const std::regex twofish_192(R"(\(twofish\) 0x[[:xdigit:]]{48}\b)");
  if (std::regex_search(text.begin(), text.end(), twofish_192)) return !nettle::version().empty();
  const auto names = [text](std::string_view name) { return text.find(name) != std::string_view::npos; };
  if (names("(serpent)") || names("(twofish)")) return !gcrypt::version().empty();
  if (names("(des)") || names("(blowfish)") || names("(cast5)") || names("(rmd160)")) return has_legacy_provider();
  return true;
}

std::vector<EspVector> esp_vectors() {
  std::vector<EspVector> vectors;
  for (const Line& line : usable_lines())
    if (!line.is_part()) vectors.push_back(esp_vector(line));
  return vectors;
}

std::vector<PartVector> part_vectors(std::string_view part) {
  std::vector<PartVector> vectors;
  for (const Line& line : usable_lines()) {
    if (line.fields[0] != part) continue;
    PartVector& vector = vectors.emplace_back();
    vector = {line.file, line.fields[1], line.fields[2], line.fields[3], {}};
    for (std::size_t i = 4; i < line.fields.size(); ++i) vector.fields.push_back(unhex(line.fields[i]));
  }
  return vectors;
}

std::vector<AhVector> ah_vectors() {
  std::vector<AhVector> vectors;
  for (const Line& line : all_lines("vectors/ah")) {
    const auto& field = line.fields;
    if (field.size() != 6) throw std::runtime_error(line.file + ": no vector: " + field[0]);
    vectors.push_back({line.file, field[0], field[1], field[2], field[3], is_esn(field[4]), unhex(field[5])});
  }
  return vectors;
}

}  // namespace espdump::test
