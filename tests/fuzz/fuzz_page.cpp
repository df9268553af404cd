// Any bytes as frames, each behind its length in two bytes, and what is written of them for other programs: every line
// of JSON and all data of the page must parse, and nothing may get out of its place.
#include <rapidjson/document.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz_keys.hpp"
#include "fuzz_run.hpp"
#include "page/page.hpp"

using namespace espdump;

namespace {

void must_parse(std::string_view json) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseValidateEncodingFlag>(json.data(), json.size());
  ESPDUMP_ASSERT(!document.HasParseError());
}

void check_lines(std::string_view lines) {
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    ESPDUMP_ASSERT(end != std::string_view::npos);
    must_parse(lines.substr(0, end));
    lines.remove_prefix(end + 1);
  }
}

// Of a page: its elements of data, and that there is no other script than its own.
void check_page(std::string_view page) {
  constexpr std::string_view opening = "<script", data = " type=\"application/json\" id=\"", closing = "</script>";
  std::size_t programs = 0;
  for (std::size_t at = page.find(opening); at != std::string_view::npos; at = page.find(opening, at)) {
    const std::size_t begin = page.find('>', at) + 1, end = page.find(closing, at);
    ESPDUMP_ASSERT(begin != 0 && end != std::string_view::npos && begin <= end);
    if (page.substr(at + opening.size()).starts_with(data))
      check_lines(page.substr(begin + 1, end - begin - 1));
    else
      ++programs;
    at = end;
  }
  ESPDUMP_ASSERT(programs == 1);
}

std::string page_text(const fuzz::Run& run, Page& page) {
  std::string out;
  Output output{&out};
  page.write(run.decoder(), run.conclusions(), run.log(), run.summary(), output);
  output.flush();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Keystore keys = fuzz::sealed_store();
  fuzz::Run run{keys};
  Page page{{}, {}};
  ByteReader in{Bytes{data, size}};
  for (int frames = 0; frames < 16 && in.remaining() > 2; ++frames) {
    const std::uint16_t length = in.u16();
    run.frame(in.take(std::min<std::size_t>(length & 0x7fff, in.remaining())), (length & 0x8000) != 0 ? 7 : 0);
    page.packet(run.packet());
  }
  run.finish();
  check_lines(run.json());
  check_page(page_text(run, page));
  return 0;
}
